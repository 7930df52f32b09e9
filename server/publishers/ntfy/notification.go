package ntfy

import (
	"encoding/json"
	"net/url"
	"path"
	"strings"

	"recado/server/publishers"
	"recado/server/publishers/markdown"
	"recado/storage"
)

// Notification is what browsers get of the message: what they show, how urgent it
// is, its category, when it is due, and as warnings what cannot be done.
func (m *Message) Notification() storage.Notification {
	n := storage.Notification{
		Urgency:     urgency(m.Priority),
		Target:      storage.Target{Categories: []string{m.Topic}},
		ScheduledAt: m.At,
		Warnings:    m.lost,
		Content: storage.Content{
			Title: m.Title, Body: m.Message, Icon: m.Icon, Tag: m.Sequence,
			RequireInteraction: m.Priority == 5,
			Renotify:           m.Sequence != "", // what replaces another one is news all the same
		},
	}
	if m.Markdown {
		n.Body = markdown.Text(m.Message)
	}
	// As ntfy's apps have it: before the title, or where there is none the text.
	if m.Title != "" {
		n.Title = withEmojis(m.Tags, m.Title)
	} else {
		n.Body = withEmojis(m.Tags, n.Body)
	}
	m.link(&n)
	m.buttons(&n)
	m.keepTags(&n)
	return n
}

func urgency(priority int) string {
	switch priority {
	case 1:
		return "very-low"
	case 2:
		return "low"
	case 4, 5:
		return "high"
	}
	return "normal"
}

// link says where a click leads, and shows what is attached. What a click cannot
// open is a line of text.
func (m *Message) link(n *storage.Notification) {
	switch {
	case publishers.IsWeb(m.Click):
		n.URL = m.Click
	case m.Click != "":
		n.Warnings = append(n.Warnings, "click: a browser only opens http and https addresses")
		n.Body += "\n" + m.Click
	}
	switch {
	case m.Attach == "":
	case isImage(m.Attach) || isImage(m.Filename):
		n.Image = m.Attach
	default:
		n.Body += "\n" + m.Attach
		if n.URL == "" {
			n.URL = m.Attach
		}
	}
}

// isImage goes by the ending, for nobody is asked what is at an address.
func isImage(address string) bool {
	if u, err := url.Parse(address); err == nil {
		address = u.Path
	}
	switch strings.ToLower(path.Ext(address)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg":
		return true
	}
	return false
}

func (m *Message) buttons(n *storage.Notification) {
	for _, a := range m.Actions {
		switch {
		case a.Action == "view" && publishers.IsWeb(a.URL):
			n.Actions = append(n.Actions, storage.Action{Action: a.ID, Title: a.Label, URL: a.URL})
		case a.Action == "view":
			n.Warnings = append(n.Warnings, "action "+quote(a.Label)+": a browser only opens http and https addresses")
			n.Body += "\n" + a.Label + ": " + a.URL
		default:
			n.Warnings = append(n.Warnings, "action "+quote(a.Label)+": a browser's notification can only open an address (view), not do "+a.Action)
		}
	}
}

func quote(s string) string { return `"` + strings.ToValidUTF8(s[:min(len(s), 50)], "") + `"` }

// keepTags hands the tags on to service workers that know what to do with them.
func (m *Message) keepTags(n *storage.Notification) {
	if len(m.Tags) == 0 {
		return
	}
	// Strings can always be encoded.
	n.Data, _ = json.Marshal(map[string][]string{"tags": m.Tags})
}
