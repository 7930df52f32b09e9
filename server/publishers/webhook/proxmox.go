package webhook

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"recado/server/publishers"
)

// proxmox is a webhook target of Proxmox VE, Backup Server or Mail Gateway with the
// body that docs/publishers/proxmox.md recommends.
func proxmox() sender {
	return sender{
		name: "Proxmox",
		knows: func(p payload) bool {
			return p.has("title", "message") && slices.Contains([]string{"info", "notice", "warning", "error", "unknown"}, p.text("severity"))
		},
		read: readProxmox,
	}
}

// proxmoxTitles are titles whose end is what matters, and how it is put first.
var proxmoxTitles = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`^vzdump backup status \((.+)\): (.+)$`), "$2: $1"},
	{regexp.MustCompile(`^(Garbage Collect Datastore|Verify Datastore|Prune Datastore|Sync remote) '?(.+?)'? (successful|failed)$`), "$3: $1 $2"},
	{regexp.MustCompile(`^(.+) \((.+)\)$`), "$1: $2"},
}

func readProxmox(p payload) Message {
	m := Message{Title: p.text("title"), Body: proxmoxTable(p.text("message")), Urgency: normal}
	for _, t := range proxmoxTitles {
		if t.pattern.MatchString(m.Title) {
			m.Title = sentence(t.pattern.ReplaceAllString(m.Title, t.with))
			break
		}
	}
	if p.text("severity") == "error" {
		m.Urgency = high
	}
	host, job := p.text("fields.hostname", "hostname", "host"), p.text("fields.job-id", "fields.datastore")
	if kind := p.text("fields.type", "type"); kind != "" {
		m.Tag = tag("proxmox", host, kind, job)
	}
	m.Body = cmp.Or(m.Body, host)
	return m
}

var rule = regexp.MustCompile(`^[=\-\s]+$`)

// proxmoxTable is a report without its headings' rules and without the log that
// follows it.
func proxmoxTable(message string) string {
	var kept []string
	for l := range strings.Lines(message) {
		l = strings.TrimSpace(l)
		switch {
		case rule.MatchString(l) && l != "":
			if last := len(kept) - 1; last >= 0 && kept[last] == "Details" {
				kept = kept[:last]
			} else if last >= 0 && kept[last] == "Logs" {
				return publishers.Clip(lines(kept[:last]...), 600)
			}
		case l != "":
			kept = append(kept, l)
		}
	}
	return publishers.Clip(lines(kept...), 600)
}
