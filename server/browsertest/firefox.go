package browsertest

import (
	"context"
	"fmt"
	"maps"
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
const stepTimeout = 90 * time.Second

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

// Type replaces an input's text as a person does; \ue007 is Enter.
func (f *Firefox) Type(e Element, text string) {
	f.t.Helper()
	// What is selected is typed over; ElementClear would be a change of its own.
	f.Script(`arguments[0].focus(); arguments[0].select()`, nil, e)
	f.command("WebDriver:ElementSendKeys", map[string]any{"id": e[elementKey], "text": text}, nil)
}

// Script runs the body of an async function in the page and decodes the value
// it returns into result unless that is nil. arguments[i] are args.
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
	script = "return (async function () { " + script + "\n}).apply(null, arguments)"
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
