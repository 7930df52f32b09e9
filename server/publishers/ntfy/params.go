package ntfy

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"recado/server/publishers"
)

// params are a message's parameters by their names in lower case, each source
// before those that it beats: the JSON, the headers, the query.
type params []map[string]string

// The names of each parameter, the first that has a value counting.
func names(of string) []string {
	switch of {
	case "title":
		return []string{"x-title", "title", "ti", "t"}
	case "message":
		return []string{"x-message", "message", "m"}
	case "priority":
		return []string{"x-priority", "priority", "prio", "p"}
	case "tags":
		return []string{"x-tags", "tags", "tag", "ta"}
	case "click":
		return []string{"x-click", "click"}
	case "icon":
		return []string{"x-icon", "icon"}
	case "actions":
		return []string{"x-actions", "actions", "action"}
	case "delay":
		return []string{"x-delay", "delay", "x-at", "at", "x-in", "in"}
	case "markdown":
		return []string{"x-markdown", "markdown", "md"}
	case "attach":
		return []string{"x-attach", "attach", "a"}
	case "filename":
		return []string{"x-filename", "filename", "file", "f"}
	case "email":
		return []string{"x-email", "x-e-mail", "email", "e-mail", "mail", "e"}
	case "call":
		return []string{"x-call", "call"}
	case "template":
		return []string{"x-template", "template", "tpl"}
	case "sequence-id":
		return []string{"x-sequence-id", "sequence-id", "sequence_id", "sid"}
	}
	return nil
}

// get is a parameter's value without blanks around it; empty = none.
func (p params) get(of string) string {
	for _, source := range p {
		for _, name := range names(of) {
			value := strings.TrimSpace(source[name])
			// RFC 9218 §4: the header Priority of HTTP itself, which browsers and
			// proxies send, is no priority of the message.
			if of == "priority" && isHTTPPriority(value) {
				continue
			}
			if value != "" {
				return value
			}
		}
	}
	return ""
}

// is reports whether a parameter is switched on.
func (p params) is(of string) bool {
	switch strings.ToLower(p.get(of)) {
	case "1", "yes", "true":
		return true
	}
	return false
}

func isHTTPPriority(value string) bool {
	return strings.HasPrefix(value, "u=") || value == "i" || strings.HasPrefix(value, "i,")
}

// fromHeader reads headers. A value in another alphabet is an encoded word (RFC
// 2047), or plainly UTF-8, or what a library made of it that knows Latin-1 alone.
func fromHeader(header http.Header) map[string]string {
	source := make(map[string]string, len(header))
	var words mime.WordDecoder
	for name, values := range header {
		if len(values) == 0 {
			continue
		}
		value := publishers.Text([]byte(values[0]))
		if decoded, err := words.DecodeHeader(value); err == nil {
			value = decoded
		}
		source[strings.ToLower(name)] = strings.ToValidUTF8(value, "\uFFFD")
	}
	return source
}

func fromQuery(query url.Values) map[string]string {
	source := make(map[string]string, len(query))
	for name, values := range query {
		if len(values) > 0 {
			source[strings.ToLower(name)] = publishers.Text([]byte(values[0]))
		}
	}
	return source
}
