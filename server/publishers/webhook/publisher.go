package webhook

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"recado/server/publishers"
)

// Request is what a publisher sent. The header may be nil.
type Request struct {
	Header http.Header
	Body   []byte
}

// Message is what a person is to see of a request.
type Message struct {
	Sender  string // the product that sent it, "Grafana"; empty = not known
	Title   string // one line
	Body    string // lines; may be empty where the title says it all
	URL     string // absolute http or https; empty = none
	Urgency string // very-low, low, normal, high
	Tag     string // messages with the same one replace each other; empty = none
}

var (
	// ErrEmpty: there is nothing in the request.
	ErrEmpty = errors.New("the body is empty: there is nothing to show")
	// ErrDeep: its JSON is nested deeper than 32.
	ErrDeep = errors.New("the JSON is nested deeper than 32")
)

const (
	veryLow = "very-low"
	low     = "low"
	normal  = "normal"
	high    = "high"
)

// sender is one product, or one form that several products use.
type sender struct {
	name string
	// knows reports whether it is the one that sent the payload.
	knows func(p payload) bool
	read  func(p payload) Message
}

// senders are all that are known, in the order in which they are asked: products
// before the forms that anybody may use.
func senders() []sender {
	return []sender{
		gitea(), // before GitHub, whose headers it sends as well
		github(),
		grafana(), // before Alertmanager, whose form it extends
		alertmanager(),
		uptimeKuma(),
		servarr(),
		jellyfin(),
		healthchecks(),
		watchtower(), // before the forms that carry it
		apprise(),
		proxmox(),
		discord(),
		synology(),
		slack(),
		note(),
	}
}

// Read makes a Message of a request. The error is ErrEmpty or ErrDeep.
func Read(r Request) (Message, error) {
	p, err := parse(r)
	if err != nil {
		return Message{}, err
	}
	if p.empty() {
		return Message{}, ErrEmpty
	}
	return read(p), nil
}

func read(p payload) Message {
	for _, s := range senders() {
		if !s.knows(p) {
			continue
		}
		m := s.read(p)
		m.Sender = cmp.Or(m.Sender, s.name)
		if m = m.finished(); m.Title != "" {
			return m
		}
	}
	return unknown(p).finished()
}

// maxTitle is how many characters of a title are shown; a lock screen has room for
// fewer than sixty.
const maxTitle = 59

// finished is the message with texts that can be shown anywhere. A title that is too
// long is cut, and told in full where the body begins.
func (m Message) finished() Message {
	m.Body = clean(m.Body)
	title := line(m.Title)
	if title == "" {
		title, m.Body, _ = strings.Cut(m.Body, "\n")
	}
	if m.Title = publishers.Clip(title, maxTitle); m.Title != title {
		m.Body = lines(title, m.Body)
	}
	m.URL = webURL(m.URL)
	m.Urgency = cmp.Or(m.Urgency, normal)
	return m
}

// webURL is s if it is an absolute http or https URL, otherwise empty.
func webURL(s string) string {
	if s = strings.TrimSpace(s); publishers.IsWeb(s) {
		return s
	}
	return ""
}

// tag is one for everything that the parts are the same of.
func tag(sender string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return sender + "-" + hex.EncodeToString(sum[:6])
}
