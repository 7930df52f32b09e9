package api

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestStrict(t *testing.T) {
	type inner struct {
		Names []string `json:"names"`
		N     int      `json:"n"`
	}
	type body struct {
		Title  string          `json:"title"`
		Flag   bool            `json:"flag"`
		Maybe  *string         `json:"maybe"`
		Inner  *inner          `json:"inner"`
		Inners []inner         `json:"inners"`
		Data   json.RawMessage `json:"data"`
		Hidden string
	}
	for in, want := range map[string]string{
		`{}`: "",
		`{"title":"x","flag":true,"maybe":"y","inner":{"names":["a"],"n":1},"inners":[{"n":2}],"data":{"any":[1]}}`: "",
		`{"title":null,"flag":null,"maybe":null,"inner":null,"inners":null,"data":null}`:                            "",
		`{"title":1,"flag":"x","maybe":[],"inner":5,"inners":{}}`:                                                   "flag holds a string where true or false belongs; inner holds a number where an object belongs; inners holds an object where a list belongs; maybe holds a list where a string belongs; title holds a number where a string belongs",
		`{"inner":{"names":"x","n":1.5,"more":1}}`:                                                                  "inner.more is unknown; inner.n holds 1.5 where a whole number belongs; inner.names holds a string where a list belongs",
		`{"inner":{"n":99999999999999999999}}`:                                                                      "inner.n holds 99999999999999999999 where a whole number belongs",
		`{"inners":[{"n":1},5,{"names":[true,"x",{}]}]}`:                                                            "inners[1] holds a number where an object belongs; inners[2].names[0] holds true or false where a string belongs; inners[2].names[2] holds an object where a string belongs",
		`{"Title":"x"}`:        "Title is unknown",
		`{"Hidden":"x"}`:       "Hidden is unknown",
		`{"":1}`:               "is unknown",
		`{"set":1,"inner":{}}`: "set is set by the server: leave it out",
		`{"inner":{"set":1}}`:  "inner.set is unknown",
		`[]`:                   "the body must be a JSON object, not a list",
		`{"title":"x"} x`:      "the body is not JSON: invalid character 'x' after top-level value (at byte 15)",
	} {
		var got body
		wrong, err := decodeStrict(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(in)), &got, "set")
		if err == nil {
			err = badFields(wrong)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != want {
			t.Errorf("%s: %q, want %q", in, text, want)
		}
	}
	many := `{"inner":{"names":[` + strings.Repeat("1,", 1000) + `1]}}`
	var got body
	if wrong, _ := decodeStrict(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(many)), &got); len(wrong) != maxListed {
		t.Errorf("%d of a thousand bad entries are told", len(wrong))
	}
}

func TestMerge(t *testing.T) {
	wrong := problems{{"title", "a"}, {"target.users[1]", "b"}}
	wrong.merge(problems{{"title", "is required"}, {"target", "names nobody"}, {"target.categories", "c"}, {"titles", "d"}, {"target.users[1].x", "e"}})
	var fields []string
	for _, f := range wrong {
		fields = append(fields, f.Field)
	}
	if want := []string{"title", "target.users[1]", "target.categories", "titles"}; !reflect.DeepEqual(fields, want) {
		t.Errorf("fields %q, want %q", fields, want)
	}
}

// What the strict decoder takes is what the usual one reads, and no bytes crash it.
func FuzzStrict(f *testing.F) {
	f.Add([]byte(`{"title":"x","target":{"users":["ana"]},"actions":[{"action":"a","title":"b"}],"data":{"a":[null]},"ttl":5}`))
	f.Add([]byte(`{"title":5,"vibrate":[1,"2",1.5,null],"target":[],"nonsense":{}}`))
	f.Add([]byte(`{"title":"a","title":"b","Title":"c"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in, usual notificationBody
		s := strict{readOnly: setByServer()}
		err := s.decode(body, &in)
		if e, known := explain(err); err != nil && (!known || e.Status != 400 && e.Status != 422) {
			t.Errorf("%q: %v", body, err)
		}
		if err != nil || len(s.problems) > 0 {
			return
		}
		if err := json.Unmarshal(body, &usual); err != nil {
			t.Fatalf("%q was taken: %v", body, err)
		}
		// Who wrote a member twice gets one of the two.
		if bytes.Count(body, []byte(":")) != strings.Count(strings.Join(jsonNames(body), ""), ":") {
			return
		}
		in.Data, usual.Data = nil, nil // null and blanks, which check takes away
		if !reflect.DeepEqual(in, usual) {
			t.Errorf("%q: %+v, usually %+v", body, in, usual)
		}
	})
}

// jsonNames are the names of all members that are left when JSON is read and
// written again, each with its colon.
func jsonNames(body []byte) []string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	again, _ := json.Marshal(v)
	return strings.SplitAfter(string(again), ":")
}

func FuzzCursor(f *testing.F) {
	f.Add(*cursor("tokens", "5"))
	f.Add("bm90aWZpY2F0aW9uczo5MjIzMzcyMDM2ODU0Nzc1ODA4")
	f.Add("====")
	f.Fuzz(func(t *testing.T, after string) {
		q := &query{Values: map[string][]string{"after": {after}}}
		p := q.page("notifications")
		if after != "" && q.err() == nil && (p.After < 1 || *cursor("notifications", strconv.FormatInt(p.After, 10)) != after) {
			t.Errorf("%q was taken as %d", after, p.After)
		}
	})
}
