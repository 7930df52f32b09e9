package webhook

import (
	"regexp"
	"strings"
)

// synology is a custom webhook of Synology's DSM: a text that begins with the name of
// the NAS.
func synology() sender {
	return sender{
		name: "Synology",
		knows: func(p payload) bool {
			return len(p.members()) <= 4 && (nasName.MatchString(p.text("text")) || p.text("prefix") != "" && p.text("text") != "")
		},
		read: readSynology,
	}
}

var (
	nasName = regexp.MustCompile(`^\[([^\[\]\n]{1,64})\]\s+(\S[\s\S]*)`)
	// nasPreamble is what its sentences begin with before they say anything.
	nasPreamble = regexp.MustCompile(`^(Dear user,\s*)?((The )?(system|DSM|Synology \S+) (has )?(detected|reports|reported) that )?`)
	nasBad      = regexp.MustCompile(`(?i)\b(degraded|crash(ed)?|fail(ed|ing|ure)?|error|critical|overheat\w*|abnormal\w*|bad sectors?|offline|lost|(disk|space|storage) (is )?(full|low)|low (on )?(space|capacity)|power (failure|outage)|battery|malware|blocked)\b`)
	nasGood     = regexp.MustCompile(`(?i)\b(success\w*|restored|repaired|recovered|completed|normal)\b`)
)

func readSynology(p payload) Message {
	text := p.text("text")
	host, _, _ := strings.Cut(p.text("prefix"), " | ")
	if named := nasName.FindStringSubmatch(text); named != nil {
		host, text = named[1], named[2]
	}
	text = clean(text)
	m := Message{Title: strings.TrimSuffix(sentence(nasPreamble.ReplaceAllString(text, "")), "."), Body: text, Urgency: normal}
	m.Title = host + ": " + firstLine(m.Title)
	if nasBad.MatchString(text) && !nasGood.MatchString(text) {
		m.Urgency = high
	}
	return m
}
