package webhook

import (
	"cmp"
	"slices"
	"strings"

	"recado/server/publishers"
)

// unknown reads what no sender is known of: the title is what looks like one, else
// who sent it, else the first line; the body is the texts, one a line.
func unknown(p payload) Message {
	if p.value == nil {
		return unknownText(p)
	}
	m := Message{Sender: known(p.agent()), Urgency: word(p.text("severity", "level", "priority", "urgency"))}
	var u fields
	u.read("", p.node, true)
	m.Title, m.URL = u.title, u.url
	if m.Title == "" {
		m.Title = cmp.Or(m.Sender, u.host)
	}
	if m.Title == "" && len(u.lines) > 0 {
		m.Title, u.lines = u.lines[0], u.lines[1:]
	}
	m.Title = cmp.Or(line(m.Title), "Webhook")
	m.Body = first(maxFields, u.lines, u.more)
	return m
}

// unknownText: the first line of a text is its title, unless its sender is one.
func unknownText(p payload) Message {
	text, sender := clean(p.body), known(p.agent())
	if sender != "" && !strings.Contains(text, "\n") && len(text) > maxTitle {
		return Message{Sender: sender, Title: sender, Body: text}
	}
	title, body, _ := strings.Cut(text, "\n")
	return Message{Sender: sender, Title: title, Body: body}
}

// known is a product's name, and empty for the libraries and tools that many products
// send with.
func known(agent string) string {
	name := strings.ToLower(agent)
	for _, tool := range []string{"curl", "wget", "python", "go-http-client", "go-resty", "java", "okhttp", "apache-httpclient", "axios", "node",
		"undici", "got", "mozilla", "postman", "insomnia", "httpie", "ruby", "faraday", "guzzle", "php", "perl", "libwww", "reqwest",
		"hyper", "aiohttp", "dart", "powershell", "restsharp", "dotnet", "unirest", "lua", "deno", "bun", "werkzeug", "faraday"} {
		if strings.HasPrefix(name, tool) {
			return ""
		}
	}
	return agent
}

const (
	maxFields = 20  // lines
	maxField  = 300 // characters of one
)

// fields gathers what an unknown payload tells.
type fields struct {
	title, url, host string
	lines            []string
	more             int // values that are too many to be told
}

// What members are called that are a title, a text, an address or a sender.
var (
	titleNames = []string{"title", "subject", "summary", "headline", "event_name", "alert_name", "alertname", "check_name", "monitor_name"}
	textNames  = []string{"message", "msg", "body", "text", "content", "description", "details", "detail", "reason", "error", "output"}
	urlNames   = []string{"url", "link", "click", "href", "html_url", "web_url", "permalink", "click_url", "action_url", "incident_url"}
	hostNames  = []string{"host", "hostname", "server", "server_name", "device", "device_name", "machine", "node", "app", "application",
		"app_name", "service", "source", "sender", "from", "system", "product", "site"}
)

// read goes through an object or list. What stands at its top is asked for a title, an
// address and a sender.
func (u *fields) read(at string, n node, top bool) {
	for _, m := range n.members() {
		if !u.take(strings.ToLower(m.name), m.value, top) {
			u.value(join(" ", at, label(m.name)), m.name, m.value)
		}
	}
	for _, item := range n.items() {
		u.value(at, "", item)
	}
}

// take reports whether a member is the title or the address.
func (u *fields) take(name string, v node, top bool) bool {
	text := line(v.string())
	switch {
	case text == "":
		return false
	case u.title == "" && top && slices.Contains(titleNames, name):
		u.title = text
		return true
	case u.url == "" && slices.Contains(urlNames, name) && webURL(text) != "":
		u.url = text
		return true
	case u.host == "" && top && slices.Contains(hostNames, name):
		u.host = publishers.Clip(text, maxTitle)
	}
	return false
}

func (u *fields) value(at, name string, v node) {
	if len(u.lines) > maxFields {
		u.more++
		return
	}
	text := excerpt(v.string(), maxField)
	switch {
	case text == "":
		u.read(at, v, false)
	case opaque(text):
	case slices.Contains(textNames, strings.ToLower(name)) || at == "":
		u.lines = append(u.lines, text)
	default:
		u.lines = append(u.lines, at+": "+text)
	}
}

// opaque is what says nothing to people: keys, hashes, encoded files.
func opaque(s string) bool {
	return len(s) > 40 && !strings.ContainsAny(s, " .:/,\n") && strings.Trim(s, "…") != "" || strings.HasPrefix(s, "data:")
}

// label is a member's name as people write it.
func label(name string) string {
	return line(strings.ReplaceAll(spacedOut(name), "_", " "))
}

// spacedOut is spaced of names in camelCase only.
func spacedOut(name string) string {
	if strings.ToUpper(name) == name || strings.ContainsAny(name, " _-") {
		return name
	}
	return spaced(name)
}
