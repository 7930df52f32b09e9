package console_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"recado/embed"
	"recado/server/browsertest"
	"recado/server/console"
)

//go:embed testdata/push.js
var fakePush string

// countShown lets the page know when a notification is really up: Chromium's
// getNotifications() forgets one that is just being shown when it is asked meanwhile.
// It also lets the page press and close notifications, which no protocol does.
const countShown = `
{
	new BroadcastChannel("act").onmessage = async ({ data }) => {
		const [notification] = await self.registration.getNotifications({ tag: data.tag });
		for (const type of [data.type, data.also].filter(Boolean)) self.dispatchEvent(new NotificationEvent(type, { notification, action: data.action }));
	};
	const show = self.registration.showNotification.bind(self.registration);
	self.registration.showNotification = async (...args) => {
		await show(...args);
		new BroadcastChannel("shown").postMessage("");
	};
}`

const (
	firstKey  = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	secondKey = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
	deviceID  = "5b0f7f0e-4f3c-4a63-9a57-1d6f0e7b1c11"
)

// startBrowser runs one Chromium for all scenarios of a test; each scenario
// has an origin of its own, and so its own storage and permissions.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes too long for -short")
	}
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("chromium is not installed; .ci/deps installs it")
	} else if err != nil {
		t.Skip("chromium is not installed")
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP nas.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("lang", "en"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// api is the server's side: the real pages, and answers that a test sets.
type api struct {
	*httptest.Server
	mu       sync.Mutex
	key      string
	status   int // of POST /api/subscribe
	message  string
	down     bool
	requests []request
}

type request struct {
	Path string
	Body map[string]any
}

func newAPI(t *testing.T, baseURL string) *api {
	t.Helper()
	c, err := console.New(console.Options{FS: embed.Web(), InstanceName: "Oficina Aurora", BaseURL: baseURL, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	a := &api{key: firstKey, status: http.StatusOK}
	mux := http.NewServeMux()
	mux.Handle("/", c)
	mux.HandleFunc("/sw.js", func(w http.ResponseWriter, r *http.Request) {
		script, err := fs.ReadFile(embed.Web(), "root/sw.js")
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(append(script, countShown...))
	})
	mux.HandleFunc("/api/", a.answer)
	a.Server = httptest.NewServer(console.SecurityHeaders(baseURL)(mux))
	t.Cleanup(a.Close)
	return a
}

func (a *api) answer(w http.ResponseWriter, r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.Method == http.MethodPost {
		got := request{Path: r.URL.Path}
		if json.Unmarshal(content, &got.Body) == nil {
			a.requests = append(a.requests, got)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/api/receipt":
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/api/categories":
		fmt.Fprint(w, `{"items":[{"id":"1","name":"Events","description":"Open evenings, courses, changes of date"},
			{"id":"2","name":"Printer","description":"When a print ends or needs help"},
			{"id":"3","name":"Door and access","description":"Who opens, and when it stays open"}]}`)
	case r.Method == http.MethodGet:
		fmt.Fprintf(w, `{"public_key":%q}`, a.key)
	case r.URL.Path == "/api/subscribe":
		w.WriteHeader(a.status)
		json.NewEncoder(w).Encode(map[string]string{"id": deviceID, "message": a.message})
	default:
		fmt.Fprint(w, `{"message":"unsubscribed"}`)
	}
}

func (a *api) set(change func(*api)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// posts returns the bodies posted to a path so far.
func (a *api) posts(path string) []map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	var bodies []map[string]any
	for _, r := range a.requests {
		if r.Path == path {
			bodies = append(bodies, r.Body)
		}
	}
	return bodies
}

// view is how a tab looks at the page.
type view struct {
	name          string
	width, height int64
	scheme        string // light or dark
	language      string
	agent         string
	setup         string // JSON for testdata/push.js
}

type tab struct {
	t    *testing.T
	ctx  context.Context
	view view
}

func open(t *testing.T, parent context.Context, v view) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	if v.width == 0 {
		v.width, v.height = 390, 844
	}
	tb := &tab{t, ctx, v}
	if v.setup == "" {
		v.setup = `{"permission":"default"}`
	}
	call(tb, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: "const setup = " + v.setup + ";\n" + fakePush})
	call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: or(v.scheme, "light")}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	call(tb, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent:      or(v.agent, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
		AcceptLanguage: or(v.language, "en")})
	tb.do(chromedp.EmulateViewport(v.width, v.height, chromedp.EmulateScale(2)))
	return tb
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func call[P, R any](tb *tab, command cdp.Command[P, R], params P) {
	tb.t.Helper()
	tb.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	}))
}

func (tb *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := chromedp.Do(tb.ctx, steps...); err != nil {
		tb.t.Fatalf("browser: %v", err)
	}
}

// js evaluates an expression, awaiting promises, as text.
func (tb *tab) js(expression string) string {
	tb.t.Helper()
	got, err := chromedp.Run(tb.ctx, chromedp.Evaluate[string]("(async () => String(await ("+expression+")))()", chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return got
}

// until waits for an expression to become true.
func (tb *tab) until(expression string) {
	tb.t.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); {
		if tb.js(expression) == "true" {
			return
		}
		select {
		case <-tb.ctx.Done():
		case <-time.After(25 * time.Millisecond):
		}
	}
	tb.shot("failed")
	tb.t.Fatalf("never became true: %s\npage: %s", expression, tb.js("document.body.innerText"))
}

func (tb *tab) goTo(url, screen string) {
	tb.t.Helper()
	tb.do(chromedp.Navigate(url))
	tb.waitScreen(screen)
}

func (tb *tab) waitScreen(name string) {
	tb.t.Helper()
	tb.until(`document.querySelector("main")?.dataset.screen === "` + name + `" && !document.querySelector("main [aria-busy=true]")`)
}

// press clicks the button with that text, as a user would.
func (tb *tab) press(text string) {
	tb.t.Helper()
	mark := `[...document.querySelectorAll("button, summary, label")].find((e) => e.textContent.trim() === ` + quote(text) + ` || e.getAttribute("aria-label") === ` + quote(text) + `)`
	tb.until(mark + " !== undefined")
	tb.js(mark + `.setAttribute("data-press", "")`)
	tb.do(chromedp.Click(chromedp.CSS("[data-press]")))
	tb.js(`document.querySelector("[data-press]")?.removeAttribute("data-press")`)
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// sound checks what holds on every screen: nothing scrolls sideways, nothing
// breaks the policy, no script failed, one headline, nothing left untranslated.
func (tb *tab) sound() {
	tb.t.Helper()
	for expression, want := range map[string]string{
		`document.documentElement.scrollWidth <= innerWidth`:         "true",
		`violations.join("; ")`:                                      "",
		`problems.join("; ")`:                                        "",
		`document.querySelectorAll("h1").length`:                     "1",
		`/undefined|\[object|\{\w+\}/.test(document.body.innerText)`: "false",
		`document.querySelectorAll(".btn.primary").length <= 1`:      "true",
		`document.querySelectorAll("[style]").length`:                "0",
		`[...document.querySelectorAll("button")].every((b) => b.textContent.trim() || b.getAttribute("aria-label"))`: "true",
	} {
		if got := tb.js(expression); got != want {
			tb.t.Errorf("%s: %s = %q, want %q", tb.view.name, expression, got, want)
		}
	}
	tb.axe()
	tb.shot("")
}

func (tb *tab) axe() {
	tb.t.Helper()
	browsertest.CheckAxe(tb.t, tb.view.name, func(script string) (string, error) {
		return chromedp.Run(tb.ctx, chromedp.Evaluate[string]("(async () => {\n"+script+"\n})()", chromedp.EvalAwaitPromise))
	})
}

// shot saves a picture when RECADO_SCREENSHOTS names a directory.
func (tb *tab) shot(suffix string) {
	dir := os.Getenv("RECADO_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(tb.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.Trim(tb.view.name+"-"+suffix, "-")+".png"), picture, 0o600)
	}
	if err != nil {
		tb.t.Log("screenshot:", err)
	}
}

// allow grants notifications for real, so that the service worker may show them.
func (tb *tab) allow(origin string) {
	tb.t.Helper()
	tb.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, grant(ctx, origin)
	})
}

func grant(ctx context.Context, origin string) error {
	_, err := cdp.Call(ctx, chromedp.FromContext(ctx).Browser, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: origin})
	return err
}

// watchWorker answers the id under which pushes are delivered to the origin's worker.
func (tb *tab) watchWorker() <-chan serviceworker.RegistrationID {
	tb.t.Helper()
	found := make(chan serviceworker.RegistrationID, 8)
	err := chromedp.Listen(tb.ctx, func(event any) {
		updated, ok := event.(*serviceworker.EventWorkerRegistrationUpdated)
		if !ok {
			return
		}
		for _, r := range updated.Registrations {
			select {
			case found <- r.RegistrationID:
			default:
			}
		}
	})
	if err != nil {
		tb.t.Fatal(err)
	}
	call(tb, serviceworker.Enable, cdp.Empty{})
	return found
}

func (tb *tab) deliver(origin string, id serviceworker.RegistrationID, data string) {
	tb.t.Helper()
	call(tb, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: origin, RegistrationID: id, Data: data})
}
