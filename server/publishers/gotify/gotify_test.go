package gotify

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"recado/storage"
)

const (
	form      = "application/x-www-form-urlencoded"
	multi     = "multipart/form-data; boundary=X"
	multiBody = "--X\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nDisk full\r\n" +
		"--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"message\"\r\n\r\nno\r\n" +
		"--X\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nsda1\nat 95 %\r\n" +
		"--X\r\nContent-Disposition: form-data; name=\"message\"; filename=\"a.txt\"\r\n\r\nno\r\n" +
		"--X\r\nContent-Disposition: form-data; name=\"priority\"\r\n\r\n8\r\n--X--\r\n"
)

func TestParse(t *testing.T) {
	full := Message{Title: "Disk full", Message: "sda1", Priority: 8}
	for _, tt := range []struct {
		name, media, body, query string
		want                     Message
	}{
		{"JSON", "application/json", `{"title":"Disk full","message":"sda1","priority":8}`, "", full},
		{"JSON that is called a form", form, ` {"title":"Disk full","message":"sda1","priority":"8"}`, "", full},
		{"JSON that is called nothing", "", `{"title":"Disk full","message":"sda1","priority":8.0}`, "", full},
		{"a form", form, "title=Disk+full&message=sda1&priority=8", "", full},
		{"a form without a name", "", "title=Disk+full&message=sda1&priority=8", "", full},
		{"the query", form, "", "title=Disk+full&message=sda1&priority=8&token=x", full},
		{"both", form, "message=sda1&priority=8", "title=Disk+full&message=no", full},
		{"multipart", multi, multiBody, "", Message{Title: "Disk full", Message: "sda1\nat 95 %", Priority: 8}},
		{"no priority", form, "message=sda1", "", Message{Message: "sda1", Priority: 5}},
		{"the lowest priority", "application/json", `{"message":"sda1","priority":0}`, "", Message{Message: "sda1"}},
		{"a lower one", "application/json", `{"message":"sda1","priority":-2}`, "", Message{Message: "sda1", Priority: -2}},
		{"extras", "application/json", `{"message":"sda1","priority":1,"extras":{"a::b":{"c":1}}}`, "",
			Message{Message: "sda1", Priority: 1, Extras: json.RawMessage(`{"a::b":{"c":1}}`)}},
		{"null", "application/json", `{"message":"sda1","title":null,"priority":null,"extras":null,"other":[]}`, "", Message{Message: "sda1", Priority: 5}},
		{"numbers as text", "application/json", `{"message":95,"title":true}`, "", Message{Title: "true", Message: "95", Priority: 5}},
		{"Latin-1", form, "message=St%F6rung", "", Message{Message: "Störung", Priority: 5}},
	} {
		query, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(tt.media, []byte(tt.body), query)
		if err != nil || !reflect.DeepEqual(*m, tt.want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", tt.name, err, m, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ name, media, body string }{
		{"nothing", "application/json", ""},
		{"no message", "application/json", `{"title":"x"}`},
		{"an empty form", form, ""},
		{"no JSON", "application/json", `{"message":`},
		{"a list", "application/json", `["x"]`},
		{"a message that is a list", "application/json", `{"message":["x"]}`},
		{"a title that is an object", "application/json", `{"message":"x","title":{}}`},
		{"a priority in words", "application/json", `{"message":"x","priority":"high"}`},
		{"a large priority", "application/json", `{"message":"x","priority":1e300}`},
		{"extras that are a list", "application/json", `{"message":"x","extras":[]}`},
		{"no form", form, "message=%zz"},
		{"no boundary", "multipart/form-data", multiBody},
		{"no end", multi, strings.TrimSuffix(multiBody, "--X--\r\n")},
	} {
		_, err := Parse(tt.media, []byte(tt.body), nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != 400 || e.Name != "Bad Request" || e.Description == "" {
			t.Errorf("%s: %#v", tt.name, err)
		}
	}
}

func TestNotification(t *testing.T) {
	for priority, want := range map[int]string{
		-2: "very-low", 0: "very-low", 1: "low", 3: "low", 4: "normal", 7: "normal", 8: "high", 10: "high", 99: "high",
	} {
		m := Message{Message: "x", Priority: priority}
		if got := m.Notification(); got.Urgency != want {
			t.Errorf("priority %d is %s, want %s", priority, got.Urgency, want)
		}
	}
	for _, tt := range []struct {
		name, extras string
		want         storage.Notification
	}{
		{"none", ``, storage.Notification{Content: storage.Content{Body: "**x**"}}},
		{"Markdown", `{"client::display":{"contentType":"text/markdown"}}`, storage.Notification{Content: storage.Content{Body: "x"}}},
		{"plain", `{"client::display":{"contentType":"text/plain"}}`, storage.Notification{Content: storage.Content{Body: "**x**"}}},
		{"links", `{"client::notification":{"click":{"url":"https://nas.lan/"},"bigImageUrl":"https://nas.lan/i.png"}}`,
			storage.Notification{Content: storage.Content{Body: "**x**", URL: "https://nas.lan/", Image: "https://nas.lan/i.png"}}},
		{"links that are none", `{"client::notification":{"click":{"url":"app://x"},"bigImageUrl":"/i.png"}}`,
			storage.Notification{Content: storage.Content{Body: "**x**\napp://x"}, Warnings: []string{"click: a browser only opens http and https addresses"}}},
		{"of another form", `{"client::notification":7}`, storage.Notification{Content: storage.Content{Body: "**x**"}}},
	} {
		m := Message{Message: "**x**", Priority: 5, Extras: json.RawMessage(tt.extras)}
		tt.want.Urgency = "normal"
		if got := m.Notification(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("application/json", `{"title":"a","message":"b","priority":1,"extras":{}}`, "title=x")
	f.Add(form, "message=a&priority=1", "")
	f.Add(multi, multiBody, "")
	f.Fuzz(func(t *testing.T, media, body, query string) {
		values, _ := url.ParseQuery(query) // what is wrong in it is left out
		m, err := Parse(media, []byte(body), values)
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.Code != 400):
			t.Errorf("not one of Gotify's: %v", err)
		case err == nil && m.Message == "":
			t.Errorf("%+v", m)
		case err == nil:
			if n := m.Notification(); n.Urgency == "" {
				t.Errorf("%+v", n)
			}
		}
	})
}
