package browsertest

import (
	"encoding/json"

	"github.com/chromedp/chromedp"
)

// Press waits for a button or link with this accessible name that can be used,
// and clicks it as a person does.
func (p *Page) Press(name string) {
	p.t.Helper()
	p.WaitFor("there is a button "+name, `(() => {
		const plain = (s) => (s || "").replace(/\s+/g, " ").trim();
		const found = [...document.querySelectorAll("button, a[href], summary, [role=button]")].find((e) => !e.disabled && e.checkVisibility()
			&& [e.getAttribute("aria-label"), e.textContent].some((n) => plain(n) === `+quote(name)+`));
		found?.setAttribute("data-press", "");
		return Boolean(found);
	})()`)
	p.do("press "+name, chromedp.Click(chromedp.CSS("[data-press]")))
	Eval[bool](p, `document.querySelector("[data-press]")?.removeAttribute("data-press") || true`)
}

// WaitText waits until the page shows text, wherever.
func (p *Page) WaitText(text string) {
	p.t.Helper()
	p.WaitFor("the page shows "+text, `document.body?.innerText.includes(`+quote(text)+`)`)
}

// quote makes a string of JavaScript.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
