package ntfy

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"recado/server/publishers"
)

// Request is the parts of an HTTP request that a message is made of.
type Request struct {
	Topic  string // of the path; ParseJSON finds it in the body
	Header http.Header
	Query  url.Values
	Body   []byte
}

// Message is what is to be published, as ntfy understands it.
type Message struct {
	Topic    string
	Title    string
	Message  string // never empty
	Priority int    // 1 to 5; 0 = none was given
	Tags     []string
	Click    string
	Icon     string // an http(s) URL or empty
	Actions  []Action
	Attach   string    // an http(s) URL or empty
	Filename string    // of what is attached
	At       time.Time // zero = now
	Markdown bool
	// Sequence names a series of messages of which each replaces the one before.
	Sequence string

	lost []string // what was asked for and cannot be done, as warnings
}

// IsTopic reports whether s has the form of a topic.
func IsTopic(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return s != "" && len(s) <= 64 && strings.Trim(s, letters) == ""
}

// emptyMessage is what a message without text says.
const emptyMessage = "triggered"

// Parse reads what is published at a topic's own path: the body is the text, the
// rest stands in headers and in the query. now is when it came. The error is an
// *Error.
func Parse(r Request, now time.Time) (*Message, error) {
	if !IsTopic(r.Topic) {
		return nil, errTopic()
	}
	m := &Message{Topic: r.Topic}
	p := params{fromHeader(r.Header), fromQuery(r.Query)}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	m.Markdown = p.is("markdown") || strings.EqualFold(strings.TrimSpace(media), "text/markdown")
	return m, m.read(p, r.Body, now)
}

// ParseJSON reads what is published at the root: a JSON object with the topic,
// whose members come before the headers and the query.
func ParseJSON(r Request, now time.Time) (*Message, error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(r.Body, &body); err != nil || body == nil {
		return nil, JSONError("it is no JSON object")
	}
	source, err := members(body)
	if err != nil {
		return nil, err
	}
	m := &Message{Topic: source["topic"]}
	if !IsTopic(m.Topic) {
		return nil, errTopic()
	}
	text := source["message"]
	delete(source, "message") // what stands there is no parameter: its \n is one
	p := params{source, fromHeader(r.Header), fromQuery(r.Query)}
	m.Markdown = p.is("markdown")
	return m, m.read(p, []byte(text), now)
}

// maxTags is more than anyone looks at.
const maxTags = 50

// read fills the message from its parameters and the body.
func (m *Message) read(p params, body []byte, now time.Time) error {
	var err error
	m.Title, m.Click, m.Icon = p.get("title"), p.get("click"), p.get("icon")
	m.Attach, m.Filename, m.Sequence = p.get("attach"), p.get("filename"), p.get("sequence-id")
	if m.Icon != "" && !publishers.IsWeb(m.Icon) {
		return errIcon()
	}
	if m.Attach != "" && !publishers.IsWeb(m.Attach) {
		return errAttachment()
	}
	if m.Priority, err = priority(p.get("priority")); err != nil {
		return err
	}
	for tag := range strings.SplitSeq(p.get("tags"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" && len(m.Tags) < maxTags {
			m.Tags = append(m.Tags, tag)
		}
	}
	if delay := p.get("delay"); delay != "" {
		if m.At, err = delayed(delay, now); err != nil {
			return err
		}
	}
	if actions := p.get("actions"); actions != "" {
		if m.Actions, err = parseActions(actions); err != nil {
			return err
		}
	}
	for _, other := range []struct{ name, why string }{
		{"email", "recado only sends push messages"},
		{"call", "recado only sends push messages"},
		{"template", "a topic takes text; webhooks are read at /hook"},
	} {
		if value := strings.ToLower(p.get(other.name)); value != "" && value != "no" && value != "false" && value != "0" {
			m.lost = append(m.lost, other.name+": "+other.why)
		}
	}
	// A header holds no line end, so it is spelled.
	m.Message = strings.ReplaceAll(p.get("message"), `\n`, "\n")
	m.takeBody(body)
	return nil
}

// takeBody makes the body the text. A file that cannot be read is only told of.
func (m *Message) takeBody(body []byte) {
	file := m.Filename
	if file == "" && m.Attach != "" {
		m.Filename = nameOf(m.Attach)
		file = m.Filename
	}
	switch {
	case !publishers.IsText(body):
		m.lost = append(m.lost, "the body is a file: recado keeps none, so give its address as Attach")
		if file == "" {
			file = "attachment"
		}
	case m.Filename != "" && m.Attach == "" && m.Message != "" && len(body) > 0:
		// The text of a file that comes with a message of its own.
		m.lost = append(m.lost, "the body is a file: recado keeps none, so give its address as Attach")
	default:
		if s := strings.TrimSpace(publishers.Text(body)); s != "" {
			m.Message = s
		}
	}
	if m.Message == "" && file != "" {
		m.Message = "You received a file: " + file
	}
	if m.Message == "" {
		m.Message = emptyMessage
	}
}

// nameOf is what a file at a URL is called.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "attachment"
	}
	if name := path.Base(u.Path); name != "." && name != "/" {
		return name
	}
	return "attachment"
}

// priority reads a number or a name; 0 = none, as JSON has it.
func priority(s string) (int, error) {
	switch strings.ToLower(s) {
	case "", "0":
		return 0, nil
	case "1", "min":
		return 1, nil
	case "2", "low":
		return 2, nil
	case "3", "default":
		return 3, nil
	case "4", "high":
		return 4, nil
	case "5", "max", "urgent":
		return 5, nil
	}
	return 0, errPriority()
}
