package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"
)

const (
	// bodyLimit is how large a request may be, in bytes.
	bodyLimit = 64 << 10
	// depthLimit is how deep JSON may be nested.
	depthLimit = 32
)

// decode reads the request's body, a JSON object, into v. The error is an *Error
// or a *FieldError.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	return unmarshal(body, v)
}

// readBody reads what is to be JSON: at most bodyLimit bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if err := checkContentType(r); err != nil {
		return nil, err
	}
	body, err := readBytes(w, r, bodyLimit)
	if err != nil {
		return nil, err
	}
	// RFC 8259 §8.1 lets a parser ignore a byte order mark; some Windows tools
	// send one.
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if isForm(r) && !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return nil, sendJSON()
	}
	return body, nil
}

// readBytes reads a body of any kind, at most limit bytes.
func readBytes(w http.ResponseWriter, r *http.Request, limit int) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &Error{Status: http.StatusUnsupportedMediaType, Message: "send the body without a Content-Encoding"}
	}
	if r.ContentLength > int64(limit) {
		// Refused before a byte of it is read, also before a 100 Continue.
		return nil, tooLarge(int(r.ContentLength), limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge(limit+1, limit) // how much more was coming is not known
	case err != nil:
		return nil, badRequest("the body could not be read to its end")
	}
	return body, nil
}

// isForm: curl -d calls whatever it sends a form, so such a body is looked at.
func isForm(r *http.Request) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == "application/x-www-form-urlencoded"
}

func sendJSON() *Error {
	return &Error{
		Status:  http.StatusUnsupportedMediaType,
		Message: "send JSON, with the header Content-Type: application/json",
	}
}

func tooLarge(size, limit int) *Error {
	return &Error{
		Status:  http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("the body is too large: at most %d bytes", limit),
		Size:    size,
		Limit:   limit,
	}
}

// checkContentType refuses what cannot be JSON; see the package comment.
func checkContentType(r *http.Request) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !notJSON(media) {
		return nil
	}
	return sendJSON()
}

func notJSON(media string) bool {
	if strings.HasSuffix(media, "+json") {
		return false
	}
	kind, sub, _ := strings.Cut(media, "/")
	switch kind {
	case "multipart", "image", "audio", "video", "font":
		return true
	}
	switch sub {
	case "xml", "html", "xhtml+xml", "csv":
		return true
	}
	return strings.HasSuffix(sub, "+xml")
}

// unmarshal reads one JSON object into v, a pointer to a struct. The error is an
// *Error or a *FieldError that says what is wrong, and where.
func unmarshal(body []byte, v any) error {
	if err := checkText(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return badRequest("the body must be a JSON object")
	case errors.As(err, &kind):
		return &FieldError{path(kind.Field), fmt.Sprintf("holds %s where %s belongs", describeValue(kind.Value), describe(kind.Type))}
	case err != nil:
		return notJSONError(err)
	case kindOf(body) != "an object": // null, which leaves v as it is
		return badRequest("the body must be a JSON object")
	}
	return nil
}

// checkText refuses what no parser is to see.
func checkText(body []byte) error {
	switch {
	case len(bytes.TrimLeft(body, " \t\r\n")) == 0:
		return badRequest("the body is empty: send a JSON object")
	case !utf8.Valid(body):
		return badRequest("the body is not UTF-8")
	case tooDeep(body):
		return badRequest("the JSON is nested deeper than %d", depthLimit)
	}
	return nil
}

func notJSONError(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return badRequest("the body is not JSON: %s (at byte %d)", syntax.Error(), syntax.Offset)
	}
	return badRequest("the body is not JSON that can be read here")
}

// tooDeep reports whether JSON is nested deeper than depthLimit. It looks at the
// bytes alone, before anything is built from them; what is no JSON gets any
// answer.
func tooDeep(body []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++ // the next byte is escaped, a quote maybe
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > depthLimit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// path is a field's, as the client spells it: encoding/json also puts the names
// of embedded structs there. No field of ours begins with a capital.
func path(field string) string {
	if embedded, rest, ok := strings.Cut(field, "."); ok && embedded < "a" {
		return rest
	}
	return field
}

// describeValue puts what json says of a value into a sentence: "number 1.5" is
// one that does not fit.
func describeValue(value string) string {
	kind, literal, ok := strings.Cut(value, " ")
	switch {
	case ok && len(literal) <= 20:
		return literal
	case kind == "array":
		return "a list"
	case kind == "bool":
		return "true or false"
	case kind == "object":
		return "an object"
	default:
		return "a " + kind
	}
}

// describe is a Go type in the words of JSON.
func describe(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Pointer:
		return describe(t.Elem())
	default:
		return "a whole number"
	}
}
