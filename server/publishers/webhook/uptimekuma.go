package webhook

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// uptimeKuma is Uptime Kuma's webhook, as JSON or as a form. Its heartbeat and monitor
// are null in tests and in what it says about certificates.
func uptimeKuma() sender {
	return sender{
		name:  "Uptime Kuma",
		knows: func(p payload) bool { return p.has("heartbeat", "monitor", "msg") },
		read: func(p payload) Message {
			if p.at("heartbeat").value == nil {
				return kumaSays(p.text("msg"))
			}
			return kumaBeat(p)
		},
	}
}

// kumaStates are the states of a monitor, by number.
var kumaStates = []struct{ word, urgency string }{
	{"Down", high}, {"Up", normal}, {"Pending", low}, {"Maintenance", low},
}

func kumaBeat(p payload) Message {
	name := cmp.Or(p.text("monitor.pathName", "monitor.name"), p.text("monitor.url", "monitor.hostname"), "a monitor")
	m := Message{Title: name, URL: p.text("monitor.url"), Tag: tag("uptimekuma", p.text("monitor.id", "heartbeat.monitorID"), name)}
	if status, err := strconv.Atoi(p.text("heartbeat.status")); err == nil && status >= 0 && status < len(kumaStates) {
		m.Title, m.Urgency = kumaStates[status].word+": "+name, kumaStates[status].urgency
	}
	_, address, _ := strings.Cut(strings.TrimSuffix(webURL(m.URL), "/"), "://")
	address = cmp.Or(address, join(":", p.text("monitor.hostname"), p.text("monitor.port")))
	m.Body = lines(p.text("heartbeat.msg"), address)
	if p.text("heartbeat.msg") == "" {
		m.Body = lines(p.text("msg"), address)
	}
	return m
}

var (
	kumaCertificate = regexp.MustCompile(`^\[(.+?)\]\[(.+?)\] (.*certificate.* will expire in (-?\d+) days?.*)$`)
	kumaDomain      = regexp.MustCompile(`^(?:\[.*?\] ?)*.*?([\w.-]+\.\w+) will expire in (-?\d+) days?`)
)

// kumaSays reads what is told in one sentence.
func kumaSays(msg string) Message {
	if c := kumaCertificate.FindStringSubmatch(msg); c != nil {
		return Message{Title: expiry("Certificate", c[4], c[1]), Body: c[3], URL: c[2], Urgency: normal, Tag: tag("uptimekuma", "certificate", c[1])}
	}
	if d := kumaDomain.FindStringSubmatch(msg); d != nil {
		return Message{Title: expiry("Domain", d[2], d[1]), Body: msg, Urgency: normal, Tag: tag("uptimekuma", "domain", d[1])}
	}
	return Message{Title: "Test from Uptime Kuma", Body: msg, Urgency: normal}
}

func expiry(what, days, of string) string {
	n, _ := strconv.Atoi(days) // digits; of more than that, 0
	return what + " expires in " + count(n, "day") + ": " + of
}
