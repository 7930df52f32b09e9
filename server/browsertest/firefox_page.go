package browsertest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

var _ Tab = (*Firefox)(nil)

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

// WaitText waits until the page shows text, wherever.
func (f *Firefox) WaitText(text string) {
	f.t.Helper()
	f.WaitFor("the page shows "+text, `return `+shows+`(arguments[0])`, nil, text)
}

// Press is [Tab]'s.
func (f *Firefox) Press(name string) {
	f.t.Helper()
	f.ClickElement(f.named(findStill, pressable, name))
}

// Field waits for a field, of whatever kind, with this name.
func (f *Firefox) Field(name string) Element {
	f.t.Helper()
	return f.named(findNamed, "input, textarea, select", name)
}

// Fill is [Tab]'s.
func (f *Firefox) Fill(name, text string) {
	f.t.Helper()
	f.Type(f.named(findNamed, fillable, name), text)
}

// Choose is [Tab]'s.
func (f *Firefox) Choose(name, value string) {
	f.t.Helper()
	f.Script(`(`+chooseIn+`)(arguments[0], arguments[1])`, nil, f.named(findNamed, choosable, name), value)
}

// Until is [Tab]'s.
func (f *Firefox) Until(what, expression string) {
	f.t.Helper()
	f.WaitFor(what, `return (`+expression+`)`, nil)
}

// Read is [Tab]'s.
func (f *Firefox) Read(expression string) string {
	f.t.Helper()
	var text string
	f.Script(`return String(await (`+expression+`))`, &text)
	return text
}

// Complaints is [Tab]'s.
func (f *Firefox) Complaints(prefix string) []string {
	f.t.Helper()
	return f.ConsoleErrors(prefix)
}

// Front is [Tab]'s: the current tab is in front.
func (f *Firefox) Front() {}

// Bound is [Tab]'s.
func (f *Firefox) Bound(t testing.TB) Tab { return f.For(t) }

func (f *Firefox) browser() string  { return "firefox" }
func (f *Firefox) test() testing.TB { return f.t }

func (f *Firefox) named(find, selector, name string) Element {
	f.t.Helper()
	var e Element
	f.WaitFor("there is "+selector+" named "+name, `return (`+find+`)(arguments[0], arguments[1])`, &e, selector, name)
	return e
}
