package webhook

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// makes is what a template for the body makes of a payload.
func makes(t testing.TB, text, payload string) (string, error) {
	t.Helper()
	compiled, err := NewTemplate(Fields{Title: "T", Body: text})
	if err != nil {
		return "", err
	}
	m, err := compiled.Read(context.Background(), Request{Body: []byte(payload)})
	return m.Body, err
}

func TestTemplates(t *testing.T) {
	const payload = `{"host":"nas","used":95,"load":0.5,"big":12345678901234567890,"on":true,"none":null,"labels":{"severity":"critical","env":"prod"},"alerts":[{"name":"a"},{"name":"b"}],"tags":["x","y"],"text":"**a** <b>b</b>\nc"}`
	for in, want := range map[string]string{
		`{{.host}} is at {{.used}} %`:                                     "nas is at 95 %",
		`{{.load}} {{.big}} {{.on}}`:                                      "0.5 12345678901234567000 true",
		`[{{.none}}{{.missing}}]`:                                         "[]",
		`{{if .missing}}no{{else}}yes{{end}}`:                             "yes",
		`{{with .missing}}{{.x}}{{end}}done`:                              "done",
		`{{range .alerts}}{{.name}} {{end}}`:                              "a b",
		`{{range $i, $a := .alerts}}{{if $i}}, {{end}}{{$a.name}}{{end}}`: "a, b",
		`{{range .alerts}}{{break}}{{end}}{{range .tags}}{{if eq . "x"}}{{continue}}{{end}}{{.}}{{end}}`: "y",
		`{{if gt .used 90}}nearly full{{end}}`: "nearly full",
		`{{.labels}}`:                          "env: prod, severity: critical",
		`{{.tags}}`:                            "x, y",
		`{{.alerts}}`:                          "name: a, name: b",
		`{{join " / " .tags}}`:                 "x / y",
		`{{get . "alerts.1.name"}}{{get . "no.where"}}`:     "b",
		`{{.missing | default "?"}} {{default "?" .host}}`:  "? nas",
		`{{upper .host}} {{lower "ABC"}} {{trim "  x "}}`:   "NAS abc x",
		`{{line .text}} | {{plain .text}}`:                  "**a** <b>b</b> c | a b\nc",
		`{{"a rather long sentence" | cut 10}}`:             "a rather…",
		`{{replace "a" "o" .host}} {{contains "as" .host}}`: "nos true",
		`{{printf "%s %d %.1f" .host .used .load}}`:         "nas 95 0.5",
		`{{print .none "x"}}{{println .used}}`:              "x95",
		`{{urlquery "a b"}} {{html "<"}}`:                   "a+b &lt;",
		`{{$x := .host}}{{$x}}{{$x = "y"}}{{$x}}`:           "nasy",
		`{{/* nothing */}}x`:                                "x",
		`{{len .tags}} {{index .tags 1}} {{slice .host 1}}`: "2 y as",
		`{{range 3}}{{.}}{{end}}`:                           "012",
	} {
		if got, err := makes(t, in, payload); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestTemplateFields(t *testing.T) {
	read := func(f Fields, body string) Message {
		t.Helper()
		compiled, err := NewTemplate(f)
		if err != nil {
			t.Fatal(err)
		}
		m, err := compiled.Read(t.Context(), Request{Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	const kuma = `{"heartbeat":{"status":0,"msg":"gone"},"monitor":{"id":1,"name":"nas"},"msg":"x"}`
	builtIn, err := Read(Request{Body: []byte(kuma)})
	if err != nil {
		t.Fatal(err)
	}
	want := builtIn
	want.Title = "NAS!"
	if m := read(Fields{Title: "{{upper .monitor.name}}!"}, kuma); m != want {
		t.Errorf("the other fields: %+v, want %+v", m, want)
	}
	if m := read(Fields{}, kuma); m != builtIn {
		t.Errorf("no template: %+v, want %+v", m, builtIn)
	}
	m := read(Fields{Title: "{{.a}}\n{{.b}}", URL: "{{.url}}", Urgency: "{{.severity}}", Tag: "{{.a}}"}, `{"a":"x","b":"y","url":"https://nas.lan/","severity":"Critical"}`)
	if m.Title != "x y" || m.URL != "https://nas.lan/" || m.Urgency != high || m.Tag != "x" {
		t.Errorf("all: %+v", m)
	}
	if m := read(Fields{Title: "t", URL: "{{.url}}", Urgency: "{{.none}}"}, `{"url":"javascript:alert(1)"}`); m.URL != "" || m.Urgency != normal {
		t.Errorf("what cannot be used: %+v", m)
	}
	for word, want := range map[string]string{"very-low": veryLow, " LOW ": low, "high": high, "normal": normal, "warning": normal, "nonsense": normal} {
		if m := read(Fields{Title: "t", Urgency: word}, `{}`); m.Urgency != want {
			t.Errorf("the urgency %q: %s", word, m.Urgency)
		}
	}
	if m := read(Fields{Title: "Someone is at the door"}, ""); m.Title != "Someone is at the door" {
		t.Errorf("an empty request: %+v", m)
	}
	if m := read(Fields{Title: "{{.text}}"}, "Backup done\nnow"); m.Title != "Backup done now" {
		t.Errorf("a text: %+v", m)
	}
	if m := read(Fields{Title: "{{.host}} {{.used}}"}, "message=x&host=nas&used=95%25"); m.Title != "nas 95%" {
		t.Errorf("a form: %+v", m)
	}
	if m := read(Fields{Title: "{{range .}}{{.a}} {{end}}"}, `[{"a":1},{"a":2}]`); m.Title != "1 2" {
		t.Errorf("a list: %+v", m)
	}
}

// Errors name the template and the line, and nothing of the payload.
func TestTemplateErrors(t *testing.T) {
	const payload = `{"host":"secret-name","list":[1],"monitor":null}`
	for _, tt := range []struct {
		name string
		f    Fields
		want string
	}{
		{"not closed", Fields{Title: "{{.host"}, "title, line 1: unclosed action"},
		{"on a later line", Fields{Body: "a\n\n{{if .x}}"}, "body, line 3: unexpected EOF"},
		{"an unknown function", Fields{Tag: "{{env \"HOME\"}}"}, `tag, line 1: function "env" not defined`},
		{"two at once", Fields{Title: "{{", URL: "{{end}}"}, "title, line 1: unclosed action; url, line 1: unexpected {{end}}"},
		{"define", Fields{Title: `{{define "x"}}{{end}}`}, "title: define and block cannot"},
		{"block", Fields{Title: `{{block "x" .}}{{end}}`}, "title: define and block cannot"},
		{"template", Fields{Title: "\n" + `{{if .a}}{{template "title" .}}{{end}}`}, "title, line 2: template cannot"},
		{"a long one", Fields{Title: strings.Repeat("x", maxTemplate+1)}, "title: it is longer than 16384"},
		{"below nothing", Fields{Title: "x\n{{.monitor.name}}"}, "title, line 2: at <.monitor.name>: nil pointer"},
		{"below a missing one", Fields{Title: "{{.a.b.c}}"}, "title, line 1: at <.a.b.c>: nil pointer"},
		{"a member of a text", Fields{Title: "{{.host.name}}"}, "title, line 1: at <.host.name>: can't evaluate field name in type"},
		{"beyond a list", Fields{Body: "{{index .list 5}}"}, "body, line 1: at <index .list 5>: error calling index"},
		{"a comparison", Fields{Body: "{{if gt .host 5}}x{{end}}"}, "body, line 1: at <gt .host 5>: error calling gt"},
		{"nothing comes out", Fields{Title: "{{.none}}", Body: " "}, "title: it and the body have come out empty"},
		{"a loop", Fields{Title: "{{range 1000000000}}{{end}}"}, "title, line 1: it takes too long: more than"},
		{"loops", Fields{Title: "{{range 1000}}{{range 1000}}{{range 1000}}{{end}}{{end}}{{end}}"}, "title, line 1: it takes too long: more than"},
		{"a wide number", Fields{Title: `{{printf "%1000000d" 1}}`}, "title, line 1: a width of more"},
		{"a width from the payload", Fields{Title: `{{printf "%[1]*d" 100000 1}}`}, "title, line 1: a width of more"},
	} {
		compiled, err := NewTemplate(tt.f)
		if err == nil {
			_, err = compiled.Read(t.Context(), Request{Body: []byte(payload)})
		}
		var wrong TemplateErrors
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "secret-name") {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// However a template tries to make much, or payloads are much: it is cut.
func TestTemplatesAreBounded(t *testing.T) {
	size := 100_000
	if testing.Short() { // the race detector is with it
		size = 40_000
	}
	large := `{"a":"` + strings.Repeat("é", 3*size) + `","l":[` + strings.TrimSuffix(strings.Repeat(`"x",`, size), ",") + `]}`
	double := `{{$x := .a}}` + strings.Repeat(`{{$x = print $x $x}}`, 50) + `{{$x}}`
	for _, text := range []string{`{{.a}}`, `{{.l}}`, `{{.}}`, double, `{{range .l}}{{$.a}}{{end}}`, `{{replace "x" .a .l}}`, `{{html .a}}`, `{{urlquery .a}}`,
		`{{join .a .l}}`, `{{upper .a}}`, `{{printf "%v %v" .a .}}`, `{{print . . . .}}`} {
		got, err := makes(t, text, large)
		if err != nil || len(got) > maxOutput || len(got) < 1000 || !utf8.ValidString(got) {
			t.Errorf("%.40s: %d bytes, %v", text, len(got), err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	compiled, err := NewTemplate(Fields{Title: "{{.a}}"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compiled.Read(ended, Request{Body: []byte(`{"a":"b"}`)}); err == nil || err.Error() != "title, line 1: it takes too long" {
		t.Errorf("after its time: %v", err)
	}
}

// One template serves many requests at once.
func TestTemplatesRunAtOnce(t *testing.T) {
	compiled, err := NewTemplate(Fields{Title: "{{range 1000}}{{end}}{{.a}}"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 8 {
		go func() {
			for range 50 {
				if _, err := compiled.Read(context.Background(), Request{Body: []byte(`{"a":"b"}`)}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// FuzzTemplate: no template and no payload breaks it, and it never takes long.
func FuzzTemplate(f *testing.F) {
	f.Add(`{{range .alerts}}{{.labels.severity | default "?"}}{{end}}`, `{"alerts":[{"labels":{"severity":"x"}}]}`)
	f.Add(`{{printf "%v %d" . .a}}{{get . "a.0"}}{{if and .a (not .b)}}{{join "," .a}}{{else}}{{slice .b 1 2}}{{end}}`, `{"a":[1],"b":"xyz"}`)
	f.Add(`{{with $x := .a}}{{$x}}{{else with .b}}{{cut 3 .}}{{end}}{{break}}`, `{"b":"abcdef"}`)
	f.Add(`{{range $k, $v := .}}{{$k}}={{$v}}{{continue}}{{end}}{{call .a}}{{js .}}{{index . "a" 0}}`, `text`)
	f.Fuzz(func(t *testing.T, text, payload string) {
		compiled, err := NewTemplate(Fields{Title: text, Body: "{{.text}}"})
		var wrong TemplateErrors
		if err == nil {
			_, err = compiled.Read(t.Context(), Request{Body: []byte(payload)})
		}
		if err != nil && !errors.As(err, &wrong) && !errors.Is(err, ErrDeep) && !errors.Is(err, ErrEmpty) {
			t.Errorf("%v", err)
		}
		for _, e := range wrong {
			if e.Field == "" || e.Message == "" || strings.Contains(e.Message, "panic") {
				t.Errorf("%+v", e)
			}
		}
	})
}
