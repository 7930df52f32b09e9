package webhook

import (
	"math"
	"strings"
)

// note is a title, a message and a priority, as Gotify, ntfy and many scripts have
// them.
func note() sender {
	return sender{
		knows: func(p payload) bool { return p.text("message", "body") != "" && (p.has("title") || p.has("priority")) },
		read: func(p payload) Message {
			return Message{
				Sender:  known(p.agent()),
				Title:   p.text("title"),
				Body:    excerpt(p.text("message", "body"), 2000),
				URL:     p.text("click", "url", "extras.client::notification.click.url"),
				Urgency: priority(p),
			}
		},
	}
}

// priority: ntfy's goes from 1 to 5 and comes with a topic, Gotify's from 0 to 10.
func priority(p payload) string {
	n, ok := p.number("priority")
	if !ok {
		return word(p.text("priority", "severity", "level", "urgency"))
	}
	if p.has("topic") {
		n = map[float64]float64{1: 0, 2: 1, 3: 4, 4: 8, 5: 8}[math.Floor(n)]
	}
	switch {
	case n < 1:
		return veryLow
	case n < 4:
		return low
	case n < 8:
		return normal
	}
	return high
}

// word is an urgency from what people call it.
func word(s string) string {
	switch strings.ToLower(s) {
	case "min", "lowest", "very-low", "debug", "trace":
		return veryLow
	case "low", "info", "notice", "informational":
		return low
	case "high", "urgent", "max", "highest", "critical", "crit", "alert", "emergency", "error", "fatal", "failure":
		return high
	}
	return normal
}
