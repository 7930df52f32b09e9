package push

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// Content is what a notification shows. Strings are UTF-8, URLs absolute http(s).
type Content struct {
	Title, Body, URL, Icon, Image, Badge, Tag, Lang string

	Dir                                  string // "auto", "ltr", "rtl" or empty
	Silent, RequireInteraction, Renotify bool
	Vibrate                              []int // milliseconds
	Actions                              []Action
	Data                                 json.RawMessage // any JSON, or empty
	ID                                   string          // the notification's id
}

// Action is one button of a notification.
type Action struct{ Action, Title, Icon, URL string }

// Payload is the plaintext of one notification, in the two forms that browsers
// understand, but for the receipt that each delivery has of its own. It is
// immutable and safe for concurrent use.
type Payload struct {
	usual, declarative []byte // JSON objects without their last brace
}

// NewPayload prepares both forms once for all deliveries of a notification.
// Relative URLs are resolved against baseURL, which is also where a click leads
// when the content names no URL.
func NewPayload(c Content, baseURL string) Payload {
	if !json.Valid(c.Data) || isEmptyJSON(c.Data) {
		c.Data = nil
	}
	return Payload{
		usual:       openObject(usualForm(c)),
		declarative: openObject(declarativeForm(c, baseURL)),
	}
}

// Usual is {"title","body","url", every other field that has a value, "id",
// "receipt"}: what a service worker of the classic kind reads. The caller owns
// the result.
func (p *Payload) Usual(receipt string) []byte { return closeObject(p.usual, receipt) }

// Declarative is the form of Declarative Web Push, which WebKit shows without a
// service worker. The caller owns the result.
func (p *Payload) Declarative(receipt string) []byte { return closeObject(p.declarative, receipt) }

// Size is the length in bytes of one form with a receipt of receiptLen
// characters of base64url, 0 for none.
func (p *Payload) Size(declarative bool, receiptLen int) int {
	form := p.usual
	if declarative {
		form = p.declarative
	}
	if receiptLen == 0 {
		return len(form) + 1
	}
	return len(form) + len(receiptOpen) + receiptLen + len(receiptClose)
}

const (
	receiptOpen  = `,"receipt":"`
	receiptClose = `"}`
)

func closeObject(open []byte, receipt string) []byte {
	if receipt == "" {
		return append(append(make([]byte, 0, len(open)+1), open...), '}')
	}
	if !isPlain(receipt) { // receipts are base64url; anything else must not break out
		quoted := marshal(receipt)
		receipt = string(quoted[1 : len(quoted)-1])
	}
	form := make([]byte, 0, len(open)+len(receiptOpen)+len(receipt)+len(receiptClose))
	form = append(append(form, open...), receiptOpen...)
	return append(append(form, receipt...), receiptClose...)
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

type usualAction struct {
	Action string `json:"action"`
	Title  string `json:"title"`
	Icon   string `json:"icon,omitempty"`
	URL    string `json:"url,omitempty"`
}

func usualForm(c Content) any {
	var actions []usualAction
	for _, a := range c.Actions {
		actions = append(actions, usualAction(a))
	}
	return struct {
		Title              string          `json:"title"`
		Body               string          `json:"body"`
		URL                string          `json:"url"`
		Icon               string          `json:"icon,omitempty"`
		Image              string          `json:"image,omitempty"`
		Badge              string          `json:"badge,omitempty"`
		Tag                string          `json:"tag,omitempty"`
		Lang               string          `json:"lang,omitempty"`
		Dir                string          `json:"dir,omitempty"`
		Silent             bool            `json:"silent,omitempty"`
		RequireInteraction bool            `json:"require_interaction,omitempty"`
		Renotify           bool            `json:"renotify,omitempty"`
		Vibrate            []int           `json:"vibrate,omitempty"`
		Actions            []usualAction   `json:"actions,omitempty"`
		Data               json.RawMessage `json:"data,omitempty"`
		ID                 string          `json:"id,omitempty"`
	}{c.Title, c.Body, c.URL, c.Icon, c.Image, c.Badge, c.Tag, c.Lang, c.Dir, c.Silent,
		c.RequireInteraction, c.Renotify, c.Vibrate, actions, c.Data, c.ID}
}

// marshal encodes what always can be encoded: strings, numbers and Data that has
// been proven to be JSON. It leaves <, > and & as they are, which json.Marshal
// makes six bytes each of.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("{}")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func openObject(v any) []byte {
	return bytes.TrimSuffix(marshal(v), []byte("}"))
}

func isEmptyJSON(data json.RawMessage) bool {
	switch strings.Join(strings.Fields(string(data)), "") {
	case "", "null", "{}":
		return true
	}
	return false
}

// absolute resolves a URL against base and answers "" for what does not become
// an http(s) URL.
func absolute(base *url.URL, ref string) string {
	if ref == "" {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return u.String()
}
