package ntfy

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// noon is a Wednesday in a zone whose clocks change.
func noon(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 3, 25, 12, 0, 0, 0, zone)
}

// request is one whose headers are "Name: value".
func request(query, body string, headers ...string) Request {
	r := Request{Topic: "ops", Header: http.Header{}, Body: []byte(body)}
	r.Query, _ = url.ParseQuery(query) // what is wrong in it is left out
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

// Every alias, as a header and in the query, of either spelling.
func TestAliases(t *testing.T) {
	now := noon(t)
	for field, aliases := range map[string][]string{
		"Title":    {"X-Title", "Title", "ti", "t"},
		"Message":  {"X-Message", "Message", "m"},
		"Priority": {"X-Priority", "Priority", "prio", "p"},
		"Tags":     {"X-Tags", "Tags", "Tag", "ta"},
		"Click":    {"X-Click", "Click"},
		"Icon":     {"X-Icon", "Icon"},
		"Actions":  {"X-Actions", "Actions", "Action"},
		"At":       {"X-Delay", "Delay", "X-At", "At", "X-In", "In"},
		"Markdown": {"X-Markdown", "Markdown", "md"},
		"Attach":   {"X-Attach", "Attach", "a"},
		"Filename": {"X-Filename", "Filename", "File", "f"},
		"Sequence": {"X-Sequence-ID", "Sequence-ID", "sequence_id", "sid"},
	} {
		value := map[string]string{
			"Priority": "4", "Tags": "warning, disk", "Click": "https://nas.lan/", "Icon": "https://nas.lan/i.png", "At": "30m",
			"Actions": "view, Open, https://nas.lan/", "Markdown": "yes", "Attach": "https://nas.lan/a.log",
		}[field]
		if value == "" {
			value = "some " + field
		}
		want := map[string]any{
			"Priority": 4, "Tags": []string{"warning", "disk"}, "At": now.Add(30 * time.Minute), "Markdown": true,
			"Actions": []Action{{ID: "action-1", Action: "view", Label: "Open", URL: "https://nas.lan/"}},
		}[field]
		if want == nil {
			want = value
		}
		for _, alias := range aliases {
			for how, r := range map[string]Request{
				"header":         request("", "", alias+": "+value),
				"query":          request(url.Values{alias: {value}}.Encode(), ""),
				"query in lower": request(url.Values{strings.ToLower(alias): {value}}.Encode(), ""),
			} {
				m, err := Parse(r, now)
				if err != nil {
					t.Errorf("%s as %s: %v", alias, how, err)
					continue
				}
				if got := reflect.ValueOf(*m).FieldByName(field).Interface(); !reflect.DeepEqual(got, want) {
					t.Errorf("%s as %s: %v, want %v", alias, how, got, want)
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    Request
		want Message
	}{
		{"the body", request("", "Backup done"), Message{Message: "Backup done"}},
		{"blanks around it", request("", " Backup done\r\n"), Message{Message: "Backup done"}},
		{"nothing", request("", ""), Message{Message: "triggered"}},
		{"a title alone", request("title=Backup", ""), Message{Title: "Backup", Message: "triggered"}},
		{"nothing but the query", request("title=Backup&message=done&priority=high&tags=ok,nas", ""),
			Message{Title: "Backup", Message: "done", Priority: 4, Tags: []string{"ok", "nas"}}},
		{"line ends in a header", request("", "", `Message: one\ntwo`), Message{Message: "one\ntwo"}},
		{"line ends in the body", request("", `C:\new`), Message{Message: `C:\new`}},
		{"the body before the header", request("", "body", "Message: header"), Message{Message: "body"}},
		{"the header before the query", request("t=query", "x", "t: header"), Message{Title: "header", Message: "x"}},
		{"the long name first", request("", "x", "t: short", "X-Title: long"), Message{Title: "long", Message: "x"}},
		{"an encoded word", request("", "x", "Title: =?UTF-8?B?U3TDtnJ1bmc=?="), Message{Title: "Störung", Message: "x"}},
		{"another one", request("", "x", "Title: =?utf-8?q?St=C3=B6rung_1?="), Message{Title: "Störung 1", Message: "x"}},
		{"plain UTF-8", request("", "x", "Title: Störung"), Message{Title: "Störung", Message: "x"}},
		{"Latin-1", request("", "St\xf6rung", "Title: St\xf6rung"), Message{Title: "Störung", Message: "Störung"}},
		{"no encoded word", request("", "x", "Title: =?nonsense?="), Message{Title: "=?nonsense?=", Message: "x"}},
		{"HTTP's own priority", request("", "x", "Priority: u=1, i"), Message{Message: "x"}},
		{"HTTP's own and another one", request("", "x", "Priority: u=3", "X-Priority: u=1", "prio: 5"), Message{Message: "x", Priority: 5}},
		{"names of priorities", request("p=urgent", "x"), Message{Message: "x", Priority: 5}},
		{"in capitals", request("p=MIN", "x"), Message{Message: "x", Priority: 1}},
		{"Markdown by type", request("", "*x*", "Content-Type: text/markdown; charset=utf-8"), Message{Message: "*x*", Markdown: true}},
		{"no Markdown", request("", "*x*", "Markdown: no"), Message{Message: "*x*"}},
		{"an attachment without text", request("", "", "Attach: https://nas.lan/day/cam.jpg?x=1"),
			Message{Message: "You received a file: cam.jpg", Attach: "https://nas.lan/day/cam.jpg?x=1", Filename: "cam.jpg"}},
		{"an attachment without name", request("", "", "Attach: https://nas.lan/"),
			Message{Message: "You received a file: attachment", Attach: "https://nas.lan/", Filename: "attachment"}},
		{"a file that is text", request("", "all well", "Filename: log.txt"), Message{Message: "all well", Filename: "log.txt"}},
		{"a file that is text, and a message", request("", "all well", "Filename: log.txt", "Message: Log"),
			Message{Message: "Log", Filename: "log.txt", lost: []string{"the body is a file: recado keeps none, so give its address as Attach"}}},
		{"a file", request("", "\x89PNG\r\n\x1a\n\x00", "Filename: cam.png"),
			Message{Message: "You received a file: cam.png", Filename: "cam.png", lost: []string{"the body is a file: recado keeps none, so give its address as Attach"}}},
		{"too many tags", request("", "x", "Tags: "+strings.Repeat("a,", 60)), Message{Message: "x", Tags: slices.Repeat([]string{"a"}, 50)}},
		{"a template", request("tpl=yes&message={{.x}}", `{"x":1}`), Message{Message: `{"x":1}`, lost: []string{"template: a topic takes text; webhooks are read at /hook"}}},
		{"e-mail", request("email=me@example.com&call=no", "x"), Message{Message: "x", lost: []string{"email: recado only sends push messages"}}},
	} {
		m, err := Parse(tt.r, noon(t))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if tt.want.Topic = "ops"; !reflect.DeepEqual(*m, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, *m, tt.want)
		}
	}
}

func TestParseJSON(t *testing.T) {
	now := noon(t)
	for _, tt := range []struct {
		name, body string
		want       Message
	}{
		{"everything", `{"topic":"ops","message":"sda1\n95 %","title":"Disk full","tags":["warning","disk"],"priority":4,
			"attach":"https://nas.lan/space.jpg","filename":"diskspace.jpg","click":"https://nas.lan/","delay":"30m","icon":"https://nas.lan/i.png",
			"markdown":true,"sequence_id":"disk","actions":[{"action":"view","label":"Admin panel","url":"https://nas.lan/admin","clear":true}]}`,
			Message{Topic: "ops", Message: "sda1\n95 %", Title: "Disk full", Tags: []string{"warning", "disk"}, Priority: 4,
				Attach: "https://nas.lan/space.jpg", Filename: "diskspace.jpg", Click: "https://nas.lan/", At: now.Add(30 * time.Minute),
				Icon: "https://nas.lan/i.png", Markdown: true, Sequence: "disk",
				Actions: []Action{{ID: "action-1", Action: "view", Label: "Admin panel", URL: "https://nas.lan/admin", Clear: true}}}},
		{"the topic alone", `{"topic":"ops"}`, Message{Topic: "ops", Message: "triggered"}},
		{"null", `{"topic":"ops","title":null,"tags":null,"priority":0,"actions":[]}`, Message{Topic: "ops", Message: "triggered"}},
		{"text in the place of numbers and lists", `{"topic":"ops","priority":"high","tags":"a, b","markdown":"yes","actions":"view, Open, https://nas.lan"}`,
			Message{Topic: "ops", Message: "triggered", Priority: 4, Tags: []string{"a", "b"}, Markdown: true,
				Actions: []Action{{ID: "action-1", Action: "view", Label: "Open", URL: "https://nas.lan"}}}},
		{"unknown fields", `{"topic":"ops","message":"x","a":{"b":[1]},"email":""}`, Message{Topic: "ops", Message: "x"}},
		{"a file's name without a file", `{"topic":"ops","message":"x","filename":"a.txt"}`, Message{Topic: "ops", Message: "x", Filename: "a.txt"}},
		{"a backslash is one", `{"topic":"ops","message":"C:\\new"}`, Message{Topic: "ops", Message: `C:\new`}},
	} {
		m, err := ParseJSON(Request{Body: []byte(tt.body)}, now)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if !reflect.DeepEqual(*m, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, *m, tt.want)
		}
	}
	// Apprise sends part of it as headers.
	r := request("icon=https://nas.lan/i.png", `{"topic":"second","title":"Disk full","message":"sda1 at 95%"}`,
		"X-Priority: max", "X-Click: https://nas.lan/", "X-Tags: disk,warning", "X-Title: no", "X-Message: no", "Content-Type: application/json")
	m, err := ParseJSON(r, now)
	want := Message{Topic: "second", Title: "Disk full", Message: "sda1 at 95%", Priority: 5, Click: "https://nas.lan/", Icon: "https://nas.lan/i.png",
		Tags: []string{"disk", "warning"}}
	if err != nil || !reflect.DeepEqual(*m, want) {
		t.Errorf("with headers: %v\n got %+v\nwant %+v", err, *m, want)
	}
}

func TestErrors(t *testing.T) {
	long := strings.Repeat("a", 65)
	for _, tt := range []struct {
		name, query, body string
		code              int
	}{
		{"delay", "delay=whenever", "", 40004},
		{"a time that has been", "at=1700000000", "", 40004},
		{"no delay at all", "in=-5m", "", 40005},
		{"a day that has been", "at=2020-01-31", "", 40005},
		{"next year but one", "in=9000h", "", 40006},
		{"the end of time", "at=9223372036854775807", "", 40006},
		{"priority", "p=6", "", 40007},
		{"priority in words", "p=loud", "", 40007},
		{"attachment", "attach=ftp://nas.lan/x", "", 40013},
		{"icon", "icon=javascript:alert(1)", "", 40021},
		{"action", "actions=dance,Dance,https://nas.lan", "", 40018},
		{"actions in JSON", "actions=[1]", "", 40018},
		{"no JSON", "", `{"topic":`, 40017},
		{"no object", "", `["ops"]`, 40017},
		{"null", "", `null`, 40017},
		{"a field of another type", "", `{"topic":"ops","title":{"a":1}}`, 40017},
		{"a list of lists", "", `{"topic":"ops","tags":[["a"]]}`, 40017},
		{"no topic", "", `{"message":"x"}`, 40009},
		{"no good topic", "", `{"topic":"a b"}`, 40009},
		{"a long topic", "", `{"topic":"` + long + `"}`, 40009},
	} {
		r := request(tt.query, tt.body)
		parse := Parse
		if tt.body != "" {
			parse = ParseJSON
		}
		_, err := parse(r, noon(t))
		var e *Error
		if !errors.As(err, &e) || e.Code != tt.code || e.HTTP != 400 || e.Message == "" {
			t.Errorf("%s: %+v, want code %d", tt.name, err, tt.code)
		}
	}
	for _, topic := range []string{"", "a.b", "a/b", long, "ä", "a b"} {
		if _, err := Parse(Request{Topic: topic}, noon(t)); err == nil {
			t.Errorf("%q is a topic", topic)
		}
	}
	if !IsTopic("Az09-_") {
		t.Error("every character of a topic")
	}
}

func TestEmoji(t *testing.T) {
	for tag, want := range map[string]string{"warning": "⚠️", "+1": "👍", "zzz": "💤", "100": "💯", "skull": "💀", "": "", "warn": "", "Warning": "", "warning ⚠️": "", "zzzz": "", "~": "", "!": ""} {
		if got := emoji(tag); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
	// The search needs the lines in order.
	lines := strings.Split(strings.TrimSuffix(emojis, "\n"), "\n")
	if !slices.IsSorted(lines) || len(lines) < 1800 {
		t.Errorf("%d lines, in order: %v", len(lines), slices.IsSorted(lines))
	}
	for _, line := range lines {
		if name, want, _ := strings.Cut(line, " "); emoji(name) != want {
			t.Errorf("%s is not found", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("title=x&in=30m", "body", "X-Tags: a,warning")
	f.Add("actions=view,a,https://b;http,'c\\'d',url=e", "\x00", "Priority: u=1")
	f.Add("", `{"topic":"ops","tags":["a"],"actions":[{"action":"view"}],"delay":"tomorrow, 10am"}`, "Title: =?utf-8?q?a?=")
	now := noon(f)
	f.Fuzz(func(t *testing.T, query, body, header string) {
		r := request(query, body, header)
		for _, parse := range []func(Request, time.Time) (*Message, error){Parse, ParseJSON} {
			m, err := parse(r, now)
			var e *Error
			switch {
			case err != nil && (!errors.As(err, &e) || e.HTTP != 400):
				t.Errorf("not one of ntfy's: %v", err)
			case err != nil:
			case m.Message == "" || !IsTopic(m.Topic) || m.Priority < 0 || m.Priority > 5 || len(m.Actions) > maxActions:
				t.Errorf("%+v", m)
			case !m.At.IsZero() && !m.At.After(now):
				t.Errorf("due in the past: %v", m.At)
			default:
				if n := m.Notification(); n.Body == "" || n.Urgency == "" {
					t.Errorf("%+v", n)
				}
			}
		}
	})
}
