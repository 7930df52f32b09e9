package console_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"recado/embed"
	"recado/server/console"
)

// desk plays /v1 for the screens that keep subscriptions, categories, invites and
// tokens: it answers what a test has set, and remembers what was asked.
type desk struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string]string // by "METHOD /path"; one that begins with a status is a refusal
	asked   []string          // "METHOD /path?query BODY"
}

const bruno = `{"id":"5b0f7f0e-4f3c-4a63-9a57-1d6f0e7b1c11","label":"Bruno’s iPhone","user":"bruno","categories":["Printer"],"service":"web.push.apple.com",` +
	`"user_agent":"` + iPhone + `","key_id":"k","created_at":"2025-11-03T10:00:00.000Z","seen_at":"2025-11-03T10:00:00.000Z",` +
	`"last_sent_at":"2025-11-20T10:00:00.000Z","last_displayed_at":"2025-11-03T10:00:00.000Z","failures":0,"removed_at":null}`

const printer = `{"id":"c1","name":"Printer","description":"","public":true,"subscribers":1}`

func newDesk(t *testing.T) *desk {
	t.Helper()
	zeros := `{"sent":0,"displayed":0,"clicked":0,"closed":0,"retrying":0,"failed":0,"gone":0,"expired":0,"canceled":0}`
	none := `{"items":[],"next":null}`
	d := &desk{answers: map[string]string{
		"GET /v1/session": `{"scope":"admin","name":"first"}`,
		"GET /v1/stats": `{"totals":{"hour":` + zeros + `,"day":` + zeros + `,"week":` + zeros + `},"rate":{},"queue":{"depth":0,"oldest_due_at":null},"services":[],` +
			`"refused_hosts":[],"alerts":[],"subscriptions":1,"silent":1,"database":{"bytes":1},"viewers":1,"version":"test"}`,
		"GET /v1/pushnotification":                                   none,
		"GET /v1/pushnotification/categories":                        `{"items":[` + printer + `],"next":null}`,
		"GET /v1/subscriptions":                                      `{"items":[` + bruno + `],"next":null}`,
		"GET /v1/subscriptions/5b0f7f0e-4f3c-4a63-9a57-1d6f0e7b1c11": bruno,
		"GET /v1/invites":                                            none, "GET /v1/tokens": none, "GET /v1/keys": none,
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/", d.answer)
	d.Server = httptest.NewUnstartedServer(nil)
	baseURL := "http://" + d.Listener.Addr().String()
	pages, err := console.New(console.Options{FS: embed.Web(), InstanceName: "Oficina Aurora", BaseURL: baseURL, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", pages)
	d.Config.Handler = console.SecurityHeaders(baseURL)(mux)
	d.Start()
	t.Cleanup(d.Close)
	return d
}

func (d *desk) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	answer, ok := d.answers[r.Method+" "+r.URL.Path]
	status := http.StatusOK
	switch {
	case !ok:
		status, answer = http.StatusNotFound, `{"detail":"nothing here"}`
	case answer != "" && answer[0] != '{':
		_, _ = fmt.Sscanf(answer, "%d %s", &status, new(string))
		answer = answer[4:]
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

func (d *desk) set(call, answer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers[call] = answer
}

// wants looks for calls that begin so, in this order and no other such ones.
func (d *desk) wants(t *testing.T, prefix string, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	var got []string
	for _, call := range d.asked {
		if strings.HasPrefix(call, prefix) {
			got = append(got, call)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("asked %q\nwant %q", got, want)
	}
}

// fill writes into a field as a person does.
func (tb *tab) fill(selector, text string) {
	tb.t.Helper()
	tb.until(`document.querySelector(` + quote(selector) + `) !== null`)
	tb.js(`(() => { const e = document.querySelector(` + quote(selector) + `); e.value = ` + quote(text) + `; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

const seen = `document.body.innerText`

func TestDesk(t *testing.T) {
	browser := startBrowser(t)
	for name, c := range map[string]struct {
		at    string
		check func(*testing.T, *desk, *tab)
	}{
		"searches once for a word":             {"subscriptions", deskSearches},
		"changes a device, and back":           {"subscriptions?q=bruno", deskChanges},
		"says what is wrong with a form":       {"categories", deskRefuses},
		"shows a token once":                   {"tokens/new", deskShowsOnce},
		"takes nothing but squares of a code":  {"invites/new", deskDraws},
		"closes when the session has ended":    {"categories", deskCloses},
		"says that a cookie was not kept":      {"tokens", deskWithoutCookie},
		"offers nothing that it may not do":    {"categories", deskReads},
		"lays alerts aside":                    {"system", deskLaysAside},
		"keeps what it has shown in a trouble": {"subscriptions", deskKeeps},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if name == "offers nothing that it may not do" {
				d.set("GET /v1/session", `{"scope":"read","name":"display"}`)
			}
			tb := open(t, browser, view{name: name, width: 390, height: 844})
			tb.do(chromedp.Navigate(d.URL + "/admin#/" + c.at))
			tb.until(`document.querySelector("#main h1") !== null`)
			c.check(t, d, tb)
			for expression, want := range map[string]string{
				`document.documentElement.scrollWidth <= innerWidth`: "true", `violations.join("; ")`: "", `problems.join("; ")`: "",
			} {
				if got := tb.js(expression); got != want {
					t.Errorf("%s = %q, want %q", expression, got, want)
				}
			}
		})
	}
}

func deskSearches(t *testing.T, d *desk, tb *tab) {
	tb.until(seen + `.includes("Silent since")`)
	for _, text := range []string{"i", "iP", "iPh"} {
		tb.fill("input[type=search]", text)
	}
	tb.until(`location.hash === "#/subscriptions?q=iPh"`)
	tb.until(`document.querySelector("main [aria-busy=true]") === null`)
	d.wants(t, "GET /v1/subscriptions?", "GET /v1/subscriptions?silent=true&limit=500", "GET /v1/subscriptions?q=iPh")
}

func deskChanges(t *testing.T, d *desk, tb *tab) {
	const call = "PATCH /v1/subscriptions/5b0f7f0e-4f3c-4a63-9a57-1d6f0e7b1c11"
	tb.until(`document.querySelector("tbody a") !== null`)
	tb.js(`document.querySelector("tbody a").click()`)
	tb.until(seen + `.includes("still on the Home Screen")`) // the remedy of its kind
	tb.press("Edit")
	d.set(call, strings.Replace(bruno, "Bruno’s iPhone", "Kitchen", 1))
	tb.fill("dialog [name=label]", " Kitchen ")
	tb.press("Save")
	tb.until(`document.querySelector("#drawer-title").textContent === "Kitchen" && document.querySelector("tbody .name").textContent === "Kitchen"`)
	d.set(call, bruno)
	tb.press("Undo")
	tb.until(`document.querySelector("#drawer-title").textContent === "Bruno’s iPhone"`)
	d.wants(t, "PATCH", call+` {"label":"Kitchen","user":"bruno","categories":["Printer"]}`, call+` {"label":"Bruno’s iPhone","user":"bruno","categories":["Printer"]}`)
}

func deskRefuses(t *testing.T, d *desk, tb *tab) {
	tb.press("New category")
	tb.press("Create")
	tb.until(`document.querySelector(".error")?.textContent === "A category needs a name." && document.activeElement.name === "name"`)
	d.set("POST /v1/pushnotification/categories", `422 {"detail":"bad","errors":[{"field":"description","message":"is too long"},{"field":"elsewhere","message":"is odd"}]}`)
	tb.fill("dialog [name=name]", "Doors")
	tb.press("Create")
	tb.until(`document.querySelector("#description-error") !== null && document.querySelector("dialog").innerText.includes("elsewhere is odd")`)
	d.set("POST /v1/pushnotification/categories", `409 {"detail":"taken"}`)
	tb.press("Create")
	tb.until(`document.querySelector("#name-error")?.textContent === "There is a category of that name already." && document.querySelector("[name=name]").value === "Doors"`)
	d.wants(t, "PUT")
}

func deskShowsOnce(t *testing.T, d *desk, tb *tab) {
	const secret = "rcd_SecretSecretSecretSecretSecretSecretSecret1"
	d.set("POST /v1/tokens", `{"id":"t1","token":"`+secret+`","name":"nas","scope":"publish","categories":["Printer"],"style":"recado","created_at":"2026-11-20T10:00:00.000Z","expires_at":null,"last_used_at":null}`)
	tb.fill("dialog [name=name]", "nas")
	tb.press("Printer")
	tb.press("Create")
	tb.until(seen + `.includes("` + secret + `") && ` + seen + `.includes('"target": {"categories": ["Printer"]}') && ` + seen + `.includes("` + d.URL + `/api/notify")`)
	d.wants(t, "POST", `POST /v1/tokens {"name":"nas","scope":"publish","categories":["Printer"],"style":"recado","expires_at":""}`)
	tb.js(`location.hash = "#/categories"`)
	tb.until(seen + `.includes("New category")`)
	tb.js(`history.back()`)
	tb.until(seen + `.includes("New token")`)
	if got := tb.js(`[document.documentElement.outerHTML, JSON.stringify({ ...localStorage }), JSON.stringify(history.state), location.href].some((text) => text.includes("SecretSecret"))`); got != "false" {
		t.Error("the token is still there after leaving")
	}
}

func deskDraws(t *testing.T, d *desk, tb *tab) {
	svg, _ := json.Marshal(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>problems.push("ran")</script><image href="/x.png"/><path fill="#fff" d="M0 0h9v9H0z"/><path d="M1 1h1v1h-1z"/></svg>`)
	d.set("POST /v1/invites", `{"id":"i1","url":"`+d.URL+`/?invite=abc","qr":`+string(svg)+`,"user":"","categories":[],"uses":1,"created_at":"2026-11-20T10:00:00.000Z","expires_at":null}`)
	tb.press("Create")
	tb.until(`document.querySelectorAll(".qr svg[viewBox='0 0 9 9'] > path").length === 2 && document.querySelector(".qr").getBoundingClientRect().width >= 200`)
	if got := tb.js(`document.querySelector(".qr").innerHTML.match(/script|image/) === null`); got != "true" {
		t.Error("more than squares was taken over")
	}
}

func deskCloses(_ *testing.T, d *desk, tb *tab) {
	d.set("GET /v1/pushnotification/categories", `401 {"detail":"the session has ended: sign in again"}`)
	tb.js(`location.hash = "#/invites"`)
	tb.js(`location.hash = "#/categories"`)
	tb.until(seen + `.includes("You were signed out")`)
}

func deskWithoutCookie(_ *testing.T, d *desk, tb *tab) {
	d.set("GET /v1/session", `204 `)
	d.set("POST /v1/session", `204 `)
	tb.do(chromedp.Reload())
	tb.fill("#token", "rcd_x")
	tb.press("Sign in")
	tb.until(seen + `.includes("did not keep the sign-in")`)
}

func deskReads(t *testing.T, _ *desk, tb *tab) {
	tb.until(seen + `.includes("Printer")`)
	if got := tb.js(`document.querySelectorAll("main button, a[href='#/tokens']").length`); got != "0" {
		t.Errorf("%s ways to change something", got)
	}
}

func deskLaysAside(_ *testing.T, d *desk, tb *tab) {
	d.mu.Lock()
	stats := d.answers["GET /v1/stats"]
	d.mu.Unlock()
	alert := `{"at":"2026-11-20T10:00:0%d.000Z","kind":"storage","message":"Check the space, see ` + "`recado doctor`" + `."}`
	d.set("GET /v1/stats", strings.Replace(stats, `"alerts":[]`, `"alerts":[`+fmt.Sprintf(alert, 1)+","+fmt.Sprintf(alert, 2)+`]`, 1))
	tb.do(chromedp.Reload())
	tb.until(seen + `.includes("2 times") && document.querySelectorAll(".notice").length === 1 && document.querySelector(".notice code").textContent === "recado doctor"`)
	tb.press("I have seen them")
	tb.until(seen + `.includes("Earlier alerts: 1") && document.querySelector(".nav .dot") === null`)
	tb.do(chromedp.Reload())
	tb.until(seen + `.includes("Earlier alerts: 1")`)
}

func deskKeeps(_ *testing.T, d *desk, tb *tab) {
	tb.until(seen + `.includes("Bruno’s iPhone")`)
	d.set("GET /v1/subscriptions", `503 {"detail":""}`)
	tb.fill("input[type=search]", "x")
	tb.until(seen + `.includes("The server could not do this now") && ` + seen + `.includes("Bruno’s iPhone")`)
	d.set("GET /v1/subscriptions", `{"items":[],"next":null}`)
	tb.press("Try again")
	tb.until(seen + `.includes("Nothing matches")`)
}

// What is to be pasted into a shell is one that a shell understands, whatever the
// categories are called.
func testSnippets(t *testing.T, tb *tab) {
	got := tb.js(`import("/assets/admin/tokens/snippets.js").then(({ snippets }) => JSON.stringify(snippets({ token: "rcd_x", scope: "publish", style: "ntfy", categories: ["Ana’s 'best' $HOME", "ops"] })))`)
	var all []struct {
		ID, Code, Use string
		Fields        [][2]string
	}
	if err := json.Unmarshal([]byte(got), &all); err != nil || len(all) != 8 {
		t.Fatalf("%v: %s", err, got)
	}
	for _, one := range all {
		text := fmt.Sprint(one.Code, one.Fields)
		if !strings.Contains(text, "rcd_x") || !strings.Contains(text, "https://push.oficina.example") {
			t.Errorf("%s lacks the token or the address: %s", one.ID, text)
		}
		if !slices.Contains([]string{"curl", "shell"}, one.ID) {
			continue
		}
		if out, err := exec.Command("sh", "-nc", one.Code+"\n"+one.Use).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s\n%s", one.ID, err, out, one.Code)
		}
	}
	if !slices.Contains(all[0].Fields, [2]string{"Topic", "ops"}) {
		t.Errorf("ntfy's fields are %q, want a topic that ntfy allows", all[0].Fields)
	}
}
