package webhook

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What Grafana and Alertmanager have in common: a group of alerts, some of which may
// be resolved.

// alert is one of a group.
type alert struct {
	firing   bool
	name     string
	where    string // host, instance and the like; empty = not told
	text     string
	more     string // a description beside a summary
	severity string
	url      string
}

// group is what one notification is about.
type group struct {
	firing, resolved []alert
	truncated        int // further alerts that are not told
}

func readGroup(p payload) group {
	var g group
	for _, n := range p.list("alerts") {
		a := readAlert(n, p)
		if a.firing {
			g.firing = append(g.firing, a)
		} else {
			g.resolved = append(g.resolved, a)
		}
	}
	truncated, _ := p.number("truncatedAlerts")
	g.truncated = int(min(max(truncated, 0), 1e6))
	return g
}

func readAlert(n node, p payload) alert {
	a := alert{
		firing:   cmp.Or(n.text("status"), p.text("status")) != "resolved",
		name:     alertName(n.at("labels")),
		where:    place(n.at("labels")),
		severity: strings.ToLower(n.text("labels.severity", "labels.priority")),
		url: cmp.Or(n.text("panelURL"), n.text("dashboardURL"),
			n.text("annotations.dashboard", "annotations.dashboard_url"), n.text("generatorURL")),
	}
	summary, description := n.text("annotations.summary"), n.text("annotations.description", "annotations.message")
	if summary != "" && summary == p.text("commonAnnotations.summary") && len(p.list("alerts")) > 1 {
		summary = "" // what all say tells none apart
	}
	a.text, a.more = cmp.Or(summary, description), description
	if a.text == a.more {
		a.more = ""
	}
	if a.text == "" {
		a.text = cmp.Or(measured(n.at("values")), labelled(n.at("labels")))
	}
	return a
}

// alertName: Grafana's own alerts about an alert are named after that.
func alertName(labels node) string {
	name := labels.text("alertname")
	switch about := labels.text("rulename"); {
	case name == "DatasourceNoData" && about != "":
		return "No data for " + about
	case name == "DatasourceError" && about != "":
		return "Error in " + about
	}
	return cmp.Or(name, "Alert")
}

var exporterPort = regexp.MustCompile(`^([^/:]+):\d+$`)

// place is the label that says where it is.
func place(labels node) string {
	where := labels.text("host", "hostname", "nodename", "node", "instance", "pod", "container", "device", "service", "job")
	return exporterPort.ReplaceAllString(where, "$1")
}

// measured is what a Grafana alert measured: "B = 44.2".
func measured(values node) string {
	var all []string
	for _, m := range values.members() {
		all = append(all, m.name+" = "+m.value.string())
	}
	return join(", ", all...)
}

// labelled are the labels that say something, of an alert without any text.
func labelled(labels node) string {
	var all []string
	for _, m := range labels.members() {
		if !slices.Contains([]string{"alertname", "severity", "grafana_folder"}, m.name) && !strings.HasPrefix(m.name, "__") {
			all = append(all, m.name+" = "+m.value.string())
		}
	}
	return join(", ", all...)
}

// title is "Firing: NAME (WHERE)", "2 firing: NAME" or "1 firing, 2 resolved: NAME".
func (g group) title() string {
	all := g.all()
	if len(all) == 0 {
		return ""
	}
	names := named(all)
	if len(all) == 1 && all[0].where != "" {
		if longer := g.state() + ": " + names + " (" + all[0].where + ")"; len(longer) <= maxTitle {
			return longer
		}
	}
	return g.state() + ": " + names
}

func (g group) state() string {
	f, r := len(g.firing), len(g.resolved)
	switch {
	case f == 1 && r == 0:
		return "Firing"
	case f == 0 && r == 1:
		return "Resolved"
	case r == 0:
		return strconv.Itoa(f) + " firing"
	case f == 0:
		return strconv.Itoa(r) + " resolved"
	}
	return strconv.Itoa(f) + " firing, " + strconv.Itoa(r) + " resolved"
}

func (g group) all() []alert { return slices.Concat(g.firing, g.resolved) }

// named are the names of the alerts, each once, as far as a title has room.
func named(alerts []alert) string {
	var names []string
	for _, a := range alerts {
		if !slices.Contains(names, a.name) {
			names = append(names, a.name)
		}
	}
	if all := strings.Join(names, ", "); len(names) == 1 || len(all) <= 40 {
		return all
	}
	return names[0] + " and " + count(len(names)-1, "other")
}

// maxAlerts is how many of a group are told one by one.
const maxAlerts = 8

func (g group) body() string {
	all := g.all()
	if len(all) == 1 {
		where := all[0].where
		if strings.Contains(g.title(), "("+where+")") {
			where = ""
		}
		return lines(where, all[0].text, all[0].more)
	}
	sameName := !slices.ContainsFunc(all, func(a alert) bool { return a.name != all[0].name })
	var each []string
	for _, a := range all {
		name := a.name
		if sameName {
			name = ""
		}
		told := join(": ", join(", ", name, a.where), a.text)
		if !a.firing && len(g.firing) > 0 {
			told = "Resolved: " + told
		}
		each = append(each, told)
	}
	return first(maxAlerts, each, g.truncated)
}

// urgency: what no longer fires wakes nobody up.
func (g group) urgency() string {
	urgency := low
	for _, a := range g.firing {
		switch a.severity {
		case "warning", "warn", "minor", "medium":
			if urgency == low {
				urgency = normal
			}
		case "info", "information", "informational", "none", "low", "debug":
		default:
			return high
		}
	}
	if len(g.firing) == 0 {
		return normal
	}
	return urgency
}

// message is the group as a message; of several alerts the sender's own page is
// opened.
func (g group) message(p payload, sender string) Message {
	m := Message{Title: g.title(), Body: g.body(), Urgency: g.urgency(), URL: webURL(p.text("externalURL"))}
	if all := g.all(); len(all) == 1 && webURL(all[0].url) != "" {
		m.URL = all[0].url
	}
	m.Tag = tag(sender, p.text("groupKey"), p.text("receiver"))
	if p.text("groupKey") == "" {
		m.Tag = tag(sender, named(g.all()), p.text("receiver"))
	}
	return m
}
