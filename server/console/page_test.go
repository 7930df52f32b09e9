package console_test

import (
	"testing"
)

const (
	iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
)

// Every screen at every width, in both themes and languages.
func TestScreens(t *testing.T) {
	root := startBrowser(t)
	const key = "https://push.oficina.example"
	cases := []struct {
		name, setup, agent, screen string
		host                       string // instead of 127.0.0.1
		press                      bool
		everywhere                 bool // or on two kinds of phone only
		change                     func(*api)
	}{
		{name: "new", everywhere: true, screen: "new"},
		{name: "on", everywhere: true, screen: "on", press: true},
		{name: "blocked", everywhere: true, screen: "blocked", setup: `{"permission":"denied"}`},
		{name: "blocked-firefox", screen: "blocked", setup: `{"permission":"denied"}`, agent: firefox},
		{name: "dismissed", screen: "new", setup: `{"permission":"default","answer":"default"}`, press: true},
		{name: "insecure", everywhere: true, screen: "insecure", host: "nas.test"},
		{name: "ios", everywhere: true, screen: "ios", agent: iPhone, setup: `{"missing":["PushManager"]}`},
		{name: "private", screen: "private", agent: firefox, setup: `{"missing":["serviceWorker"]}`},
		{name: "unsupported", screen: "unsupported", setup: `{"missing":["PushManager"]}`},
		{name: "service", screen: "service", setup: `{"permission":"default","error":"AbortError"}`, press: true},
		{name: "host", screen: "host", press: true, change: func(a *api) {
			a.status, a.message = 400, "the push service push.example.net is not in push.allowed_hosts"
		}},
		{name: "invite", screen: "invite", press: true, change: func(a *api) { a.status, a.message = 403, "an invite is needed" }},
		{name: "unreachable", screen: "unreachable", press: true, change: func(a *api) { a.down = true }},
	}
	views := []view{
		{name: "phone-light", width: 390, height: 844, scheme: "light"},
		{name: "phone-dark", width: 390, height: 844, scheme: "dark"},
		{name: "desk-light", width: 1280, height: 800, scheme: "light"},
		{name: "desk-dark", width: 1280, height: 800, scheme: "dark", language: "pt-BR"},
		{name: "small-pt", width: 320, height: 640, scheme: "light", language: "pt-BR"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for i, v := range views {
				if !c.everywhere && i != 1 && i != 4 {
					continue
				}
				a := newAPI(t, key)
				v.name, v.setup, v.agent = c.name+"-"+v.name, c.setup, c.agent
				tb := open(t, root, v)
				url := a.URL
				if c.host != "" {
					url = "http://" + c.host + url[len("http://127.0.0.1"):]
				}
				first := c.screen
				if c.press {
					first = "new"
				}
				tb.goTo(url, first)
				if c.press {
					tb.until(`document.querySelectorAll(".option").length === 3`)
					if c.change != nil {
						a.set(c.change)
					}
					tb.press(button(v.language))
					tb.waitScreen(c.screen)
				}
				tb.sound()
			}
		})
	}
}

func button(language string) string {
	if language == "pt-BR" {
		return "Ativar notificações"
	}
	return "Turn on notifications"
}

func TestSubscriberTurnsOnChangesAndTurnsOff(t *testing.T) {
	a := newAPI(t, "https://push.oficina.example")
	tb := open(t, startBrowser(t), view{name: "walk"})
	tb.goTo(a.URL+"/?invite=inv-1", "new")
	tb.until(`document.body.innerText.includes("You are invited") && !document.querySelector(".option")`)
	tb.view.name = "invited"
	tb.sound()
	tb.press("Turn on notifications")
	tb.waitScreen("on")
	tb.until(`document.body.innerText.includes("Your invite chose for you")`)

	sent := last(t, a, "/api/subscribe")
	wants(t, sent, map[string]any{"label": "Chrome on Linux", "public_key": firstKey, "invite": "inv-1", "declarative": false, "replaces": nil, "categories": nil})
	if got := tb.js("location.search"); got != "" {
		t.Errorf("a used invite stays in the address: %q", got)
	}
	endpoint := sent["endpoint"]

	tb.js(`(() => { const i = document.querySelector("#label"); i.focus(); i.value = "Ana’s laptop"; i.dispatchEvent(new Event("input", {bubbles:true})); i.dispatchEvent(new Event("change", {bubbles:true})); })()`)
	tb.until(`document.querySelector("label[for=label]").textContent.includes("Saved")`)
	wants(t, last(t, a, "/api/subscribe"), map[string]any{"label": "Ana’s laptop", "endpoint": endpoint, "invite": nil, "categories": nil})

	before := len(a.posts("/api/subscribe"))
	tb.js(`document.querySelector("input[role=switch]").click()`)
	tb.until(`document.querySelector("[role=status]").textContent === "Saved"`)
	waitPosts(tb, a, "/api/subscribe", before+1)
	wants(t, last(t, a, "/api/subscribe"), map[string]any{"categories": "[Events]", "label": nil})
	if got := tb.js(`document.body.innerText.includes("Your invite chose for you")`); got != "false" {
		t.Error("the invite is still said to have chosen")
	}

	// every load brings the two sides together, and changes nothing
	before = len(a.posts("/api/subscribe"))
	tb.goTo(a.URL, "on")
	waitPosts(tb, a, "/api/subscribe", before+1)
	wants(t, last(t, a, "/api/subscribe"), map[string]any{"endpoint": endpoint, "public_key": firstKey, "label": nil, "categories": nil, "replaces": nil})
	if got := tb.js(`document.querySelector("#label").value`); got != "Ana’s laptop" {
		t.Errorf("label after a load: %q", got)
	}

	// another key: silently resubscribed, under the old id
	a.set(func(a *api) { a.key = secondKey })
	before = len(a.posts("/api/subscribe"))
	tb.goTo(a.URL, "on")
	waitPosts(tb, a, "/api/subscribe", before+1)
	moved := last(t, a, "/api/subscribe")
	wants(t, moved, map[string]any{"public_key": secondKey, "replaces": deviceID})
	if moved["endpoint"] == endpoint {
		t.Error("another key, the same endpoint")
	}

	tb.press("Turn off on this device")
	tb.waitScreen("new")
	wants(t, last(t, a, "/api/unsubscribe"), map[string]any{"client_uuid": deviceID})
	tb.goTo(a.URL, "new")
}

func TestInviteThatDoesNotWork(t *testing.T) {
	a := newAPI(t, "https://push.oficina.example")
	root := startBrowser(t)
	tb := open(t, root, view{name: "badinvite", language: "pt-BR"})
	refuse := func(a *api) { a.status, a.message = 403, "the invite is unknown, has expired or is used up" }
	a.set(refuse)
	tb.goTo(a.URL+"/?invite=old", "new")
	tb.press(button("pt-BR"))
	tb.waitScreen("badinvite")
	tb.until(`document.body.innerText.includes("is used up")`)
	tb.sound()

	// going on without it leads back to the person's own choice
	a.set(func(a *api) { a.status = 200 })
	tb.press("Continuar sem o convite")
	tb.waitScreen("new")
	tb.until(`location.search === "" && document.querySelectorAll(".option input:checked").length === 3`)
	tb.press(button("pt-BR"))
	tb.waitScreen("on")
	wants(t, last(t, a, "/api/subscribe"), map[string]any{"invite": nil, "categories": "[Events Printer Door and access]"})

	// on a device that is subscribed already it only takes a notice
	a.set(refuse)
	tb.goTo(a.URL+"/?invite=older", "on")
	tb.until(`document.querySelector("[role=alert]")?.textContent.includes("Este convite não funciona") === true`)
	tb.view.name = "badinvite-on"
	tb.sound()
	a.set(func(a *api) { a.status = 200 })
	before := len(a.posts("/api/subscribe"))
	tb.press("Continuar sem o convite")
	waitPosts(tb, a, "/api/subscribe", before+1)
	tb.until(`location.search === "" && document.querySelector("[role=alert]") === null`)
	wants(t, last(t, a, "/api/subscribe"), map[string]any{"invite": nil})
}

func TestTurnOffWithoutServer(t *testing.T) {
	a := newAPI(t, "")
	tb := open(t, startBrowser(t), view{name: "off"})
	tb.goTo(a.URL, "new")
	tb.press("Turn on notifications")
	tb.waitScreen("on")
	a.set(func(a *api) { a.down = true })
	tb.goTo(a.URL, "on")
	tb.until(`document.querySelector("[role=alert]")?.textContent.includes("The server does not answer") === true`)
	tb.view.name = "on-unreachable"
	tb.sound()
	tb.press("Turn off on this device")
	tb.waitScreen("new")
	tb.until(`document.querySelector("[role=alert]")?.textContent.includes("by itself") === true`)
	if got := tb.js(`localStorage.getItem("fake.push")`); got != "null" {
		t.Errorf("the browser's subscription is still there: %s", got)
	}
}

func TestThemeAndLanguageAreRemembered(t *testing.T) {
	a := newAPI(t, "")
	tb := open(t, startBrowser(t), view{name: "choices"})
	tb.goTo(a.URL, "new")
	tb.press("Theme: automatic")
	tb.press("Theme: light")
	tb.press("Português")
	tb.until(`document.documentElement.lang === "pt-BR"`)
	tb.goTo(a.URL, "new")
	if got := tb.js(`document.documentElement.dataset.theme + " " + document.documentElement.lang + " " + document.querySelector("h1").textContent`); got != "dark pt-BR Recados de Oficina Aurora, neste aparelho" {
		t.Errorf("after a load: %q", got)
	}
}

// last is the newest body posted to a path.
func last(t *testing.T, a *api, path string) map[string]any {
	t.Helper()
	all := a.posts(path)
	if len(all) == 0 {
		t.Fatalf("nothing was posted to %s", path)
	}
	return all[len(all)-1]
}
