package browsertest

import (
	_ "embed" // recorder.js
	"time"
)

// recorderScript replaces the browser's notification area, in its parent
// process, by one that keeps what it is given.
//
//go:embed recorder.js
var recorderScript string

// Notification is one that the browser was asked to show. The same tag may
// come again: then this is another entry, and the earlier one is no longer
// Open.
type Notification struct {
	Index  int    `json:"index"` // order of appearance, from 0
	Name   string `json:"name"`  // the browser's own key, a hash of origin and tag: same tag, same name
	Title  string `json:"title"`
	Body   string `json:"body"`
	Icon   string `json:"icon"` // absolute URL
	Origin string `json:"origin"`
	Lang   string `json:"lang"`
	Dir    string `json:"dir"`
	Silent bool   `json:"silent"`

	RequireInteraction bool                 `json:"requireInteraction"`
	Actions            []NotificationAction `json:"actions"`
	Open               bool                 `json:"open"` // still in the notification area
}

// NotificationAction is one button of a notification.
type NotificationAction struct {
	Action string `json:"action"`
	Title  string `json:"title"`
}

// Notifications lists what was shown since the browser's start or the last
// [Firefox.ClearNotifications], oldest first.
func (f *Firefox) Notifications() []Notification {
	f.t.Helper()
	return f.notificationsFrom(0, 0)
}

// WaitNotifications waits until at least n have been shown and returns all.
func (f *Firefox) WaitNotifications(n int) []Notification {
	f.t.Helper()
	shown := f.notificationsFrom(n, stepTimeout)
	if len(shown) < n {
		f.t.Fatalf("firefox showed %d notifications, want %d: %+v", len(shown), n, shown)
	}
	return shown
}

// WaitNotification waits for the n-th notification, counted from 1.
func (f *Firefox) WaitNotification(n int) Notification {
	f.t.Helper()
	return f.WaitNotifications(n)[n-1]
}

// notificationsFrom returns all once there are at least n, or when timeout is
// over. The waiting is done by a promise inside the browser.
func (f *Firefox) notificationsFrom(n int, timeout time.Duration) []Notification {
	f.t.Helper()
	var shown []Notification
	f.chrome(recorderCall+`return recorder.shown(arguments[0], arguments[1])`, &shown, n, timeout.Milliseconds())
	return shown
}

const recorderCall = `const recorder = Cu.getGlobalForObject(Services).recadoNotifications;
`

// ClearNotifications closes what is open, without the page hearing of it, and
// forgets all.
func (f *Firefox) ClearNotifications() {
	f.t.Helper()
	f.chrome(recorderCall+`recorder.clear()`, nil)
}

// ClickNotification clicks n as a person does; action names one of its buttons,
// empty is the notification itself.
func (f *Firefox) ClickNotification(n Notification, action string) {
	f.t.Helper()
	f.chrome(recorderCall+`recorder.click(arguments[0], arguments[1])`, nil, n.Index, action)
}

// CloseNotification dismisses n as a person does.
func (f *Firefox) CloseNotification(n Notification) {
	f.t.Helper()
	f.chrome(recorderCall+`recorder.close(arguments[0])`, nil, n.Index)
}

// ConsoleErrors lists the errors that the browser's console has for scripts and
// documents under the URL prefix, violations of the content security policy
// among them, and forgets all messages.
func (f *Firefox) ConsoleErrors(prefix string) []string {
	f.t.Helper()
	var messages []string
	f.chrome(`
		const all = Services.console.getMessageArray();
		Services.console.reset();
		return all.filter(m => m instanceof Ci.nsIScriptError && !(m.flags & Ci.nsIScriptError.warningFlag)
				&& (m.sourceName || "").startsWith(arguments[0]))
			.map(m => m.category + ": " + m.errorMessage + " (" + m.sourceName + ":" + m.lineNumber + ")");`,
		&messages, prefix)
	return messages
}
