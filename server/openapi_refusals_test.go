package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

// A request to any operation can be wrong in ways that depend only on what the
// operation is: the document says which, and so this needs no table.

// refuseTokens sends none, a wrong one and one of every other scope.
func (d *documented) refuseTokens(r *rig) {
	addresses := 0
	d.each(func(op string, o *openapi3.Operation) {
		scopes, optional := roles(o)
		if len(scopes) == 0 {
			return
		}
		addresses++ // each address may be wrong thirty times
		c := call{op: op, id: uuid.NewString(), body: sample(d.t, o), want: 401, token: "rcd_wrong",
			header: map[string]string{"X-Forwarded-For": fmt.Sprintf("198.51.100.%d", addresses)}}
		d.do(c)
		if optional {
			return
		}
		if c.token = ""; asNtfy(o) {
			c.want = 403
		}
		d.do(c)
		for scope, token := range r.scopes {
			if !slices.Contains(scopes, scope) {
				c.token, c.want = token, 403
				d.do(c)
			}
		}
	})
}

// asNtfy: those routes tell of errors as ntfy does.
func asNtfy(o *openapi3.Operation) bool { return slices.Contains(o.Tags, "As to ntfy") }

// foreign: those routes read bodies as other products do.
func foreign(o *openapi3.Operation) bool { return asNtfy(o) || slices.Contains(o.Tags, "As to Gotify") }

// refuseBodies sends what no operation takes.
func (d *documented) refuseBodies(r *rig) {
	d.each(func(op string, o *openapi3.Operation) {
		if o.RequestBody == nil {
			return
		}
		if foreign(o) {
			d.refuseForeignBodies(r, op, o)
			return
		}
		_, path, _ := strings.Cut(op, " ")
		c := call{op: op, id: cmp.Or(d.existing[path], uuid.NewString()), token: r.admin}
		if len(o.RequestBody.Value.Content) > 1 {
			d.refuseAnything(c)
			return
		}
		for _, bad := range []string{"{", `{"a":`, strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "{\"a\":\"\xff\"}"} {
			c.body, c.want = bad, 400
			d.do(c)
		}
		c.body, c.want = `{"title":"`+strings.Repeat("x", 64<<10)+`"}`, 413
		d.do(c)
		c.body, c.want, c.header = sample(d.t, o), 415, map[string]string{"Content-Type": "multipart/form-data; boundary=x"}
		d.do(c)
		c.header = nil
		if o.Responses.Value("422") != nil {
			for _, bad := range []string{`{"nonsense":1}`, `[]`, `null`} {
				c.body, c.want = bad, 422
				d.do(c)
			}
		}
	})
}

func (d *documented) refuseForeignBodies(r *rig, op string, o *openapi3.Operation) {
	c := call{op: op, id: "door", token: r.admin, body: strings.Repeat("x", 1<<20+1), want: 413}
	d.do(c)
	c.body, c.header, c.want = sample(d.t, o), map[string]string{"Content-Encoding": "gzip"}, 415
	d.do(c)
	if o.RequestBody.Value.Content["application/json"] != nil {
		for _, bad := range []string{"{", "[]", "null", `"x"`, strings.Repeat(`{"message":`, 40) + "1" + strings.Repeat("}", 40)} {
			d.do(call{op: op, token: r.admin, body: bad, want: 400})
		}
	}
}

// refuseAnything sends what is refused also where any media type is taken.
func (d *documented) refuseAnything(c call) {
	for _, bad := range []string{"", "null", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)} {
		c.body, c.want = bad, 400
		d.do(c)
	}
	c.body, c.want = strings.Repeat("x", 1<<20+1), 413
	d.do(c)
	c.body, c.want, c.header = "x", 415, map[string]string{"Content-Encoding": "gzip"}
	d.do(c)
}

// refuseFields sends every name that the document has anywhere to every operation
// that refuses unknown fields: it may take those that it is documented with, and no
// other one.
func (d *documented) refuseFields(r *rig) {
	var every []string
	for _, schema := range d.doc.Components.Schemas {
		every = slices.AppendSeq(every, maps.Keys(schema.Value.Properties))
	}
	d.each(func(op string, o *openapi3.Operation) {
		if o.RequestBody == nil || o.Responses.Value("422") == nil {
			return
		}
		_, path, _ := strings.Cut(op, " ")
		in, undocumented := o.RequestBody.Value.Content["application/json"].Schema.Value, map[string]any{}
		for _, name := range every {
			if in.Properties[name] == nil {
				undocumented[name] = nil
			}
		}
		body, _ := json.Marshal(undocumented) // names: cannot fail
		answer := d.do(call{op: op, id: cmp.Or(d.existing[path], uuid.NewString()), token: r.admin, body: string(body), want: 422})
		for name := range undocumented {
			if !strings.Contains(answer, `{"field":"`+name+`"`) {
				d.t.Errorf("%s takes the field %s, which is not documented", op, name)
			}
		}
	})
}

// refusePaths sends ids of nothing, and bad pages.
func (d *documented) refusePaths(r *rig) {
	d.each(func(op string, o *openapi3.Operation) {
		method, path, _ := strings.Cut(op, " ")
		if strings.Contains(path, "{") && !asNtfy(o) && !strings.Contains(path, "{token}") { // any id is a topic
			for _, id := range []string{uuid.NewString(), "nonsense", strings.ToUpper(uuid.NewString())} {
				d.do(call{op: op, id: id, token: r.admin, body: sample(d.t, o), want: 404})
			}
		}
		if method == "GET" && o.Parameters.GetByInAndName("query", "limit") != nil && !strings.Contains(path, "{") {
			for _, query := range []string{"?limit=0", "?limit=501", "?limit=x", "?after=x"} {
				d.do(call{op: op, query: query, token: r.admin, want: 422})
			}
		}
	})
}

// refuseMany comes from an address that has come too often.
func (d *documented) refuseMany(_ *rig) {
	header := map[string]string{"X-Forwarded-For": "203.0.113.9"}
	for range 6000 {
		d.plain("GET", "/api", header)
	}
	for range 600 {
		d.plain("POST", "/api/subscribe", header)
	}
	d.each(func(op string, o *openapi3.Operation) {
		if o.Responses.Value("429") != nil {
			d.do(call{op: op, id: uuid.NewString(), header: header, body: sample(d.t, o), want: 429})
		}
	})
}

// refuseAll asks while storage is away.
func (d *documented) refuseAll(r *rig) {
	bodies := map[string]string{"POST /api/receipt": object("receipt", r.receipt, "event", "closed")}
	cookie := map[string]string{"Cookie": r.signIn("admin")}
	must(d.t, r.store.Close())
	r.forgetHealth()
	d.each(func(op string, o *openapi3.Operation) {
		if o.Responses.Value("503") != nil {
			d.do(call{op: op, id: uuid.NewString(), token: r.admin, header: cookie, body: cmp.Or(bodies[op], sample(d.t, o)), want: 503})
		}
	})
	d.do(call{op: "GET /readyz", header: map[string]string{"Accept": "application/json"}, want: 503})
}

// refuseMethods: a path answers 405 to every method that it is not documented
// with, and says in Allow which those are.
func (d *documented) refuseMethods() {
	for path, item := range d.doc.Paths.Map() {
		allowed := slices.Sorted(maps.Keys(item.Operations()))
		if path == "/" { // is a page as well
			allowed = append([]string{"GET"}, allowed...)
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(allowed, method) {
				continue
			}
			status, header := d.plain(method, fill(path, uuid.NewString()), nil)
			if path == "/{topic}" && method == "GET" {
				if status != 404 {
					d.t.Errorf("a topic is read: %d", status)
				}
				continue
			}
			var got []string
			for name := range strings.SplitSeq(header.Get("Allow"), ", ") {
				if name != "HEAD" && name != "OPTIONS" {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if status != 405 || !slices.Equal(got, allowed) {
				d.t.Errorf("%s %s: %d, Allow %q, documented are %v", method, path, status, header.Get("Allow"), allowed)
			}
		}
	}
}

// plain sends a request that the document is not asked about.
func (d *documented) plain(method, path string, header map[string]string) (status int, got http.Header) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, nil)
	must(d.t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	must(d.t, err)
	must(d.t, response.Body.Close())
	return response.StatusCode, response.Header
}

// object is JSON with the members given, names and values in turn.
func object(members ...any) string {
	out := map[string]any{}
	for i := 0; i < len(members); i += 2 {
		out[fmt.Sprint(members[i])] = members[i+1]
	}
	b, _ := json.Marshal(out) // plain values: cannot fail
	return string(b)
}

// TestTheServerIsAsDocumented sends every operation good and bad requests, and
// holds each of them and each answer against the document. It fails for what the
// server does and the document does not say, and for what the document says and
// the server never did.
func TestTheServerIsAsDocumented(t *testing.T) {
	if testing.Short() {
		t.Skip("asks some ten thousand times")
	}
	r := newRig(t)
	d := readDocument(t, r.url, r.secrets)
	d.subscribing(r)
	d.publishing(r)
	d.secondSpelling(r)
	d.asNtfy(r)
	d.asGotify(r)
	d.resources(r)
	d.notifications(r)
	d.watching(r)
	d.hooks(r)
	d.operating(r)
	d.refuseTokens(r)
	d.refuseBodies(r)
	d.refuseFields(r)
	d.refusePaths(r)
	d.refuseMethods()
	d.refuseMany(r)
	d.refuseAll(r)
	d.complete()
}
