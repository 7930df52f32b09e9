package ntfy

import (
	"reflect"
	"testing"

	"recado/storage"
)

func TestNotification(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    Message
		want storage.Notification
	}{
		{"plain", Message{Message: "done"}, storage.Notification{Urgency: "normal", Content: storage.Content{Body: "done"}}},
		{"lowest", Message{Message: "x", Priority: 1}, storage.Notification{Urgency: "very-low", Content: storage.Content{Body: "x"}}},
		{"low", Message{Message: "x", Priority: 2}, storage.Notification{Urgency: "low", Content: storage.Content{Body: "x"}}},
		{"default", Message{Message: "x", Priority: 3}, storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x"}}},
		{"high", Message{Message: "x", Priority: 4}, storage.Notification{Urgency: "high", Content: storage.Content{Body: "x"}}},
		{"highest", Message{Message: "x", Priority: 5}, storage.Notification{Urgency: "high", Content: storage.Content{Body: "x", RequireInteraction: true}}},
		{"tags", Message{Title: "Disk", Message: "x", Tags: []string{"warning", "nas", "skull"}},
			storage.Notification{Urgency: "normal", Content: storage.Content{Title: "⚠️ 💀 Disk", Body: "x", Data: []byte(`{"tags":["warning","nas","skull"]}`)}}},
		{"tags without title", Message{Message: "x", Tags: []string{"tada"}},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "🎉 x", Data: []byte(`{"tags":["tada"]}`)}}},
		{"Markdown", Message{Title: "*T*", Message: "**x** [y](https://y.lan)", Markdown: true},
			storage.Notification{Urgency: "normal", Content: storage.Content{Title: "*T*", Body: "x y (https://y.lan)"}}},
		{"links", Message{Message: "x", Click: "https://nas.lan/", Icon: "https://nas.lan/i.png", Sequence: "disk"},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x", URL: "https://nas.lan/", Icon: "https://nas.lan/i.png", Tag: "disk", Renotify: true}}},
		{"a link that is none", Message{Message: "x", Click: "geo:1,2"},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x\ngeo:1,2"}, Warnings: []string{"click: a browser only opens http and https addresses"}}},
		{"a picture", Message{Message: "x", Attach: "https://nas.lan/a.JPG?b=c"},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x", Image: "https://nas.lan/a.JPG?b=c"}}},
		{"a picture by name", Message{Message: "x", Attach: "https://nas.lan/snapshot", Filename: "cam.webp", Click: "https://nas.lan"},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x", Image: "https://nas.lan/snapshot", URL: "https://nas.lan"}}},
		{"a file", Message{Message: "x", Attach: "https://nas.lan/a.log", Filename: "a.log"},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x\nhttps://nas.lan/a.log", URL: "https://nas.lan/a.log"}}},
		{"actions", Message{Message: "x", Actions: []Action{
			{ID: "action-1", Action: "view", Label: "Open", URL: "https://nas.lan"}, {ID: "action-2", Action: "http", Label: "Do", URL: "https://nas.lan"},
			{ID: "action-3", Action: "view", Label: "App", URL: "app://x"}}},
			storage.Notification{Urgency: "normal", Content: storage.Content{Body: "x\nApp: app://x", Actions: []storage.Action{{Action: "action-1", Title: "Open", URL: "https://nas.lan"}}},
				Warnings: []string{`action "Do": a browser's notification can only open an address (view), not do http`, `action "App": a browser only opens http and https addresses`}}},
	} {
		tt.m.Topic = "ops"
		tt.want.Target.Categories = []string{"ops"}
		if got := tt.m.Notification(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}
