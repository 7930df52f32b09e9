package gotify

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"recado/server/publishers"
)

// unspoken is the priority of a message that names none: one that arrives like
// any other.
const unspoken = 5

// Parse reads a body of JSON, or a form of either kind, whose fields may stand in
// the query as well. The error is an *Error.
func Parse(contentType string, body []byte, query url.Values) (*Message, error) {
	m, err := parse(contentType, bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), query)
	if err == nil && m.Message == "" {
		err = bad("Field 'message' is required")
	}
	return m, err
}

func bad(description string) error { return StatusError(http.StatusBadRequest, description) }

// IsJSON reports whether Parse reads a body as JSON.
func IsJSON(contentType string, body []byte) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // some Windows tools send one
	return media == "application/json" || bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

func parse(contentType string, body []byte, query url.Values) (*Message, error) {
	if IsJSON(contentType, body) {
		return fromJSON(body)
	}
	media, parameters, _ := mime.ParseMediaType(contentType) // without one it is a form
	fields := map[string]string{}
	for _, name := range []string{"title", "message", "priority"} {
		fields[name] = publishers.Text([]byte(query.Get(name)))
	}
	var err error
	if media == "multipart/form-data" {
		err = readMultipart(fields, body, parameters["boundary"])
	} else {
		err = readForm(fields, body)
	}
	if err != nil {
		return nil, err
	}
	m := &Message{Title: fields["title"], Message: fields["message"]}
	m.Priority, err = priority(fields["priority"])
	return m, err
}

func readForm(fields map[string]string, body []byte) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return bad("the form cannot be read")
	}
	for name := range fields {
		if form.Has(name) {
			fields[name] = publishers.Text([]byte(form.Get(name)))
		}
	}
	return nil
}

func readMultipart(fields map[string]string, body []byte, boundary string) error {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad("the form cannot be read to its end")
		}
		name := part.FormName()
		if _, known := fields[name]; !known || part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(part) // no more than the body
		if err != nil {
			return bad("the form cannot be read to its end")
		}
		fields[name] = publishers.Text(value)
	}
}

func fromJSON(body []byte) (*Message, error) {
	var in struct {
		Title    json.RawMessage `json:"title"`
		Message  json.RawMessage `json:"message"`
		Priority json.RawMessage `json:"priority"`
		Extras   json.RawMessage `json:"extras"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, bad("the body is no JSON object")
	}
	m := &Message{}
	var err error
	if m.Title, err = scalar("title", in.Title); err != nil {
		return nil, err
	}
	if m.Message, err = scalar("message", in.Message); err != nil {
		return nil, err
	}
	number, err := scalar("priority", in.Priority)
	if err == nil {
		m.Priority, err = priority(number)
	}
	switch {
	case len(in.Extras) == 0 || string(in.Extras) == "null":
	case in.Extras[0] == '{':
		m.Extras = in.Extras
	default:
		err = bad("Field 'extras' must be an object")
	}
	return m, err
}

// scalar is a JSON string, and any other value but an object or a list, as text.
func scalar(name string, raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	switch raw[0] {
	case '{', '[':
		return "", bad("Field '" + name + "' must be text")
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	return string(raw), nil
}

func priority(s string) (int, error) {
	if s = strings.TrimSpace(s); s == "" {
		return unspoken, nil
	}
	number, err := strconv.ParseFloat(s, 64) // "5", "5.0"
	if err != nil || math.Abs(number) > math.MaxInt32 || math.IsNaN(number) {
		return 0, bad("Field 'priority' must be a number")
	}
	return int(number), nil
}
