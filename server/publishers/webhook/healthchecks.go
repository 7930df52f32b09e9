package webhook

import (
	"cmp"
	"strings"
)

// healthchecks is a webhook of Healthchecks with the body that
// docs/publishers/healthchecks.md recommends, its $JSON, or any text.
func healthchecks() sender {
	return sender{
		name: "Healthchecks",
		knows: func(p payload) bool {
			state := healthState(p)
			return state != "" && (p.has("n_pings", "grace") || p.has("check", "status") || p.said("healthchecks"))
		},
		read: readHealthchecks,
	}
}

// healthState is "Up" or "Down", and empty for what is neither.
func healthState(p payload) string {
	state := strings.ToLower(p.text("status"))
	if p.value == nil {
		if words := strings.ToLower(p.body); strings.Contains(words, "down") {
			state = "down"
		} else if strings.Contains(words, "up") {
			state = "up"
		}
	}
	switch state {
	case "down":
		return "Down"
	case "up":
		return "Up"
	}
	return ""
}

func readHealthchecks(p payload) Message {
	state := healthState(p)
	m := Message{Urgency: normal}
	if state == "Down" {
		m.Urgency = high
	}
	if p.value == nil {
		m.Title = firstLine(p.body)
		m.Body = strings.TrimPrefix(clean(p.body), m.Title)
		return m
	}
	name := cmp.Or(p.text("check", "name", "slug"), p.text("code"), "a check")
	m.Title = state + ": " + name
	since := p.text("last_ping")
	if since != "" {
		since = "Last ping: " + since
	}
	m.Body = lines(excerpt(p.text("desc", "body"), 200), since, p.text("tags"))
	m.Tag = tag("healthchecks", cmp.Or(p.text("code"), p.text("ping_url", "unique_key"), name))
	m.URL = checkPage(p.text("update_url"))
	return m
}

// checkPage is a check's page, from its address in the API.
func checkPage(api string) string {
	site, rest, ok := strings.Cut(api, "/api/")
	_, code, ok2 := strings.Cut(rest, "/checks/")
	if !ok || !ok2 {
		return ""
	}
	return site + "/checks/" + strings.Trim(code, "/") + "/details/"
}
