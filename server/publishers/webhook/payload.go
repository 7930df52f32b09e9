package webhook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"recado/server/publishers"
)

// payload is what a request holds: an object or a list, or else a text.
type payload struct {
	node
	header http.Header
	body   string // the text, when there is no node
}

func (p payload) empty() bool { return p.value == nil && clean(p.body) == "" }

// agent is the product that the sender says it is, without its version.
func (p payload) agent() string {
	product, _, _ := strings.Cut(p.header.Get("User-Agent"), " ")
	product, _, _ = strings.Cut(product, "/")
	return line(product)
}

// said reports whether the sender says that it is that product.
func (p payload) said(product string) bool {
	return strings.HasPrefix(strings.ToLower(p.agent()), product)
}

// parse finds out what the request holds. ErrDeep.
func parse(r Request) (payload, error) {
	p := payload{header: r.Header}
	if p.header == nil {
		p.header = http.Header{}
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")))
	n, err := structure(p.header.Get("Content-Type"), body)
	switch {
	case errors.Is(err, ErrDeep):
		return payload{}, err
	case err != nil:
		p.body = publishers.Cut(readable(publishers.Text(body)), maxText)
		return p, nil
	}
	if list := n.items(); len(list) == 1 {
		n = list[0]
	}
	switch n.value.(type) {
	case []member, []node:
		p.node = n
	default:
		p.body = n.string()
	}
	return p, nil
}

// structure reads JSON or a form, whatever it says it is. ErrDeep; any other error
// means that it is neither.
func structure(contentType string, body []byte) (node, error) {
	media, params, _ := mime.ParseMediaType(contentType)
	boundary := params["boundary"]
	if first := multipartStart.FindSubmatch(body); first != nil {
		boundary = string(first[1])
	}
	if boundary != "" {
		return unwrapped(multipartForm(body, boundary))
	}
	if !utf8.Valid(body) {
		body = []byte(publishers.Text(body))
	}
	switch {
	case len(body) > 0 && strings.IndexByte(`{["`, body[0]) >= 0:
		return decodeLeniently(body)
	case string(body) == "null":
		return node{}, nil
	}
	fields := form(string(body))
	if media == "application/x-www-form-urlencoded" || (node{fields}).has("message") || (node{fields}).has("payload") {
		return unwrapped(fields)
	}
	return node{}, errNotJSON
}

// multipartStart is how a body of multipart/form-data begins (RFC 7578), with its
// boundary.
var multipartStart = regexp.MustCompile(`(?i)^--([^\r\n]{1,70})\r\nContent-Disposition: form-data;`)

// form reads application/x-www-form-urlencoded, in its order; nil = it is none.
func form(body string) []member {
	if strings.ContainsAny(body, " \n") || !strings.Contains(body, "=") {
		return nil // a text that curl -d calls a form
	}
	var fields []member
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err != nil || err2 != nil {
			return nil
		}
		fields = append(fields, member{publishers.Text([]byte(name)), node{publishers.Text([]byte(value))}})
	}
	return fields
}

// multipartForm reads the fields of multipart/form-data; files are left out.
func multipartForm(body []byte, boundary string) []member {
	var fields []member
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err != nil { // its end, or no more that can be read
			return fields
		}
		if part.FileName() != "" {
			continue
		}
		var value bytes.Buffer
		if _, err := value.ReadFrom(part); err != nil {
			return fields
		}
		fields = append(fields, member{part.FormName(), node{publishers.Text(value.Bytes())}})
	}
}

// unwrapped is a form, or the JSON that it is the wrapping of: GitHub and Slack call
// that field payload, Uptime Kuma data.
func unwrapped(fields []member) (node, error) {
	if len(fields) == 0 {
		return node{}, errNotJSON
	}
	for _, name := range []string{"payload", "data"} {
		inner := strings.TrimSpace((node{fields}).text(name))
		if !strings.HasPrefix(inner, "{") {
			continue
		}
		if n, err := decodeLeniently([]byte(inner)); err == nil || errors.Is(err, ErrDeep) {
			return n, err
		}
	}
	return node{fields}, nil
}

// readable is a text without the marks of what it almost was: XML, or JSON that is
// broken.
func readable(s string) string {
	switch {
	case strings.HasPrefix(s, "<"):
		return withoutTags(s)
	case strings.HasPrefix(s, "{") || strings.HasPrefix(s, "["):
		return withoutBraces(s)
	}
	return s
}

// withoutTags is the text of XML and HTML, one element's a line.
func withoutTags(s string) string {
	d := xml.NewDecoder(strings.NewReader(s))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	var texts []string
	for skip := 0; ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			if name := strings.ToLower(t.Name.Local); skip > 0 || name == "script" || name == "style" {
				skip++
			}
		case xml.EndElement:
			skip = max(skip-1, 0)
		case xml.CharData:
			if skip == 0 {
				texts = append(texts, line(string(t)))
			}
		}
	}
	if text := lines(texts...); text != "" {
		return text
	}
	return plain(publishers.Cut(s, maxText))
}

// withoutBraces is what looks like JSON and is none, as its names and values, one
// pair a line.
func withoutBraces(s string) string {
	var out strings.Builder
	inString := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && inString && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				out.WriteByte('\n')
			case 'r', 't':
				out.WriteByte(' ')
			default:
				out.WriteByte(s[i])
			}
		case c == '"':
			inString = !inString
		case inString:
			out.WriteByte(c)
		case c == ',' || c == '{' || c == '[':
			out.WriteByte('\n')
		case c == '}' || c == ']':
		case c == ':':
			out.WriteString(": ")
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
