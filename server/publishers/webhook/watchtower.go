package webhook

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// watchtower is Watchtower through any of its ways to send: its generic webhook with
// or without template=json, Gotify's form, its json.v1 template.
func watchtower() sender {
	return sender{
		name: "Watchtower",
		knows: func(p payload) bool {
			text := watchtowerText(p)
			return strings.Contains(p.text("title"), "Watchtower") || p.has("report", "entries") ||
				foundNew.MatchString(text) || summary.MatchString(text) || strings.HasPrefix(text, "Watchtower ")
		},
		read: readWatchtower,
	}
}

var (
	foundNew  = regexp.MustCompile(`(?m)^Found new (\S+) image`)
	created   = regexp.MustCompile(`(?m)^Creating /?(\S+)`)
	updated   = regexp.MustCompile(`(?m)^- /?(\S+) \((\S+?)\): .*\bupdated to\b`)
	summary   = regexp.MustCompile(`(?m)^\d+ Scanned, (\d+) Updated, (\d+) Failed`)
	trouble   = regexp.MustCompile(`(?mi)^(Unable to .*|Failed to .*|Error .*|- /?\S+ \(\S+\): Failed.*)$`)
	reportsOn = regexp.MustCompile(`^(?:.*\] )?Watchtower updates on (.+)$`)
)

func watchtowerText(p payload) string {
	if p.value == nil {
		return p.body
	}
	if entries := p.list("entries"); entries != nil {
		var all []string
		for _, e := range entries {
			all = append(all, e.text("message"))
		}
		return lines(all...)
	}
	return p.text("message")
}

func readWatchtower(p payload) Message {
	text, host := clean(watchtowerText(p)), p.text("host")
	if on := reportsOn.FindStringSubmatch(p.text("title")); on != nil {
		host = on[1]
	}
	names, images := watchtowerUpdates(p, text)
	failed := trouble.FindAllString(text, -1)
	for _, f := range p.list("report.failed") {
		failed = append(failed, join(": ", f.text("name"), f.text("error")))
	}
	m := Message{Urgency: low, Body: lines(first(5, failed, 0), first(8, images, 0), prefixed("on ", host))}
	switch {
	case len(failed) > 0:
		m.Title, m.Urgency = "Update failed: "+cmp.Or(strings.Join(names, ", "), host, "Watchtower"), high
	case len(names) == 0: // it has started, or has nothing to tell
		m.Title, m.Body = cmp.Or(firstLine(text), p.text("title")), lines(strings.TrimPrefix(text, firstLine(text)), prefixed("on ", host))
	case len(names) <= 3:
		m.Title = "Updated: " + strings.Join(names, ", ")
	default:
		m.Title = "Updated: " + count(len(names), "container")
		m.Body = lines(strings.Join(names, ", "), prefixed("on ", host))
	}
	return m
}

// watchtowerUpdates are the names of the containers that were updated, and of their
// images.
func watchtowerUpdates(p payload, text string) (names, images []string) {
	add := func(name, image string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
		if image != "" && !slices.Contains(images, image) {
			images = append(images, image)
		}
	}
	for _, u := range p.list("report.updated") {
		add(strings.TrimPrefix(u.text("name"), "/"), u.text("imageName"))
	}
	for _, u := range updated.FindAllStringSubmatch(text, -1) {
		add(u[1], u[2])
	}
	for _, c := range created.FindAllStringSubmatch(text, -1) {
		add(c[1], "")
	}
	for _, f := range foundNew.FindAllStringSubmatch(text, -1) {
		add("", f[1])
	}
	if len(names) == 0 {
		names = slices.Clone(images) // only watched, not updated
	}
	return names, images
}
