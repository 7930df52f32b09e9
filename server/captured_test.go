package server

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"
	"time"

	"recado/storage"
)

// captured is a request as a sender made it.
type captured struct {
	Method, Path, Body string
	Headers            map[string]string
}

func (d *desk) captured(file string) captured {
	d.Helper()
	raw, err := os.ReadFile(file)
	d.no(err)
	var c captured
	d.no(json.Unmarshal(raw, &c))
	if c.Method == "" { // the body alone
		c = captured{Method: "POST", Path: "/message", Body: string(raw), Headers: map[string]string{"Content-Type": "application/json"}}
	}
	return c
}

// What senders were seen to send is published, but for their tokens as it came.
func TestCapturedRequests(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, tt := range []struct {
		file, header, token string
		want                func(n storage.Notification) bool
	}{
		{"publishers/ntfy/testdata/apprise-1.2.0.json", "Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+d.tokens["publish"])),
			func(n storage.Notification) bool {
				in := time.Until(n.ScheduledAt)
				return n.Title == "⚠️ Disk full" && n.Body == "sda1 at 95%" && n.URL == "https://nas.lan/" && n.Urgency == "high" && n.RequireInteraction &&
					n.Target.Categories[0] == "second" && in > 9*time.Minute && in <= 10*time.Minute
			}},
		{"publishers/gotify/testdata/apprise-1.2.0.json", "X-Gotify-Key", d.tokens["publish"], func(n storage.Notification) bool {
			return n.Title == "Disk full" && n.Body == "sda1 at 95%" && n.Urgency == "high" && n.Target.All()
		}},
		{"publishers/gotify/testdata/watchtower.json", "X-Gotify-Key", d.tokens["publish"], func(n storage.Notification) bool {
			return n.Title == "Watchtower updates on docker01" && n.Urgency == "very-low" && len(n.Body) > 100
		}},
	} {
		c := d.captured(tt.file)
		headers := []string{tt.header + ": " + tt.token}
		for name, value := range c.Headers {
			if name != tt.header && name != "Host" && name != "Content-Length" && name != "Connection" && name != "Accept-Encoding" {
				headers = append(headers, name+": "+value)
			}
		}
		d.want(tt.file, d.ask("", c.Method, c.Path, c.Body, headers...), 200, "")
		all, err := d.store.Notifications(t.Context(), storage.NotificationFilter{}, storage.Page{Limit: 1})
		d.no(err)
		if !tt.want(all[0]) {
			t.Errorf("%s: %+v", tt.file, all[0])
		}
	}
}
