package browsertest

import (
	"fmt"
	"path/filepath"
	"testing"
)

// Tab is a tab of either browser, as far as a person can do the same in both.
// Names are what a screen reader says: a label, or the text of a button; what
// stands muted behind them, such as a count, may be left out.
type Tab interface {
	// Front makes it the tab that is seen, if it is there: a page behind another one
	// is not painted.
	Front()
	// Navigate loads url and waits until it has loaded.
	Navigate(url string)
	// Press waits for a button, link or label of this name that can be used, and
	// clicks it.
	Press(name string)
	// Fill waits for a field of this name and types text into it in the place of
	// what was there.
	Fill(name, text string)
	// Choose waits for a list, or a field for a time, of this name and gives it the
	// value.
	Choose(name, value string)
	// WaitText waits until the page shows text, wherever, and in however many lines.
	WaitText(text string)
	// Until waits until an expression of JavaScript is truthy in the page, also over
	// a navigation.
	Until(what, expression string)
	// Read answers the value of an expression of JavaScript, a promise's included,
	// as text.
	Read(expression string) string
	// Resize gives the page a viewport of CSS pixels, and a system in dark or light.
	Resize(width, height int, dark bool)
	// Picture writes the whole page as PNG.
	Picture(path string)
	// Axe is [CheckAxe] for the page as it is now; screen names it.
	Axe(screen string)
	// Complaints lists, each once, the errors of the browser's console, violations of
	// the policy among them, for documents under the URL prefix.
	Complaints(prefix string) []string

	// Bound is the same tab bound to another test, usually a subtest.
	Bound(t testing.TB) Tab

	browser() string
	test() testing.TB
}

// Look looks at a screen as it is now on a phone and on a desktop, in dark and in
// light. It writes .screenshots/BROWSER-SCREEN-WIDTH-SCHEME.png at the module's
// root, which keeps itself out of git, and fails the test for what axe-core finds
// and for what scrolls sideways. The tab ends as a desktop's in light.
func Look(tab Tab, screen string) {
	t := tab.test()
	t.Helper()
	dir := screenshotDir(t)
	for _, size := range [][2]int{{390, 844}, {1280, 800}} {
		for _, scheme := range []string{"dark", "light"} {
			tab.Resize(size[0], size[1], scheme == "dark")
			name := fmt.Sprintf("%s-%s-%d-%s", tab.browser(), screen, size[0], scheme)
			tab.Picture(filepath.Join(dir, name+".png"))
			if tab.Read(`document.documentElement.scrollWidth > innerWidth`) == "true" {
				t.Errorf("%s scrolls sideways", name)
			}
			tab.Axe(name)
		}
	}
}

// SignIn opens the operator's page of the server at url and signs in with token
// as a person does. It ends on the screen Live.
func SignIn(tab Tab, url, token string) {
	tab.test().Helper()
	tab.Navigate(url + "/admin")
	tab.Fill("Token", token)
	tab.Press("Sign in")
	tab.Until("the operator is signed in", `document.querySelector("header.top nav") !== null`)
}

// shows is a function of JavaScript: whether the page shows a text.
const shows = `((text) => document.body?.innerText.replace(/\s+/g, " ").includes(text))`

// findNamed is a function of JavaScript: the first usable element that a selector
// finds and that has this name.
const findNamed = `(selector, name) => {
	const plain = (s) => (s || "").replace(/\s+/g, " ").trim();
	const bare = (e) => {
		const copy = e.cloneNode(true);
		for (const aside of copy.querySelectorAll(".muted")) aside.remove();
		return copy.textContent;
	};
	const names = (e) => [e.getAttribute("aria-label"), e.textContent, bare(e), ...[...(e.labels || [])].flatMap((l) => [l.textContent, bare(l)])];
	const within = document.querySelector("dialog:modal") || document; // what is behind it cannot be used
	return [...within.querySelectorAll(selector)].find((e) => !e.disabled && e.checkVisibility() && !e.closest("[inert]") && names(e).some((n) => plain(n) === name));
}`

// findStill is findNamed for what is to be pressed. A page that still loads may
// move it away beneath the pointer, so it has to stand where it stood when it was
// asked for last; and nothing, such as a passing message, may lie over it.
const findStill = `(selector, name) => {
	const found = (` + findNamed + `)(selector, name);
	if (!found || document.querySelector("main[aria-busy=true], main [aria-busy=true]")) return null;
	const { x, y, width, height } = found.getBoundingClientRect();
	if (!found.contains(document.elementFromPoint(x + width / 2, y + height / 2))) {
		found.scrollIntoView({ block: "center" });
		return null;
	}
	const now = [name, x, y, width, height].join();
	const still = document.body.stoodAt === now;
	document.body.stoodAt = now;
	return still ? found : null;
}`

// What a person presses, fills in, and chooses from.
const (
	pressable = "button, a[href], summary, [role=button], label"
	fillable  = "input, textarea"
	choosable = "select, input"
)

// chooseIn is a function of JavaScript that gives a field its value as a choice
// by hand does.
const chooseIn = `(field, value) => {
	Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
	for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}`
