package push

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

var full = Content{
	Title: "Build 812 failed", Body: "main @ 3f2c91a: <3> & tests failed", URL: "https://push.example.org/r/01J8ZK3N5Q?a=1&b=2",
	Icon: "/icon-192.png", Image: "https://push.example.org/i/1.png", Badge: "/badge-96.png",
	Tag: "build-812", Lang: "en", Dir: "auto", RequireInteraction: true, Renotify: true, Vibrate: []int{100, 50},
	Actions: []Action{{Action: "open", Title: "Open", URL: "https://push.example.org/r?a=open"}, {Action: "later", Title: "Later", Icon: "/later.png"}},
	Data:    json.RawMessage(`{"n": 1}`), ID: "01J8ZK3N5Q",
}

func decode(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return m
}

func TestUsualForm(t *testing.T) {
	p := NewPayload(full, "https://push.example.org")
	want := `{"title":"Build 812 failed","body":"main @ 3f2c91a: <3> & tests failed","url":"https://push.example.org/r/01J8ZK3N5Q?a=1&b=2",` +
		`"icon":"/icon-192.png","image":"https://push.example.org/i/1.png","badge":"/badge-96.png","tag":"build-812","lang":"en","dir":"auto",` +
		`"require_interaction":true,"renotify":true,"vibrate":[100,50],` +
		`"actions":[{"action":"open","title":"Open","url":"https://push.example.org/r?a=open"},{"action":"later","title":"Later","icon":"/later.png"}],` +
		`"data":{"n":1},"id":"01J8ZK3N5Q","receipt":"R-_1"}`
	if got := string(p.Usual("R-_1")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for name, c := range map[string]Content{
		"empty":     {},
		"null data": {Data: json.RawMessage("null")},
		"no data":   {Data: json.RawMessage(" { } ")},
		"bad data":  {Data: json.RawMessage(`{"a":`)},
	} {
		p := NewPayload(c, "")
		if got := string(p.Usual("")); got != `{"title":"","body":"","url":""}` {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// kinds replaces every value by its type, so that shapes can be compared.
func kinds(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for name, value := range v {
			m[name] = kinds(value)
		}
		return m
	case []any:
		if len(v) == 0 {
			return "array"
		}
		return []any{kinds(v[0])}
	}
	return reflect.TypeOf(v).String()
}

// Every member has to have the name and type of the documented example.
func TestDeclarativeShape(t *testing.T) {
	var example map[string]any
	readVectors(t, "declarative.json", &example)
	exampleNotification := example["notification"].(map[string]any)
	exampleNotification["vibrate"] = []any{1.0}
	delete(exampleNotification, "data") // is the publisher's

	for _, c := range []Content{full, {Title: "t", Silent: true, Actions: full.Actions}} {
		c.Data = nil
		p := NewPayload(c, "https://push.example.org")
		got := decode(t, p.Declarative("R"))
		if got["web_push"] != 8030.0 || got["receipt"] != "R" {
			t.Errorf("%v", got)
		}
		for name, value := range got["notification"].(map[string]any) {
			wanted, ok := exampleNotification[name]
			if !ok {
				t.Errorf("member %q is not in the example", name)
				continue
			}
			have, want := kinds(value), kinds(wanted)
			if name == "actions" {
				have.([]any)[0].(map[string]any)["icon"], want.([]any)[0].(map[string]any)["icon"] = "string", "string"
			}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("%s is %v, want %v", name, have, want)
			}
		}
	}
}

func TestDeclarativeForm(t *testing.T) {
	p := NewPayload(full, "https://push.example.org/base/")
	want := `{"web_push":8030,"notification":{"title":"Build 812 failed","body":"main @ 3f2c91a: <3> & tests failed","navigate":"https://push.example.org/r/01J8ZK3N5Q?a=1&b=2",` +
		`"lang":"en","dir":"auto","tag":"build-812","icon":"https://push.example.org/icon-192.png","badge":"https://push.example.org/badge-96.png","image":"https://push.example.org/i/1.png",` +
		`"requireInteraction":true,"renotify":true,"vibrate":[100,50],` +
		`"actions":[{"action":"open","title":"Open","navigate":"https://push.example.org/r?a=open"},{"action":"later","title":"Later","navigate":"https://push.example.org/r/01J8ZK3N5Q?a=1&b=2","icon":"https://push.example.org/later.png"}],` +
		`"data":{"n":1}},"id":"01J8ZK3N5Q","receipt":"R"}`
	if got := string(p.Declarative("R")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// One wrong member voids the whole message, so nothing doubtful is sent.
func TestDeclarativeLeavesOutWhatCouldVoidIt(t *testing.T) {
	p := NewPayload(Content{Dir: "up", Icon: "javascript:alert(1)", Badge: "http://[bad", Renotify: true, Silent: true, Vibrate: []int{1}, URL: "data:x"}, "https://push.example.org")
	want := `{"web_push":8030,"notification":{"title":"push.example.org","body":"","navigate":"https://push.example.org","silent":true}}`
	if got := string(p.Declarative("")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPayloadSize(t *testing.T) {
	for _, c := range []Content{full, {}, {Title: "é…\x00\xff\u2028"}} {
		p := NewPayload(c, "https://push.example.org")
		for _, receipt := range []string{"", "R", strings.Repeat("x", 43)} {
			usual, declarative := p.Usual(receipt), p.Declarative(receipt)
			decode(t, usual)
			decode(t, declarative)
			if got := p.Size(false, len(receipt)); got != len(usual) {
				t.Errorf("usual: size %d, want %d", got, len(usual))
			}
			if got := p.Size(true, len(receipt)); got != len(declarative) {
				t.Errorf("declarative: size %d, want %d", got, len(declarative))
			}
		}
	}
}

func TestReceiptCannotBreakOut(t *testing.T) {
	p := NewPayload(Content{}, "")
	for _, receipt := range []string{`","title":"x`, "\\", "\n", "é"} {
		got := decode(t, p.Usual(receipt))
		if got["receipt"] != receipt || got["title"] != "" {
			t.Errorf("%q: %v", receipt, got)
		}
	}
}

func BenchmarkPayload(b *testing.B) {
	p, receipt := NewPayload(full, "https://push.example.org"), strings.Repeat("r", 43)
	b.ReportAllocs()
	for b.Loop() {
		p.Usual(receipt)
	}
}
