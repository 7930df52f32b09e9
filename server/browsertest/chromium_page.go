package browsertest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var _ Tab = (*Page)(nil)

// Press is [Tab]'s.
func (p *Page) Press(name string) {
	p.t.Helper()
	p.mark(findStill, pressable, name)
	p.do("press "+name, chromedp.Click(chromedp.CSS("[data-here]")))
	p.unmark()
}

// Fill is [Tab]'s.
func (p *Page) Fill(name, text string) {
	p.t.Helper()
	p.mark(findNamed, fillable, name)
	Eval[bool](p, `(() => { const field = document.querySelector("[data-here]"); field.focus(); field.select(); return true; })()`)
	p.call("fill in "+name, func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
	p.unmark()
}

// Choose is [Tab]'s.
func (p *Page) Choose(name, value string) {
	p.t.Helper()
	p.mark(findNamed, choosable, name)
	Eval[bool](p, `((`+chooseIn+`)(document.querySelector("[data-here]"), `+quote(value)+`), true)`)
	p.unmark()
}

// mark waits until find, a function of JavaScript, finds the element, and marks it.
func (p *Page) mark(find, selector, name string) {
	p.t.Helper()
	p.WaitFor("there is "+selector+" named "+name, `(() => {
		const found = (`+find+`)(`+quote(selector)+`, `+quote(name)+`);
		found?.setAttribute("data-here", "");
		return Boolean(found);
	})()`)
}

// unmark forgets the element, which may be gone.
func (p *Page) unmark() {
	p.t.Helper()
	Eval[bool](p, `(document.querySelector("[data-here]")?.removeAttribute("data-here"), true)`)
}

// WaitText is [Tab]'s.
func (p *Page) WaitText(text string) {
	p.t.Helper()
	p.WaitFor("the page shows "+text, shows+`(`+quote(text)+`)`)
}

// Until is [Tab]'s.
func (p *Page) Until(what, expression string) {
	p.t.Helper()
	p.WaitFor(what, expression)
}

// Read is [Tab]'s.
func (p *Page) Read(expression string) string {
	p.t.Helper()
	return Eval[string](p, `(async () => String(await (`+expression+`)))()`)
}

// Picture is [Tab]'s.
func (p *Page) Picture(path string) {
	p.t.Helper()
	p.Screenshot(path)
}

// Complaints is [Tab]'s; in Chromium those of all documents of the tab since it
// was asked last.
func (p *Page) Complaints(string) []string {
	p.t.Helper()
	all := p.Problems()
	p.console.mu.Lock()
	defer p.console.mu.Unlock()
	p.console.problems = p.console.problems[len(all):]
	return all
}

// Front is [Tab]'s.
func (p *Page) Front() {
	p.t.Helper()
	p.call("to the front", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.BringToFront, cdp.Empty{})
		return err
	})
}

// Bound is [Tab]'s.
func (p *Page) Bound(t testing.TB) Tab { return p.For(t) }

func (p *Page) browser() string  { return "chromium" }
func (p *Page) test() testing.TB { return p.t }

// quote makes a string of JavaScript.
func quote(s string) string {
	b, _ := json.Marshal(s) // never fails for a string
	return string(b)
}
