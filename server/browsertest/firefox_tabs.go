package browsertest

import (
	"slices"
	"testing"
)

// NewTab opens an empty tab and makes it the current one; the handle is for
// [Firefox.SwitchTo].
func (f *Firefox) NewTab() string {
	f.t.Helper()
	var tab struct {
		Handle string `json:"handle"`
	}
	f.command("WebDriver:NewWindow", map[string]any{"type": "tab", "focus": true}, &tab)
	f.SwitchTo(tab.Handle)
	return tab.Handle
}

// firefoxTab is one tab; [Tab.Front] has to make it the current one before it is
// used.
type firefoxTab struct {
	*Firefox
	handle string
}

// OpenTab opens an empty tab, which is the current one.
func (f *Firefox) OpenTab() Tab {
	f.t.Helper()
	return firefoxTab{f, f.NewTab()}
}

// Front is [Tab]'s.
func (t firefoxTab) Front() {
	t.t.Helper()
	t.SwitchTo(t.handle)
}

// Bound is [Tab]'s.
func (t firefoxTab) Bound(tb testing.TB) Tab { return firefoxTab{t.For(tb), t.handle} }

// Tabs lists the handles of all open tabs.
func (f *Firefox) Tabs() []string {
	f.t.Helper()
	var handles []string
	f.command("WebDriver:GetWindowHandles", nil, &handles)
	return handles
}

// CloseTab closes the current tab; another one must be open, and is to be
// chosen with [Firefox.SwitchTo].
func (f *Firefox) CloseTab() {
	f.t.Helper()
	f.command("WebDriver:CloseWindow", nil, nil)
}

// SwitchTo makes a tab the current one.
func (f *Firefox) SwitchTo(handle string) {
	f.t.Helper()
	f.command("WebDriver:SwitchToWindow", map[string]any{"handle": handle, "focus": true}, nil)
}

// SwitchToNew waits for a tab that is none of known, makes it the current one
// once its address is loaded, and returns that address.
func (f *Firefox) SwitchToNew(known ...string) string {
	f.t.Helper()
	var fresh string
	waitUntil(f.t, "a new tab is open", func() bool {
		for _, handle := range f.Tabs() {
			if !slices.Contains(known, handle) {
				fresh = handle
			}
		}
		return fresh != ""
	})
	f.SwitchTo(fresh)
	var url string
	f.WaitFor("the new tab has loaded",
		`return location.href !== "about:blank" && document.readyState === "complete" && location.href`, &url)
	return url
}

// CloseAll leaves a single empty tab, so that no page of an earlier test is
// open.
func (f *Firefox) CloseAll() {
	f.t.Helper()
	old := f.Tabs()
	fresh := f.NewTab()
	for _, handle := range old {
		f.SwitchTo(handle)
		f.CloseTab()
	}
	f.SwitchTo(fresh)
}
