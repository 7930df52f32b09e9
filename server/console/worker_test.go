package console_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// shown lists the notifications on the screen: title|body|tag|silent.
const shown = `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map((n) => [n.title, n.body, n.tag, n.silent].join("|")).sort().join("\n"))`

// The real service worker in a real Chromium, given pushes as a push service would.
func TestWorkerShowsWhateverComes(t *testing.T) {
	a := newAPI(t, "")
	tb := open(t, startBrowser(t), view{name: "worker", setup: `{}`})
	tb.allow(a.URL)
	found := tb.watchWorker()
	tb.goTo(a.URL, "new")
	tb.press("Turn on notifications")
	tb.waitScreen("on")
	id := <-found

	cases := []struct{ name, data, want string }{
		{"usual", `{"title":"Disk full","body":"sda1 at 95 %","url":"https://nas.lan/","id":"n-1","receipt":"r-1"}`, "Disk full|sda1 at 95 %|n-1|false"},
		{"repeated", `{"title":"Disk full","body":"sda1 at 95 %","url":"https://nas.lan/","id":"n-1","receipt":"r-1"}`, "Disk full|sda1 at 95 %|n-1|true"},
		{"tagged", `{"title":"T","tag":"build","renotify":true,"silent":true,"vibrate":[100],"id":"n-2","actions":[{"action":"open","title":"Open","url":"/x"}]}`, "T||build|true"},
		{"declarative", `{"web_push":8030,"notification":{"title":"Build failed","body":"b","navigate":"https://ci.example/","tag":"","dir":"auto"},"id":"n-3","receipt":"r-3"}`, "Build failed|b|n-3|false"},
		{"no title", `{"body":"only a body","id":"n-4"}`, "Oficina Aurora|only a body|n-4|false"},
		{"nothing usable", `{"id":"n-5"}`, "Oficina Aurora|A message arrived without readable text.|n-5|false"},
		{"wrong types", `{"title":["x"],"body":{"a":1},"url":7,"icon":3,"actions":[null,5,{}],"vibrate":"no","dir":"up","lang":1,"tag":{},"id":"n-6"}`, "Oficina Aurora|A message arrived without readable text.|n-6|false"},
		{"plain text", `the kettle is on`, "Oficina Aurora|the kettle is on|"},
		{"empty", ``, "Oficina Aurora|A message arrived without readable text.|"},
		{"no object", `null`, "Oficina Aurora|A message arrived without readable text.|"},
		{"a string", `"tea is ready"`, "Oficina Aurora|tea is ready|"},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tb.t = t
			tb.deliver(a.URL, id, c.data)
			tb.until(fmt.Sprintf("shownCount === %d", i+1))
			if got := tb.js(shown); !strings.Contains(got, c.want) {
				t.Errorf("on the screen:\n%s\nwant %q", got, c.want)
			}
		})
	}
	tb.t = t
	if got := strings.Count(tb.js(shown), "Disk full"); got != 1 {
		t.Errorf("the repeated message stands %d times on the screen", got)
	}

	// receipts, the repeated one as well; the page's list grew while it was open
	waitPosts(tb, a, "/api/receipt", 3)
	wants(t, a.posts("/api/receipt")[0], map[string]any{"receipt": "r-1", "event": "displayed"})
	tb.until(`document.querySelectorAll(".list > li").length === 5`)
	tb.press("Show older")
	tb.until(`document.querySelectorAll(".list > li").length === 10`)
	tb.sound()

	// pressing and closing are told, and a pressed message has been read
	act := func(kind, action string) {
		tb.js(`new BroadcastChannel("act").postMessage({ type: "` + kind + `", tag: "n-1", action: "` + action + `" })`)
	}
	unread := tb.js(`document.querySelectorAll(".unread").length`)
	act("notificationclose", "")
	waitPosts(tb, a, "/api/receipt", 4)
	wants(t, last(t, a, "/api/receipt"), map[string]any{"receipt": "r-1", "event": "closed"})
	act("notificationclick", "open")
	waitPosts(tb, a, "/api/receipt", 5)
	wants(t, last(t, a, "/api/receipt"), map[string]any{"receipt": "r-1", "event": "clicked", "action": "open"})
	tb.until(`document.querySelectorAll(".unread").length === ` + unread + ` - 1`)

	// Firefox closes what is pressed, and says so: that is no second thing that a person did
	tb.deliver(a.URL, id, `{"title":"Pressed","id":"n-8","receipt":"r-8"}`)
	tb.until(fmt.Sprintf("shownCount === %d", len(cases)+1))
	tb.js(`new BroadcastChannel("act").postMessage({ type: "notificationclick", also: "notificationclose", tag: "n-8", action: "" })`)
	waitPosts(tb, a, "/api/receipt", 7)
	tb.deliver(a.URL, id, `{"title":"Dismissed","id":"n-10","receipt":"r-10"}`)
	tb.until(fmt.Sprintf("shownCount === %d", len(cases)+2))
	tb.js(`new BroadcastChannel("act").postMessage({ type: "notificationclose", tag: "n-10", action: "" })`)
	waitPosts(tb, a, "/api/receipt", 9)
	for _, receipt := range a.posts("/api/receipt") {
		if receipt["receipt"] == "r-8" && receipt["event"] == "closed" {
			t.Error("a pressed notification is told to be dismissed")
		}
	}

	// a server that fails its receipts keeps nothing from showing
	a.set(func(a *api) { a.down = true })
	tb.deliver(a.URL, id, `{"title":"Still shown","id":"n-9","receipt":"r-9"}`)
	tb.until(fmt.Sprintf("shownCount === %d", len(cases)+3))
}

func TestTestButtonShowsAndKeepsAMessage(t *testing.T) {
	a := newAPI(t, "")
	tb := open(t, startBrowser(t), view{name: "test", setup: `{}`})
	tb.allow(a.URL)
	tb.goTo(a.URL, "new")
	tb.press("Turn on notifications")
	tb.waitScreen("on")
	tb.press("Show me a test")
	tb.until(`document.querySelector("[role=status]").textContent.startsWith("The test was handed")`)
	if got := tb.js(shown); !strings.HasPrefix(got, "Test from Oficina Aurora|") {
		t.Errorf("on the screen: %q", got)
	}
	tb.until(`document.querySelector(".list .badge")?.textContent === "Test" && document.querySelectorAll(".unread").length === 1`)
	tb.js(`document.querySelector(".list .hit").click()`)
	tb.until(`document.querySelectorAll(".unread").length === 0`)
	tb.sound()
}

// Without a network the page opens all the same, with what this device has kept.
func TestPageOpensWithoutNetwork(t *testing.T) {
	a := newAPI(t, "")
	tb := open(t, startBrowser(t), view{name: "offline"})
	tb.goTo(a.URL, "new")
	tb.press("Turn on notifications")
	tb.waitScreen("on")
	tb.js(`recado.messages.add({ id: "kept", title: "The keys are with Carla", body: "", url: "", at: Date.now() })`)
	tb.goTo(a.URL+"/?invite=secret", "on") // now under the worker's control
	const kept = `caches.open("shell").then((shell) => shell.keys()).then((all) => all.map(({ url }) => new URL(url).pathname + new URL(url).search).sort().join(" "))`
	tb.until(kept + `.then((all) => ["/ ", "/assets/main.js", "/assets/recado.css", "/assets/vendor/preact.js", "/manifest.webmanifest"].every((file) => all.includes(file)))`)
	if all := tb.js(kept); strings.Contains(all, "/api/") || strings.Contains(all, "?") || strings.Contains(all, "/sw.js") {
		t.Errorf("kept: %s", all)
	}

	// while there is a network, nothing comes from what was kept
	tb.js(`caches.open("shell").then((shell) => shell.put("/", new Response("old")))`)
	tb.goTo(a.URL, "on")
	tb.until(`caches.match("/").then((answer) => answer.text()).then((page) => page.includes("<!doctype html>"))`)

	a.Listener.Close()
	a.CloseClientConnections()
	tb.goTo(a.URL+"/?from=home", "on")
	tb.until(`document.body.innerText.includes("The keys are with Carla")`)
	tb.until(`document.querySelector("[role=alert]")?.textContent.includes("The server does not answer") === true`)
	tb.sound()
	if got := tb.js(`fetch("/api/categories").then(() => "answered", () => "failed")`); got != "failed" {
		t.Errorf("the API without a network: %s", got)
	}
	if got := tb.js(`getComputedStyle(document.querySelector(".card")).borderRadius`); got == "0px" {
		t.Error("the page has no style")
	}
}

func TestStorageKeepsTwoHundredMessagesForThirtyDays(t *testing.T) {
	a := newAPI(t, "")
	tb := open(t, startBrowser(t), view{name: "cap"})
	tb.goTo(a.URL, "new")
	got := tb.js(`(async () => {
		const day = 86400000, now = Date.now();
		await recado.messages.add({ id: "old", title: "old", body: "", url: "", at: now - 31 * day });
		for (let i = 0; i < 203; i++) await recado.messages.add({ id: "m" + i, title: "t", body: "", url: "", at: now - 203 + i });
		const all = await recado.messages.list();
		return [all.length, all[0].id, all.at(-1).id, await recado.messages.add({ id: "m202" }), await recado.messages.add({ id: "x", at: now })].join(" ");
	})()`)
	if want := "200 m202 m3 true false"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func wants(t *testing.T, body map[string]any, want map[string]any) {
	t.Helper()
	for field, value := range want {
		got, given := body[field]
		if value == nil && given {
			t.Errorf("%s is given: %v", field, got)
		}
		if value != nil && fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s = %v, want %v", field, got, value)
		}
	}
}

func waitPosts(tb *tab, a *api, path string, count int) {
	tb.t.Helper()
	for deadline := time.Now().Add(15 * time.Second); len(a.posts(path)) < count; {
		if time.Now().After(deadline) {
			tb.t.Fatalf("%s was posted to %d times, want %d", path, len(a.posts(path)), count)
		}
		<-time.After(20 * time.Millisecond)
	}
}
