package console_test

import (
	"encoding/json"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// jsJSON evaluates an expression as JSON, in the reach of the form's modules.
func (tb *tab) jsJSON(expression string) any {
	tb.t.Helper()
	text := tb.js(`(async () => {
		self.recado ||= { settings: { get: async () => null } };
		const { bodyOf, draft, fill, reset, set } = await import("/assets/admin/send/draft.js");
		const { command } = await import("/assets/admin/send/script.js");
		const { instant, local } = await import("/assets/admin/send/zone.js");
		return JSON.stringify(` + expression + `);
	})()`)
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		tb.t.Fatalf("%s = %q: %v", expression, text, err)
	}
	return value
}

func (tb *tab) wantJSON(expression, want string) {
	tb.t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		tb.t.Fatalf("%s: %v", want, err)
	}
	if got := tb.jsJSON(expression); !reflect.DeepEqual(got, wanted) {
		text, _ := json.Marshal(got)
		tb.t.Errorf("%s = %s\nwant %s", expression, text, want)
	}
}

// What the form sends says nothing that the person has not said: a script that
// copies it sees what matters.
func testBodies(_ *testing.T, tb *tab) {
	for draft, want := range map[string]string{
		`{ title: " Door ", body: "", url: " https://x.example/ " }`:                         `{"title":"Door","url":"https://x.example/"}`,
		`{ title: "a", ttl: "0", urgency: "high", silent: true }`:                            `{"title":"a","ttl":0,"urgency":"high","silent":true}`,
		`{ title: "a", renotify: true }`:                                                     `{"title":"a"}`,
		`{ title: "a", renotify: true, tag: "t" }`:                                           `{"title":"a","renotify":true,"tag":"t"}`,
		`{ title: "a", audience: "categories", categories: [], users: ["Ana"] }`:             `{"title":"a","target":{"categories":[]}}`,
		`{ title: "a", audience: "some", categories: ["c"], devices: [{ id: "1" }] }`:        `{"title":"a","target":{"subscriptions":["1"]}}`,
		`{ title: "a", audience: "some", also: ["c"], users: ["Ana"] }`:                      `{"title":"a","target":{"categories":["c"],"users":["Ana"]}}`,
		`{ title: "a", audience: "some" }`:                                                   `{"title":"a","target":{}}`,
		`{ title: "a", at: "2026-11-22T18:00", zone: "Asia/Kathmandu" }`:                     `{"title":"a"}`,
		`{ title: "a", when: "later", at: "2026-11-22T18:00", zone: "Asia/Kathmandu" }`:      `{"title":"a","scheduled_at":"2026-11-22T12:15:00Z"}`,
		`{ title: "a", when: "later", at: "", ends: "" }`:                                    `{"title":"a"}`,
		`{ title: "a", when: "repeat", zone: "UTC", clock: "08:05" }`:                        `{"title":"a","repeat":"5 8 * * *","time_zone":"UTC"}`,
		`{ title: "a", when: "repeat", zone: "UTC", rhythm: "workdays" }`:                    `{"title":"a","repeat":"0 8 * * 1-5","time_zone":"UTC"}`,
		`{ title: "a", when: "repeat", zone: "UTC", rhythm: "week", weekdays: [1, 4] }`:      `{"title":"a","repeat":"0 8 * * 1,4","time_zone":"UTC"}`,
		`{ title: "a", when: "repeat", zone: "UTC", rhythm: "month", day: 31 }`:              `{"title":"a","repeat":"0 8 31 * *","time_zone":"UTC"}`,
		`{ title: "a", when: "repeat", zone: "UTC", rhythm: "other", cron: " */7 * * * * "}`: `{"title":"a","repeat":"*/7 * * * *","time_zone":"UTC"}`,
		`{ title: "a", when: "repeat", zone: "UTC", starts: "2026-12-01T00:00", ends: "2027-01-01T00:00" }`: `{"title":"a","repeat":"0 8 * * *","time_zone":"UTC",
			"scheduled_at":"2026-12-01T00:00:00Z","expires_at":"2027-01-01T00:00:00Z"}`,
		// A receipt names the button that was pressed by its word, and each has one of its own.
		`{ title: "a", actions: [{ title: " Abrir já ", url: "https://x.example/" }, { title: "Abrir ja", url: "" }, { title: "開く", url: "" }, { action: "old", title: "x", url: "", icon: "https://x.example/i" }] }`: `{"title":"a",
			"actions":[{"action":"abrir-ja","title":"Abrir já","url":"https://x.example/"},{"action":"abrir-ja-2","title":"Abrir ja"},{"action":"button-3","title":"開く"},{"action":"old","title":"x","icon":"https://x.example/i"}]}`,
	} {
		tb.wantJSON(`(reset(), set(`+draft+`), bodyOf(draft.value))`, want)
	}
}

const everyField = `{"id":"01a217e3-0574-79b6-ae79-3f778c87de45","state":"scheduled","title":"Disk full","body":"sda1","url":"https://nas.lan/","icon":"https://nas.lan/i.png",
	"image":"https://nas.lan/p.jpg","badge":"https://nas.lan/b.png","tag":"disk","lang":"en","dir":"ltr","silent":true,"require_interaction":true,"renotify":true,"vibrate":[200],
	"actions":[{"action":"open","title":"Open","icon":"https://nas.lan/o.png","url":"https://nas.lan/"}],"data":{"n":1},"ttl":90,"urgency":"low","topic":"disk",
	"target":{"categories":["ops"],"users":["Ana"],"subscriptions":["74a302e1-5419-4ab8-80a3-c83c171240aa"]},"scheduled_at":"2027-01-02T08:00:00.000Z","repeat":"30 22 * * 1-5",
	"time_zone":"America/Sao_Paulo","expires_at":"2027-06-01T00:00:00.000Z","parent_id":null,"next_at":"2027-01-05T01:30:00.000Z"}`

// Nothing of a scheduled notification is lost by editing it, also what the form
// does not show; to send it again is to send it now.
func testRefill(_ *testing.T, tb *tab) {
	content := `"title":"Disk full","body":"sda1","url":"https://nas.lan/","icon":"https://nas.lan/i.png","image":"https://nas.lan/p.jpg","badge":"https://nas.lan/b.png","tag":"disk","lang":"en","dir":"ltr",
		"silent":true,"require_interaction":true,"renotify":true,"vibrate":[200],"actions":[{"action":"open","title":"Open","icon":"https://nas.lan/o.png","url":"https://nas.lan/"}],"data":{"n":1},
		"ttl":90,"urgency":"low","topic":"disk","target":{"categories":["ops"],"users":["Ana"],"subscriptions":["74a302e1-5419-4ab8-80a3-c83c171240aa"]}`
	refill := func(change, editing string) string {
		return `(fill({ ...` + everyField + `, ` + change + ` }, [{ id: "74a302e1-5419-4ab8-80a3-c83c171240aa" }], ` + editing + `), bodyOf(draft.value))`
	}
	tb.wantJSON(refill("", "true"), `{`+content+`,"scheduled_at":"2027-01-02T08:00:00Z","repeat":"30 22 * * 1-5","time_zone":"America/Sao_Paulo","expires_at":"2027-06-01T00:00:00Z"}`)
	tb.wantJSON(refill("", "false"), `{`+content+`}`)
	for _, repeat := range []string{"5 8 * * *", "0 8 * * 0,6", "0 8 31 * *", "*/7 * * * *", "0 8,20 * * *", "0 8 1,15 * *", "0 18 24 12 *", "0 8 1 * 1"} {
		tb.wantJSON(`(fill({ ...`+everyField+`, repeat: "`+repeat+`" }, [], true), bodyOf(draft.value).repeat)`, quote(repeat))
	}
	tb.wantJSON(refill(`repeat: "", time_zone: "UTC", expires_at: null`, "true"), `{`+content+`,"scheduled_at":"2027-01-02T08:00:00Z"}`)
}

func testZones(_ *testing.T, tb *tab) {
	for _, c := range []struct{ wall, zone, want string }{
		{"2026-11-22T18:00", "UTC", "2026-11-22T18:00:00.000Z"},
		{"2026-11-22T18:00", "Asia/Kathmandu", "2026-11-22T12:15:00.000Z"},
		{"2026-07-22T18:00", "Europe/Lisbon", "2026-07-22T17:00:00.000Z"},
		{"2026-03-29T00:59", "Europe/Lisbon", "2026-03-29T00:59:00.000Z"},
		{"2026-03-29T01:30", "Europe/Lisbon", "2026-03-29T01:30:00.000Z"}, // left out: half an hour after the change
		{"2026-03-29T02:00", "Europe/Lisbon", "2026-03-29T01:00:00.000Z"},
		{"2026-10-25T01:30", "Europe/Lisbon", "2026-10-25T00:30:00.000Z"}, // comes twice: the first
		{"2026-10-25T02:00", "Europe/Lisbon", "2026-10-25T02:00:00.000Z"},
		{"2026-01-01T00:00", "Pacific/Kiritimati", "2025-12-31T10:00:00.000Z"},
		{"2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00.000Z"},
	} {
		tb.wantJSON(`instant("`+c.wall+`", "`+c.zone+`")`, `"`+c.want+`"`)
	}
	tb.wantJSON(`[instant("", "UTC"), local(new Date("2026-11-22T18:00:59Z"), "Asia/Kathmandu")]`, `[null,"2026-11-22T23:45"]`)
}

// What is copied means in a shell what the form means, whatever is written in it.
func testCommand(t *testing.T, tb *tab) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	body := `{"title":"It's 5 o'clock: $HOME \"now\" \\ !","body":"two\nlines ''' and %s 🔔","target":{"categories":["Door & access"]}}`
	for id, address := range map[string]string{`null`: "https://push.oficina.example/api/notify", `"01a2"`: "https://push.oficina.example/v1/pushnotification/01a2"} {
		command := tb.jsJSON(`command(` + body + `, ` + id + `)`).(string)
		run := exec.Command(sh, "-c", `curl() { printf '%s\0' "$@"; }; `+command)
		run.Env = []string{"RECADO_TOKEN=rcd_1", "HOME=/root"}
		out, err := run.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, command)
		}
		args := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		var got, want any
		if err := json.Unmarshal([]byte(args[len(args)-1]), &got); err != nil {
			t.Fatalf("%v: %s", err, command)
		}
		if err := json.Unmarshal([]byte(body), &want); err != nil {
			t.Fatal(err)
		}
		rest := strings.Join(args[:len(args)-1], " ")
		if !reflect.DeepEqual(got, want) || !strings.Contains(rest, address) || !strings.Contains(rest, "-H Authorization: Bearer rcd_1 ") {
			t.Errorf("the shell made of it %q", args)
		}
	}
}

// A press whose answer was lost is the same request when it is repeated; another
// text is another request.
func testRepeatedPress(_ *testing.T, tb *tab) {
	tb.wantJSON(`await (async () => {
		const { send } = await import("/assets/admin/send/publish.js");
		const keys = [];
		let lost = true;
		self.fetch = async (path, { headers }) => {
			keys.push(headers["Idempotency-Key"]);
			if (lost) throw new TypeError("lost");
			return new Response(JSON.stringify({ id: "1", state: "sending" }), { status: 201 });
		};
		set({ title: "Door" });
		await Promise.all([send(), send()]); // pressed twice
		await send();
		set({ title: "Door open" });
		await send();
		lost = false;
		await send();
		const sent = draft.value.title;
		set({ title: "Door open" });
		await send(); // the same again, meant so
		return [keys.map((key) => keys.indexOf(key)), keys.every((key) => /^[0-9a-f]{32}$/.test(key)), sent, location.hash];
	})()`, `[[0,0,2,2,4],true,"","#/notifications/1"]`)
}
