package webhook

import "strings"

// grafana is Grafana's alerting, the present one and the one before version 9.
func grafana() sender {
	return sender{
		name: "Grafana",
		knows: func(p payload) bool {
			return p.at("alerts.0").has("labels") && (p.has("orgId") || p.has("state", "message")) || p.has("ruleName", "state")
		},
		read: func(p payload) Message {
			if p.has("ruleName") {
				return legacyGrafana(p)
			}
			// Its state stays "alerting" when all are resolved: the alerts' own
			// status counts.
			return readGroup(p).message(p, "grafana")
		},
	}
}

// legacyGrafana: one rule, whose state is all there is.
func legacyGrafana(p payload) Message {
	m := Message{URL: p.text("ruleUrl"), Urgency: normal, Tag: tag("grafana", p.text("ruleId"), p.text("ruleName"))}
	state := p.text("state")
	switch state {
	case "alerting":
		state, m.Urgency = "Firing", high
	case "ok":
		state = "Resolved"
	default:
		state = sentence(state)
	}
	m.Title = state + ": " + p.text("ruleName")
	var measured []string
	for _, match := range p.list("evalMatches") {
		measured = append(measured, match.text("metric")+" = "+match.text("value"))
	}
	m.Body = lines(p.text("message"), strings.Join(measured, ", "))
	return m
}
