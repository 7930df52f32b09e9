package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// decodeStrict reads the request's body as unmarshalStrict does.
func decodeStrict(w http.ResponseWriter, r *http.Request, v any, readOnly ...string) (problems, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return unmarshalStrict(body, v, readOnly...)
}

// unmarshalStrict reads a JSON object into v, a pointer to a struct, member by
// member, so that a client learns of every bad one at once. It returns what is
// wrong with members: one that v does not have, one of those that only the server
// sets, a value of the wrong type. null is as good as nothing. The error is about
// the body as a whole.
func unmarshalStrict(body []byte, v any, readOnly ...string) (problems, error) {
	s := strict{readOnly: readOnly}
	err := s.decode(body, v)
	return s.problems, err
}

// strict gathers what is wrong with the members of a JSON object.
type strict struct {
	problems
	readOnly []string // at the top
}

func (s *strict) decode(body []byte, v any) error {
	if err := checkText(body); err != nil {
		return err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return notJSONError(err)
	}
	if kind := kindOf(whole); kind != "an object" {
		// The 422 of a field's wrong type, though it is no field's.
		return &Error{Status: http.StatusUnprocessableEntity, Message: "the body must be a JSON object, not " + kind}
	}
	s.object("", whole, reflect.ValueOf(v).Elem())
	return nil
}

// object reads a JSON object into a struct.
func (s *strict) object(at string, raw json.RawMessage, v reflect.Value) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		s.wrongType(at, raw, v.Type())
		return
	}
	fields := jsonFields(v.Type())
	for _, name := range slices.Sorted(maps.Keys(members)) {
		index, known := fields[name]
		switch {
		case known:
			s.value(at+name, members[name], v.FieldByIndex(index))
		case at == "" && slices.Contains(s.readOnly, name):
			s.add(name, "is set by the server: leave it out")
		default:
			s.add(cut(at+name, 100), "is unknown")
		}
	}
}

// jsonFields are a struct's fields, embedded ones too, by their names in JSON.
func jsonFields(t reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			fields[name] = f.Index
		}
	}
	return fields
}

func (s *strict) value(at string, raw json.RawMessage, v reflect.Value) {
	if kindOf(raw) == "null" {
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes(raw)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.value(at, raw, v.Elem())
	case v.Kind() == reflect.Struct:
		s.object(at+".", raw, v)
	case v.Kind() == reflect.Slice:
		s.list(at, raw, v)
	default:
		var kind *json.UnmarshalTypeError
		if err := json.Unmarshal(raw, v.Addr().Interface()); errors.As(err, &kind) {
			s.add(at, fmt.Sprintf("holds %s where %s belongs", describeValue(kind.Value), describe(kind.Type)))
		} else if err != nil {
			s.wrongType(at, raw, v.Type())
		}
	}
}

// maxListed bounds how many bad entries of one list are told.
const maxListed = 20

func (s *strict) list(at string, raw json.RawMessage, v reflect.Value) {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		s.wrongType(at, raw, v.Type())
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(entries), len(entries)))
	before := len(s.problems)
	for i, entry := range entries {
		if len(s.problems)-before >= maxListed {
			v.SetLen(i) // what was not read is not to be found wrong for being empty
			return
		}
		s.value(fmt.Sprintf("%s[%d]", at, i), entry, v.Index(i))
	}
}

func (s *strict) wrongType(at string, raw json.RawMessage, t reflect.Type) {
	s.add(strings.TrimSuffix(at, "."), fmt.Sprintf("holds %s where %s belongs", kindOf(raw), describe(t)))
}

// kindOf is what JSON holds, in the words of describe.
func kindOf(raw json.RawMessage) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	switch {
	case len(raw) == 0:
		return "nothing"
	case raw[0] == '"':
		return "a string"
	case raw[0] == '{':
		return "an object"
	case raw[0] == '[':
		return "a list"
	case raw[0] == 't' || raw[0] == 'f':
		return "true or false"
	case raw[0] == 'n':
		return "null"
	}
	return "a number"
}

// merge adds what others say, but for fields of which something is said already: a
// title of the wrong type is not missing as well.
func (p *problems) merge(others problems) {
	first := slices.Clone(*p)
	for _, other := range others {
		if !slices.ContainsFunc(first, func(f FieldError) bool { return within(f.Field, other.Field) || within(other.Field, f.Field) }) {
			*p = append(*p, other)
		}
	}
}

// within reports whether a field is that other one, or a part of it.
func within(field, other string) bool {
	rest, ok := strings.CutPrefix(field, other)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
