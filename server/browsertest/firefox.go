package browsertest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Firefox is a running headless Firefox with a profile of its own. Its methods
// fail the test they are bound to ([Firefox.For]) instead of returning errors,
// and end with that test's context. It is for one test at a time.
type Firefox struct {
	Push *Autopush // where the browser's push subscriptions live

	t   testing.TB
	ctx context.Context
	run *firefoxRun
}

// firefoxRun is what all views of one browser share; process changes with
// [Firefox.Restart].
type firefoxRun struct {
	binary, profile, home string
	process               *firefoxProcess
}

// FirefoxOption changes how a browser is started.
type FirefoxOption func(preferences map[string]any)

// WithPreference sets a preference (about:config) of the profile; value is a
// bool, an int or a string.
func WithPreference(name string, value any) FirefoxOption {
	return func(preferences map[string]any) { preferences[name] = value }
}

// stepTimeout bounds any single wait: generous, because a loaded machine is no
// failure, and never reached when all is well.
const stepTimeout = 30 * time.Second

// StartFirefox starts the browser on a new profile, with push as its push
// service. It ends with t. It costs about two seconds, so share one among
// subtests. Without an installed Firefox t is skipped, or fails with CI=true.
func StartFirefox(t testing.TB, push *Autopush, opts ...FirefoxOption) *Firefox {
	t.Helper()
	run := &firefoxRun{binary: findBrowser(t, "firefox-esr", "firefox")}
	run.profile, run.home = t.TempDir(), t.TempDir()
	preferences := maps.Clone(firefoxPreferences(push.SocketURL()))
	for _, opt := range opts {
		opt(preferences)
	}
	if err := writeProfile(run.profile, preferences); err != nil {
		t.Fatalf("firefox profile: %v", err)
	}
	f := (&Firefox{Push: push, run: run}).For(t)
	f.start()
	t.Cleanup(func() {
		if run.process != nil {
			f.ctx = context.Background() // the test's own context has ended here
			f.Quit()
		}
	})
	return f
}

// For returns the same browser bound to another test, usually a subtest.
func (f *Firefox) For(t testing.TB) *Firefox {
	return &Firefox{Push: f.Push, t: t, ctx: t.Context(), run: f.run}
}

// start launches the browser and then lets it go to its push service: in this
// order, so that no notification of a queued message is shown unrecorded.
func (f *Firefox) start() {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.ctx, stepTimeout)
	defer cancel()
	process, err := launchFirefox(ctx, f.run.binary, f.run.profile, f.run.home)
	if err != nil {
		f.t.Fatalf("start firefox: %v", err)
	}
	f.run.process = process
	f.chrome(recorderScript, nil)
	f.SetPreference("dom.push.connection.enabled", true)
}

// Quit ends the browser; the profile stays for [Firefox.Restart].
func (f *Firefox) Quit() {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.ctx, stepTimeout)
	defer cancel()
	if err := f.run.process.quit(ctx); err != nil {
		f.t.Errorf("quit firefox: %v", err)
	}
	f.run.process = nil
}

// Restart starts the browser again on the same profile, ending it first if it
// still runs. Recorded notifications are forgotten.
func (f *Firefox) Restart() {
	f.t.Helper()
	if f.run.process != nil {
		f.Quit()
	}
	f.start()
}

// command runs one Marionette command and fails the test on an error.
func (f *Firefox) command(name string, params, result any) {
	f.t.Helper()
	if err := f.try(name, params, result); err != nil {
		f.t.Fatalf("firefox: %v", err)
	}
}

func (f *Firefox) try(name string, params, result any) error {
	if f.run.process == nil {
		return fmt.Errorf("%s: the browser is not running", name)
	}
	ctx, cancel := context.WithTimeout(f.ctx, 2*stepTimeout)
	defer cancel()
	return f.run.process.remote.command(ctx, name, params, result)
}

// value unwraps the {"value": …} that most commands answer.
type value[T any] struct {
	Value T `json:"value"`
}

// Navigate loads url in the current tab and waits until it has loaded.
func (f *Firefox) Navigate(url string) {
	f.t.Helper()
	f.command("WebDriver:Navigate", map[string]any{"url": url}, nil)
}

// Refresh reloads the current tab and waits until it has loaded.
func (f *Firefox) Refresh() {
	f.t.Helper()
	f.command("WebDriver:Refresh", nil, nil)
}

// URL is the current tab's address.
func (f *Firefox) URL() string {
	f.t.Helper()
	var v value[string]
	f.command("WebDriver:GetCurrentURL", nil, &v)
	return v.Value
}

// Element is a reference to an element of the current document.
type Element map[string]string

// elementKey is the web element identifier of the WebDriver specification.
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// Find returns the first element that matches the CSS selector; none fails the
// test.
func (f *Firefox) Find(selector string) Element {
	f.t.Helper()
	var v value[Element]
	f.command("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector}, &v)
	return v.Value
}

// Click clicks the first element that matches, as a person does: it must be
// visible and not covered, and the click is a user gesture.
func (f *Firefox) Click(selector string) {
	f.t.Helper()
	f.ClickElement(f.Find(selector))
}

// ClickElement is [Firefox.Click] for an element already found.
func (f *Firefox) ClickElement(e Element) {
	f.t.Helper()
	f.command("WebDriver:ElementClick", map[string]any{"id": e[elementKey]}, nil)
}

// Type replaces an input's text as a person does.
func (f *Firefox) Type(e Element, text string) {
	f.t.Helper()
	f.command("WebDriver:ElementClear", map[string]any{"id": e[elementKey]}, nil)
	f.command("WebDriver:ElementSendKeys", map[string]any{"id": e[elementKey], "text": text}, nil)
}

// Script runs the body of a function in the page, awaits the promise it may
// return and decodes the value into result unless that is nil. arguments[i] are
// args.
func (f *Firefox) Script(script string, result any, args ...any) {
	f.t.Helper()
	if err := f.tryScript(script, result, args...); err != nil {
		f.t.Fatalf("firefox: %v\nin script: %.400s", err, script)
	}
}

func (f *Firefox) tryScript(script string, result any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	params := map[string]any{"script": script, "args": args, "newSandbox": true}
	if result == nil {
		return f.try("WebDriver:ExecuteScript", params, nil)
	}
	return f.try("WebDriver:ExecuteScript", params, &struct {
		Value any `json:"value"`
	}{result})
}

// chrome is Script with the browser's own rights, in its window.
func (f *Firefox) chrome(script string, result any, args ...any) {
	f.t.Helper()
	f.SetContext("chrome")
	err := f.tryScript(script, result, args...)
	f.SetContext("content")
	if err != nil {
		f.t.Fatalf("firefox: %v\nin chrome script: %.400s", err, script)
	}
}

// SetContext chooses where scripts run: "content" (the page, the default) or
// "chrome" (the browser itself).
func (f *Firefox) SetContext(name string) {
	f.t.Helper()
	f.command("Marionette:SetContext", map[string]any{"value": name}, nil)
}

// SetPreference changes a preference of the running browser; value is a bool,
// an int or a string.
func (f *Firefox) SetPreference(name string, value any) {
	f.t.Helper()
	f.chrome(`const [name, value] = arguments;
		({ boolean: Services.prefs.setBoolPref, number: Services.prefs.setIntPref,
		   string: Services.prefs.setStringPref })[typeof value](name, value);`, nil, name, value)
}

// SetPermission gives the current page's origin a permission: name is
// "notifications", state "granted", "denied" or "prompt".
func (f *Firefox) SetPermission(name, state string) {
	f.t.Helper()
	f.command("WebDriver:SetPermission",
		map[string]any{"descriptor": map[string]any{"name": name}, "state": state}, nil)
}

// AnswerPrompt waits for the browser's own question whether the page may show
// notifications and presses Allow or Block.
func (f *Firefox) AnswerPrompt(allow bool) {
	f.t.Helper()
	f.chrome(promptScript, nil, allow, stepTimeout.Milliseconds())
}

// promptScript presses a button of the permission prompt once it is shown.
const promptScript = `
	const [allow, timeout] = arguments, end = Date.now() + timeout;
	return (async () => {
		for (;;) {
			const prompt = window.PopupNotifications.getNotification("web-notifications");
			const panel = window.document.getElementById("web-notifications-notification");
			const button = prompt && panel && (allow ? panel.button : panel.secondaryButton);
			if (button && window.PopupNotifications.isPanelOpen && button.getBoundingClientRect().width) {
				button.click();
				return;
			}
			if (Date.now() > end) throw new Error("no permission prompt was shown");
			await new Promise(r => window.setTimeout(r, 20));
		}
	})();`

// WaitFor waits until the body of a function, run in the page, returns
// something truthy, and decodes that into result unless it is nil. It goes on
// over a navigation.
func (f *Firefox) WaitFor(what, script string, result any, args ...any) {
	f.t.Helper()
	// The step stands in the script itself: a page's content security policy
	// would forbid making a function of a string.
	poll := `const [end, ...args] = arguments, step = async function () { ` + script + ` };
		return (async () => {
			for (;;) {
				const got = await step.apply(null, args);
				if (got || Date.now() > end) return got || null;
				await new Promise(r => setTimeout(r, 20));
			}
		})();`
	end := time.Now().Add(stepTimeout)
	for {
		var got json.RawMessage
		err := f.tryScript(poll, &got, append([]any{end.UnixMilli()}, args...)...)
		if err == nil && len(got) > 0 && string(got) != "null" {
			if result == nil {
				return
			}
			if err = json.Unmarshal(got, result); err == nil {
				return
			}
		}
		// A document that goes away takes its scripts with it: ask the next one.
		var lost *MarionetteError
		if err != nil && (!errors.As(err, &lost) || lost.Code == "invalid argument") {
			f.t.Fatalf("firefox: wait until %s: %v", what, err)
		}
		if time.Now().After(end) || f.ctx.Err() != nil {
			f.t.Fatalf("firefox: waited in vain until %s: %v\nthe page %s says:\n%s", what, err, f.URL(), f.Text())
		}
	}
}

// Text is what the page shows as text.
func (f *Firefox) Text() string {
	f.t.Helper()
	var text string
	f.Script(`return document.body ? document.body.innerText : ""`, &text)
	return text
}

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
	f.poll("a new tab is open", func() bool {
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

// poll asks done until it is true: only for what has no event to wait for.
func (f *Firefox) poll(what string, done func() bool) {
	f.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(stepTimeout)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			f.t.Fatalf("firefox: waited in vain until %s", what)
		case <-f.ctx.Done():
			f.t.Fatalf("the test ended before %s", what)
		}
	}
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

// SetWindowSize gives the page a viewport of this many CSS pixels. The page's
// area is sized, not the window, which cannot be as narrow as a phone.
func (f *Firefox) SetWindowSize(width, height int) {
	f.t.Helper()
	f.command("WebDriver:SetWindowRect", map[string]any{"width": width + 60, "height": height + 200}, nil)
	f.chrome(`const [width, height] = arguments, style = window.gBrowser.selectedBrowser.style;
		for (const [side, size] of [["width", width], ["height", height]])
			for (const p of [side, "min-" + side, "max-" + side]) style.setProperty(p, size + "px");`,
		nil, width, height)
	f.WaitFor("the viewport has its new size", `return innerWidth === arguments[0] && innerHeight === arguments[1]`,
		nil, width, height)
}

// SetDark makes the system's colour scheme, as pages see it, dark or light.
func (f *Firefox) SetDark(dark bool) {
	f.t.Helper()
	scheme := map[bool]int{true: 0, false: 1}[dark]
	f.SetPreference("layout.css.prefers-color-scheme.content-override", scheme)
	f.WaitFor("the colour scheme has changed",
		`return matchMedia("(prefers-color-scheme: dark)").matches === arguments[0]`, nil, dark)
}

// Screenshot writes what the viewport shows, or with full the whole page, as
// PNG.
func (f *Firefox) Screenshot(path string, full bool) {
	f.t.Helper()
	var v value[string]
	f.command("WebDriver:TakeScreenshot", map[string]any{"full": full}, &v)
	png, err := base64.StdEncoding.DecodeString(v.Value)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, png, 0o644))
	}
	if err != nil {
		f.t.Fatalf("screenshot: %v", err)
	}
}
