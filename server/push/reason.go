package push

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReason bounds a reason, in bytes.
const maxReason = 1 << 10

// answerReason is what a push service says about its refusal, in its own words
// where there are any.
func answerReason(service string, code int, header http.Header, body []byte, secrets []string) string {
	text := ""
	switch {
	case code >= 300 && code < 400:
		text = "the push service redirects, which is not followed"
	case isWindows(service):
		text = windowsReason(header)
	}
	if text == "" {
		text = cleanText(bodyReason(body), secrets)
	} else {
		text = cleanText(text, secrets)
	}
	if text != "" {
		return text
	}
	if name := http.StatusText(code); name != "" {
		return strconv.Itoa(code) + " " + name
	}
	return "status " + strconv.Itoa(code)
}

// windowsReason gathers the headers that WNS explains itself in; its bodies are
// empty.
func windowsReason(header http.Header) string {
	var parts []string
	for _, name := range []string{"X-WNS-Error-Description", "X-WNS-Status", "X-WNS-NotificationStatus", "X-WNS-DeviceConnectionStatus"} {
		if v := header.Get(name); v != "" {
			if len(parts) > 0 {
				v = strings.TrimPrefix(name, "X-WNS-") + ": " + v
			}
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, "; ")
}

// bodyReason finds the sentence in a body: the usual members of a JSON object
// (Mozilla message, Apple reason, Google error.message), or the text.
func bodyReason(body []byte) string {
	var answer map[string]json.RawMessage
	if json.Unmarshal(body, &answer) == nil {
		if text := memberText(answer); text != "" {
			return text
		}
	}
	if text := strings.TrimSpace(string(body)); strings.HasPrefix(text, "<") {
		return stripTags(text)
	}
	return string(body)
}

func memberText(answer map[string]json.RawMessage) string {
	for _, name := range []string{"message", "reason", "detail", "error"} {
		raw, ok := answer[name]
		if !ok {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) == nil && strings.TrimSpace(text) != "" {
			return text
		}
		var inner struct{ Message, Status string }
		if json.Unmarshal(raw, &inner) == nil && inner.Message+inner.Status != "" {
			return strings.TrimSpace(inner.Status + " " + inner.Message)
		}
	}
	return ""
}

// stripTags makes the HTML of an error page readable; what it answers is only
// ever shown as text.
func stripTags(page string) string {
	var b strings.Builder
	for page != "" {
		text, rest, _ := strings.Cut(page, "<")
		b.WriteString(text)
		b.WriteByte(' ')
		tag, after, closed := strings.Cut(rest, ">")
		if name := strings.ToLower(tag); closed && (strings.HasPrefix(name, "style") || strings.HasPrefix(name, "script")) {
			_, after, _ = strings.Cut(after, "</")
			_, after, _ = strings.Cut(after, ">")
		}
		page = after
	}
	return b.String()
}

// cleanText makes a foreign text fit for a log, a page and a terminal: valid
// UTF-8 in one line, no control characters, none of the secrets, at most
// maxReason bytes.
func cleanText(text string, secrets []string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	text = strings.Map(func(r rune) rune {
		// Cf holds the marks that change the direction of what follows.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(text), " "), maxReason)
}

// cut shortens text to at most n bytes, on the border of a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// minSecret is the length, in bytes, from which a part of an endpoint may be what
// makes it a capability; shorter ones are words like "/push/".
const minSecret = 12

// secretsOf are the texts of a request that no reason may repeat: the endpoint,
// what follows its origin, and the token.
func secretsOf(given string, to Endpoint, t *token) []string {
	secrets := []string{given, to.URL}
	if path := to.parsed.RequestURI(); len(path) >= minSecret {
		secrets = append(secrets, path)
		for _, segment := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/?&=", r) }) {
			if len(segment) >= minSecret {
				secrets = append(secrets, segment)
			}
		}
	}
	if t != nil {
		secrets = append(secrets, t.secret)
	}
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return secrets
}
