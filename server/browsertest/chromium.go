package browsertest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// InsecureHost is a name that [Chromium] finds on loopback and that is, unlike
// localhost, no secure context over http: the usual case on a home network.
const InsecureHost = "nas.example"

// Chromium is a running headless Chromium with a profile of its own. Without
// [WithGCM] it has no push service: subscribe() never settles in it.
type Chromium struct {
	Desktop *Desktop // where its notifications are shown

	t   testing.TB
	ctx context.Context
}

// ChromiumOption changes how a browser is started.
type ChromiumOption func(flags map[string]any)

// WithGCM makes g the browser's push service. The browser then trusts any
// certificate.
func WithGCM(g *GCM) ChromiumOption {
	return func(flags map[string]any) { maps.Copy(flags, g.flags()) }
}

// StartChromium starts the browser; it ends with t. Without an installed
// Chromium t is skipped, or fails with CI=true.
func StartChromium(t testing.TB, opts ...ChromiumOption) *Chromium {
	t.Helper()
	desktop := startDesktop(t)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(findBrowser(t, "chromium", "chromium-browser", "google-chrome")),
		chromedp.NoSandbox, // tests run as root in containers
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Env(desktop.environ()),
		chromedp.ModifyCmdFunc(ownGroup))
	flags := map[string]any{
		"host-resolver-rules": "MAP " + InsecureHost + " 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
		"lang":                "en-US",
	}
	for _, opt := range opts {
		opt(flags)
	}
	for name, value := range flags {
		options = append(options, chromedp.Flag(name, value))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop) // waits for the process
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return &Chromium{Desktop: desktop, t: t, ctx: ctx}
}

// Permit gives an origin a permission: name is "notifications" or another of
// the Permissions API, setting "granted", "denied" or "prompt".
func (c *Chromium) Permit(origin, name, setting string) {
	c.t.Helper()
	_, err := chromedp.CallBrowser(c.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: name, UserVisibleOnly: name == "push"},
		Setting:    browser.PermissionSetting(setting), Origin: origin})
	if err != nil {
		c.t.Fatalf("chromium: permit %s: %v", name, err)
	}
}

// Page is one tab of a [Chromium].
type Page struct {
	t       testing.TB
	ctx     context.Context
	console *pageConsole
}

// pageConsole is what came out of a tab's console.
type pageConsole struct {
	mu       sync.Mutex
	arrived  chan struct{} // closed and replaced at every message
	problems []string
	fence    string // the last marker that came out
	fences   int
}

// Open opens an empty tab bound to t, with a viewport of width times height CSS
// pixels and a system in dark or light mode. It closes with t.
func (c *Chromium) Open(t testing.TB, width, height int, dark bool) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx)
	p := &Page{t: t, ctx: ctx, console: &pageConsole{arrived: make(chan struct{})}}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium: open a tab: %v", err)
	}
	messages := chromedp.Console(ctx)
	var listener sync.WaitGroup
	listener.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			p.console.hear(m)
		}
	})
	t.Cleanup(func() {
		cancel()
		listener.Wait()
	})
	p.Resize(width, height, dark)
	return p
}

// For returns the same tab bound to another test, usually a subtest.
func (p *Page) For(t testing.TB) *Page {
	return &Page{t: t, ctx: p.ctx, console: p.console}
}

// Resize gives the tab another viewport and colour scheme.
func (p *Page) Resize(width, height int, dark bool) {
	p.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	p.do("resize", chromedp.EmulateViewport(int64(width), int64(height)))
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		p.t.Fatalf("chromium: colour scheme: %v", err)
	}
}

// Pretend makes later documents of this tab see another browser: userAgent, if
// not empty, as its name, and whatever script, run before theirs, changes.
func (p *Page) Pretend(userAgent, script string) {
	p.t.Helper()
	if userAgent != "" {
		_, err := chromedp.Call(p.ctx, emulation.SetUserAgentOverride,
			emulation.SetUserAgentOverrideParams{UserAgent: userAgent})
		if err != nil {
			p.t.Fatalf("chromium: user agent: %v", err)
		}
	}
	_, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	if err != nil {
		p.t.Fatalf("chromium: script before the page's own: %v", err)
	}
}

// Navigate brings the tab to the front, loads url in it and waits until that has
// loaded.
func (p *Page) Navigate(url string) {
	p.t.Helper()
	p.Front()
	p.do("open "+url, chromedp.Navigate(url))
}

// WaitFor waits until a JavaScript expression is truthy in the page.
func (p *Page) WaitFor(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*stepTimeout)
	defer cancel()
	// Not at every animation frame, which a tab behind another one has none of.
	_, err := chromedp.Run(ctx, chromedp.Poll[any](expression,
		chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(stepTimeout)))
	if err != nil {
		text, _ := evaluate[string](p, `location.href + " says:\n" + document.body?.innerText`)
		p.t.Fatalf("chromium: wait until %s: %v\n%s", what, err, text)
	}
}

// Eval evaluates a JavaScript expression, awaiting a promise, and returns its
// value as T.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	v, err := evaluate[T](p, expression)
	if err != nil {
		p.t.Fatalf("chromium: %v\nin: %.400s", err, expression)
	}
	return v
}

func evaluate[T any](p *Page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Screenshot writes the whole page as PNG.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		p.t.Fatalf("chromium: screenshot: %v", err)
	}
}

// call does f within the time of one step.
func (p *Page) call(what string, f func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	if err := f(ctx); err != nil {
		p.t.Fatalf("chromium: %s: %v", what, err)
	}
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.call(what, func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// fencePrefix marks our own console messages.
const fencePrefix = "recado-fence-"

func (c *pageConsole) hear(m chromedp.ConsoleMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(m.Text) > len(fencePrefix) && m.Text[:len(fencePrefix)] == fencePrefix:
		c.fence = m.Text
	case m.Type == chromedp.ConsoleError || m.IsException() || m.Source == "security":
		c.problems = append(c.problems, fmt.Sprintf("%s (%s:%d)", m, m.URL, m.Line+1))
	}
	close(c.arrived)
	c.arrived = make(chan struct{})
}

// Problems lists the errors the page's console has had: uncaught exceptions,
// failed requests, violations of the content security policy.
func (p *Page) Problems() []string {
	p.t.Helper()
	c := p.console
	c.mu.Lock()
	c.fences++
	marker := fmt.Sprint(fencePrefix, c.fences)
	c.mu.Unlock()
	// Messages come in order: once the marker is here, so is all before it.
	limit := time.After(stepTimeout)
	Eval[bool](p, `console.debug("`+marker+`") || true`)
	for {
		c.mu.Lock()
		problems, seen, arrived := slices.Clone(c.problems), c.fence == marker, c.arrived
		c.mu.Unlock()
		if seen {
			return problems
		}
		select {
		case <-arrived:
		case <-limit:
			p.t.Fatal("chromium: the console fell silent")
		}
	}
}

// WaitPage waits until some tab of the browser shows url.
func (c *Chromium) WaitPage(url string) {
	c.t.Helper()
	waitUntil(c.t, "a tab shows "+url, func() bool {
		all, err := chromedp.Targets(c.ctx)
		if err != nil {
			c.t.Fatalf("chromium: list the tabs: %v", err)
		}
		return slices.ContainsFunc(all, func(i *target.Info) bool { return i.Type == "page" && i.URL == url })
	})
}
