package webhook

// alertmanager is Prometheus' Alertmanager, and what sends in its form (vmalert,
// Mimir, Loki's ruler).
func alertmanager() sender {
	return sender{
		name:  "Alertmanager",
		knows: func(p payload) bool { return len(p.list("alerts")) > 0 && p.at("alerts.0").has("labels") },
		read:  func(p payload) Message { return readGroup(p).message(p, "alertmanager") },
	}
}
