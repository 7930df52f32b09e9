package webhook

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestUnknownPayloads(t *testing.T) {
	readEvents(t, []event{
		{"Jellyseerr", "User-Agent: axios/1.3.4", `{"notification_type":"MEDIA_AVAILABLE","event":"Movie Request Now Available","subject":"Dune (2021)","message":"Paul Atreides leads.","image":"https://image.tmdb.org/x.jpg","media":{"media_type":"movie","tmdbId":"438631","status":"AVAILABLE"},"extra":[]}`,
			"Dune (2021) | notification type: MEDIA_AVAILABLE / event: Movie Request Now Available / Paul Atreides leads. / image: https://image.tmdb.org/x.jpg / media media type: movie / media tmdb id: 438631 / media status: AVAILABLE |  | normal"},
		{"from a device", "", `{"device":"door","battery":12,"open":true,"rssi":-60.5}`, "door | device: door / battery: 12 / open: true / rssi: -60.5 |  | normal"},
		{"from a product", "User-Agent: Beszel/0.9", `{"cpu":91,"systemName":"nas"}`, "Beszel | cpu: 91 / system name: nas |  | normal"},
		{"a title, a link and a level", "", `{"title":"Disk full","url":"https://nas.lan/","level":"critical","details":{"disk":"sda1","used":"95 %"}}`, "Disk full | level: critical / details disk: sda1 / details used: 95 % | https://nas.lan/ | high"},
		{"texts alone", "", `{"foo":"bar","nested":{"baz":"qux"}}`, "foo: bar | nested baz: qux |  | normal"},
		{"a list", "", `["one","two"]`, "one | two |  | normal"},
		{"a list of objects", "User-Agent: Frigate", `[{"label":"person","camera":"door"},{"label":"car","camera":"yard"}]`, "Frigate | label: person / camera: door / label: car / camera: yard |  | normal"},
		{"one in a list", "", `[{"title":"Disk full","message":"sda1"}]`, "Disk full | sda1 |  | normal"},
		{"nothing in it", "", `{}`, "Webhook |  |  | normal"},
		{"nothing but nulls", "User-Agent: Thing/1", `{"a":null,"b":[],"c":""}`, "Thing |  |  | normal"},
		{"keys and files", "", `{"event":"x","token":"ZXlKaGJHY2lPaUpJVXpJMU5pSXNJblI1Y0NJNklrcFhWQ0o5","image":"data:image/png;base64,AAAA"}`, "event: x |  |  | normal"},
		{"a string", "", `"Backup done"`, "Backup done |  |  | normal"},
		{"a number", "", `42`, "42 |  |  | normal"},

		{"a text", "User-Agent: curl/8.5.0", "Backup done\n214 GiB in 38 min\n", "Backup done | 214 GiB in 38 min |  | normal"},
		{"curl -d", "Content-Type: application/x-www-form-urlencoded", "Backup done", "Backup done |  |  | normal"},
		{"curl -d with a sign", "Content-Type: application/x-www-form-urlencoded", "disk=full on nas", "disk=full on nas |  |  | normal"},
		{"a form", "Content-Type: application/x-www-form-urlencoded", "host=nas&used=95%25", "nas | host: nas / used: 95% |  | normal"},
		{"a long line of a product", "User-Agent: Duplicati/2.0", strings.Repeat("word ", 20), "Duplicati | " + strings.TrimSpace(strings.Repeat("word ", 20)) + " |  | normal"},
		{"a long line", "", strings.Repeat("word ", 20), "word word word word word word word word word word word… | " + strings.TrimSpace(strings.Repeat("word ", 20)) + " |  | normal"},
		{"Latin-1", "", "caf\xe9 ouvert", "café ouvert |  |  | normal"},
		{"JSON in Latin-1", "", "{\"title\":\"caf\xe9\"}", "café |  |  | normal"},
		{"a byte order mark", "", "\xef\xbb\xbf{\"title\":\"x\",\"message\":\"y\"}", "x | y |  | normal"},
		{"codes for terminals", "", "\x1b[31mFailed\x1b[0m\x07\r\nsee the log", "Failed | see the log |  | normal"},
		{"XML", "Content-Type: application/xml", `<?xml version="1.0"?><alert><name>Disk</name><text>sda1 &amp; sdb1 full</text></alert>`, "Disk | sda1 & sdb1 full |  | normal"},
		{"HTML", "", `<html><head><style>p{}</style></head><body><p>Backup <b>failed</b><br>now</p></body></html>`, "Backup | failed / now |  | normal"},
		{"broken JSON", "", `{"title": "Disk "full"", "message": "sda1\nat 95 %"}`, "title: Disk full | message: sda1 / at 95 % |  | normal"},
		{"JSON that was cut off", "", `{"title":"Disk full","message":"sda`, "title: Disk full | message: sda |  | normal"},
		{"two of them", "", `{"a":"b"}` + "\n" + `{"c":"d"}`, "a: b | c: d |  | normal"},
	})
}

func TestNothingToShow(t *testing.T) {
	for _, body := range []string{"", " \n ", `null`, `""`, "\xef\xbb\xbf"} {
		if m, err := Read(Request{Body: []byte(body)}); !errors.Is(err, ErrEmpty) {
			t.Errorf("%q: %+v, %v", body, m, err)
		}
	}
}

func TestDepth(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":`, n) + `"x"` + strings.Repeat("}", n) }
	for name, tt := range map[string]struct {
		body, contentType string
		deep              bool
	}{
		"objects": {nested(33), "", true}, "as deep as allowed": {nested(32), "", false},
		"lists": {strings.Repeat("[", 33) + strings.Repeat("]", 33), "", true}, "a bomb": {strings.Repeat("[", 1<<20), "", true},
		"in a form": {"payload=" + nested(33), "application/x-www-form-urlencoded", true},
		"cut off":   {strings.Repeat(`{"a":`, 40), "", true},
	} {
		if _, err := Read(Request{Body: []byte(tt.body), Header: http.Header{"Content-Type": {tt.contentType}}}); tt.deep != errors.Is(err, ErrDeep) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"# Title\n\n**bold** and *slanted* and `code`":       "Title\nbold and slanted and code",
		"snake_case_name and __init__ and 2*3*4":             "snake_case_name and init and 2*3*4",
		"[link](https://x.lan/a) ![picture](https://x.lan/)": "link picture",
		"<!-- a\ncomment -->kept":                            "kept",
		"a<br>b<br/>c <b>d</b> &amp; &lt;e&gt;":              "a\nb\nc d & <e>",
		"```go\nx := 1\n```\ndone":                           "x := 1\ndone",
		"<https://x.lan/1|web> <https://x.lan/2>":            "web https://x.lan/2",
		"> quoted\n---\n~~gone~~":                            "quoted\ngone",
		"a < b and c > d":                                    "a < b and c > d",
		"(_really_)":                                         "(really)",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzRead: whatever comes becomes a message that can be shown.
func FuzzRead(f *testing.F) {
	for _, name := range requests(f) {
		r := request(f, name)
		f.Add(r.Body, r.Header.Get("Content-Type"), r.Header.Get("X-GitHub-Event"), r.Header.Get("User-Agent"))
	}
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--"), "multipart/form-data; boundary=x", "", "")
	f.Add([]byte("<a><b>c</b></a>"), "text/xml", "push", "healthchecks.io")
	f.Fuzz(func(t *testing.T, body []byte, contentType, event, agent string) {
		h := http.Header{}
		h.Set("Content-Type", contentType)
		h.Set("X-GitHub-Event", event)
		h.Set("User-Agent", agent)
		m, err := Read(Request{Header: h, Body: body})
		switch {
		case errors.Is(err, ErrEmpty), errors.Is(err, ErrDeep):
		case err != nil:
			t.Errorf("%v", err)
		default:
			check(t, "fuzzed", m)
		}
	})
}

// FuzzForge: every event's reading stands any payload.
func FuzzForge(f *testing.F) {
	f.Add("push", `{"ref":"refs/heads/main","commits":[{"message":"x"}],"total_commits":1e300}`)
	f.Add("commit_comment", `{"comment":{"commit_id":"abc"}}`)
	f.Add("action_run", `{"run":{}}`)
	f.Fuzz(func(t *testing.T, event, body string) {
		for _, header := range []string{"X-GitHub-Event", "X-Gitea-Event"} {
			r := Request{Header: http.Header{}, Body: []byte(body)}
			r.Header.Set(header, event)
			if m, err := Read(r); err == nil {
				check(t, event, m)
			}
		}
	})
}
