package webhook

import "slices"

// apprise is Apprise's json:// and form://.
func apprise() sender {
	return sender{
		name: "Apprise",
		knows: func(p payload) bool {
			return p.has("message", "type") && (p.has("version") || p.said("apprise")) &&
				slices.Contains([]string{"info", "success", "warning", "failure"}, p.text("type"))
		},
		read: func(p payload) Message {
			m := Message{Title: p.text("title"), Body: excerpt(p.text("message"), 2000), Urgency: normal}
			if p.text("type") == "failure" {
				m.Urgency = high
			}
			return m
		},
	}
}
