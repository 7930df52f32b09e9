package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"recado/server/push"
	"recado/storage"
)

// The keys of RFC 8291 §5.
const (
	goodP256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	goodAuth   = "BTBZMqHH6r4Tts7J_aSIgg"
	goodKeys   = `"keys":{"p256dh":"` + goodP256dh + `","auth":"` + goodAuth + `"}`
)

func testPolicy() push.Policy { return push.Policy{AllowedHosts: []string{"*.example.com"}} }

func TestParseLine(t *testing.T) {
	s, err := parseLine([]byte(`{"endpoint":"https://push.example.com/a","expirationTime":1700000000000,`+goodKeys+
		`,"id":"9b2f8f3e-0d4b-4f7e-8f3a-0a3c5e6d7b81","label":"phone","user":"ana","categories":["ops"],"declarative":true,"other":1}`), testPolicy())
	if err != nil {
		t.Fatal(err)
	}
	if s.Endpoint != "https://push.example.com/a" || s.Service != "push.example.com" || len(s.P256dh) != 65 || len(s.Auth) != 16 ||
		!s.ExpiresAt.Equal(time.UnixMilli(1700000000000)) || s.ID != uuid.MustParse("9b2f8f3e-0d4b-4f7e-8f3a-0a3c5e6d7b81") ||
		*s.Label != "phone" || *s.User != "ana" || !reflect.DeepEqual(*s.Categories, []string{"ops"}) || !*s.Declarative {
		t.Errorf("got %+v", s)
	}
	s, err = parseLine([]byte(`{"endpoint":"https://push.example.com/a","expiration_time":5,`+goodKeys+`}`), testPolicy())
	if err != nil || s.ExpiresAt.UnixMilli() != 5 || s.ID != uuid.Nil || s.Label != nil || s.Categories != nil {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestParseLineRefuses(t *testing.T) {
	const endpoint = `{"endpoint":"https://push.example.com/secret",`
	tests := []struct{ line, want string }{
		{`{"endpoint":`, "is not one JSON object"},
		{endpoint + goodKeys + `} {}`, "is not one JSON object"},
		{`[1]`, "must be a JSON object"},
		{`{"endpoint":5}`, "endpoint has the wrong JSON type"},
		{`{` + goodKeys + `}`, "endpoint: is missing"},
		{`{"endpoint":"http://push.example.com/secret",` + goodKeys + `}`, "must be an https URL"},
		{`{"endpoint":"https://push.example.net/secret",` + goodKeys + `}`, "push.example.net is not in push.allowed_hosts"},
		{endpoint + `"keys":{"p256dh":"` + goodP256dh + `"}}`, "keys.auth: is missing"},
		{endpoint + `"keys":{"p256dh":"AAAA","auth":"` + goodAuth + `"}}`, "keys.p256dh: must be the 65 bytes"},
		{endpoint + goodKeys + `,"id":"x"}`, "id is not a UUID"},
		{endpoint + goodKeys + `,"expirationTime":-1}`, "expirationTime must be"},
		{endpoint + goodKeys + `,"expirationTime":1e300}`, "expirationTime must be"},
		{endpoint + goodKeys + `,"label":"a\u001bb"}`, "label must have at most"},
		{endpoint + goodKeys + `,"user":"` + strings.Repeat("x", 101) + `"}`, "user must have at most"},
		{endpoint + goodKeys + `,"categories":[""]}`, "categories must not hold an empty name"},
	}
	for _, tt := range tests {
		_, err := parseLine([]byte(tt.line), testPolicy())
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s:\n got %v\nwant %s", tt.line, err, tt.want)
		}
	}
}

func TestExportedLinesAreImportedAlike(t *testing.T) {
	want := storage.Subscription{
		ID: uuid.New(), Endpoint: "https://push.example.com/x?a=<b>", P256dh: bytes.Repeat([]byte{4}, 65), Auth: make([]byte, 16),
		ExpiresAt: time.UnixMilli(1700000000123).UTC(), Label: "Ana's", User: "ana", Categories: []string{"a", "b"}, Declarative: true,
	}
	parsed, err := parseLine([]byte(`{"endpoint":"https://push.example.com/x",`+goodKeys+`}`), testPolicy())
	if err != nil {
		t.Fatal(err)
	}
	want.P256dh, want.Auth = parsed.P256dh, parsed.Auth
	want.Endpoint = parsed.Endpoint
	data, err := json.Marshal(newLine(want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseLine(data, testPolicy())
	if err != nil || got.ID != want.ID || !got.ExpiresAt.Equal(want.ExpiresAt) || *got.Label != want.Label || *got.User != want.User ||
		!reflect.DeepEqual(*got.Categories, want.Categories) || !*got.Declarative || !bytes.Equal(got.P256dh, want.P256dh) {
		t.Errorf("%s became %+v, %v", data, got, err)
	}
}

func TestTextLines(t *testing.T) {
	long := strings.Repeat("x", 3*maxLine)
	text := "\uFEFFone\r\n\n  two  \n" + long + "\nthree"
	type numbered struct {
		n    int
		text string
	}
	want := []numbered{{1, "one"}, {3, "two"}, {4, "(long)"}, {5, "three"}}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)),
	} {
		var got []numbered
		var err error
		for n, line := range textLines(r, &err) {
			if line == nil {
				line = []byte("(long)")
			}
			got = append(got, numbered{n, string(line)})
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	var err error
	broken := errors.New("broken")
	for range textLines(io.MultiReader(strings.NewReader("one\ntw"), iotest.ErrReader(broken)), &err) {
	}
	if !errors.Is(err, broken) {
		t.Errorf("a broken file: %v", err)
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"endpoint":"https://push.example.com/a","expirationTime":null,` + goodKeys + `}`))
	f.Add([]byte(`{"endpoint":"https://push.example.com/a","id":"9b2f8f3e-0d4b-4f7e-8f3a-0a3c5e6d7b81","categories":["a"],` + goodKeys + `}`))
	f.Add([]byte(`{"keys":[],"id":null,"label":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseLine(data, testPolicy())
		if err != nil {
			return
		}
		if len(s.P256dh) != 65 || len(s.Auth) != 16 || s.Endpoint == "" || s.Service == "" {
			t.Errorf("%q was accepted as %+v", data, s)
		}
	})
}

func BenchmarkParseLine(b *testing.B) {
	data := []byte(`{"endpoint":"https://push.example.com/a","expirationTime":null,` + goodKeys + `,"label":"phone"}`)
	for b.Loop() {
		if _, err := parseLine(data, testPolicy()); err != nil {
			b.Fatal(err)
		}
	}
}
