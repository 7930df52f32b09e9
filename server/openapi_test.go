package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"recado/server/secrettest"
)

// documented holds what is sent to a running server and what it answers against
// the document that the server itself serves, and keeps account of both, so that
// in the end it can tell what is documented and was never seen.
type documented struct {
	t       *testing.T
	url     string
	doc     *openapi3.T
	secrets *secrettest.Recorder // hears every answer

	existing   map[string]string       // ids of what there is, by documented path
	statuses   map[string]map[int]bool // that came, by operation
	sent, came map[property]bool       // fields and parameters that were taken; fields that came
}

// property is one of a schema, or a parameter of an operation.
type property struct {
	of   any // *openapi3.Schema or *openapi3.Operation
	name string
}

func readDocument(t *testing.T, url string, secrets *secrettest.Recorder) *documented {
	t.Helper()
	d := &documented{t: t, url: url, secrets: secrets, existing: map[string]string{}, statuses: map[string]map[int]bool{}, sent: map[property]bool{}, came: map[property]bool{}}
	response, err := http.Get(url + "/openapi.json")
	must(t, err)
	defer response.Body.Close()
	var raw any
	must(t, json.NewDecoder(response.Body).Decode(&raw))
	closed, err := json.Marshal(closeObjects(raw))
	must(t, err)
	d.doc, err = openapi3.NewLoader().LoadFromData(closed)
	must(t, err)
	if err := d.doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Errorf("the document is not OpenAPI 3.1: %v", err)
	}
	return d
}

// closeObjects makes a schema that says nothing of other fields refuse them: that
// an answer may get more in a later version is no excuse for one of today.
func closeObjects(v any) any {
	switch v := v.(type) {
	case map[string]any:
		_, properties := v["properties"].(map[string]any)
		if _, said := v["additionalProperties"]; properties && !said {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range v {
			closeObjects(inner)
		}
	}
	return v
}

// call is one request to an operation, and the status it must have.
type call struct {
	op     string // method and path, as documented
	id     string // in the path
	query  string
	token  string
	header map[string]string
	body   string
	want   int
}

// do makes the call, checks both directions against the document and returns the
// answer's body.
func (d *documented) do(c call) string {
	d.t.Helper()
	input, pattern := d.request(c), strings.Fields(c.op)[1]
	response, err := http.DefaultClient.Do(input.Request)
	must(d.t, err)
	var body []byte
	if response.StatusCode != http.StatusSwitchingProtocols { // what follows is no body
		body, err = io.ReadAll(response.Body)
		must(d.t, err)
	}
	must(d.t, response.Body.Close())
	d.secrets.Answer(response, string(body))
	if response.StatusCode != c.want {
		d.t.Errorf("%s (id %q, query %q, body %.100s): %d %s, want %d", c.op, c.id, c.query, c.body, response.StatusCode, body, c.want)
	}
	if d.statuses[c.op] == nil {
		d.statuses[c.op] = map[int]bool{}
	}
	d.statuses[c.op][response.StatusCode] = true
	if response.StatusCode < 300 {
		d.checkRequest(c, input)
	}
	d.checkAnswer(c, pattern, input, response, body)
	return string(body)
}

func (d *documented) request(c call) *openapi3filter.RequestValidationInput {
	d.t.Helper()
	method, pattern, _ := strings.Cut(c.op, " ")
	item := d.doc.Paths.Value(pattern)
	if item == nil || item.GetOperation(method) == nil {
		d.t.Fatalf("%s is not documented", c.op)
	}
	path, params := pattern, map[string]string{}
	for _, name := range []string{"id", "categoryId", "topic"} {
		if strings.Contains(pattern, "{"+name+"}") {
			path, params[name] = strings.ReplaceAll(path, "{"+name+"}", c.id), c.id
		}
	}
	if strings.Contains(pattern, "{token}") {
		path, params["token"] = strings.ReplaceAll(path, "{token}", c.token), c.token
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path+c.query, strings.NewReader(c.body))
	must(d.t, err)
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, QueryParams: r.URL.Query(),
		Route:   &routers.Route{Spec: d.doc, Path: pattern, PathItem: item, Method: method, Operation: item.GetOperation(method)},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true},
	}
}

// checkRequest: what the server took has to be good by the document too.
func (d *documented) checkRequest(c call, input *openapi3filter.RequestValidationInput) {
	d.t.Helper()
	input.Request.Body = io.NopCloser(strings.NewReader(c.body))
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		d.t.Errorf("%s took a request that is not as documented: %v", c.op, err)
	}
	operation := input.Route.Operation
	for name := range input.QueryParams {
		d.sent[property{operation, name}] = true
		if operation.Parameters.GetByInAndName("query", name) == nil {
			d.t.Errorf("%s: the test sends ?%s=, which is not documented", c.op, name)
		}
	}
	for name := range input.PathParams {
		d.sent[property{operation, name}] = true
	}
	for name := range input.Request.Header {
		d.sent[property{operation, name}] = true
	}
	if operation.RequestBody != nil {
		d.noteBody(operation.RequestBody.Value.Content, input.Request.Header.Get("Content-Type"), c.body)
	}
}

// noteBody takes account of the fields that a body of JSON or a form had.
func (d *documented) noteBody(content openapi3.Content, media, body string) {
	d.t.Helper()
	switch media {
	case "application/json":
		var v any
		must(d.t, json.Unmarshal([]byte(body), &v))
		note(d.sent, content[media].Schema, v)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(body)
		must(d.t, err)
		for name := range form {
			d.sent[property{content[media].Schema.Value, name}] = true
		}
	}
}

func (d *documented) checkAnswer(c call, pattern string, input *openapi3filter.RequestValidationInput, response *http.Response, body []byte) {
	d.t.Helper()
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.StatusCode, Header: response.Header, Options: input.Options,
	}
	answer.SetBodyBytes(body)
	media := response.Header.Get("Content-Type")
	if strings.HasPrefix(media, "text/html") {
		answer.Options = &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: true}
	}
	if err := openapi3filter.ValidateResponse(context.Background(), answer); err != nil {
		d.t.Errorf("%s answers %d not as documented: %v", c.op, response.StatusCode, err)
		return
	}
	documented := input.Route.Operation.Responses.Status(response.StatusCode)
	if documented == nil { // kin-openapi lets 304 pass as it is
		d.t.Errorf("%s answers %d, which is not documented", c.op, response.StatusCode)
		return
	}
	d.checkHeaders(c, pattern, documented.Value, response)
	switch content := documented.Value.Content.Get(media); {
	case content == nil && len(body) > 0:
		d.t.Errorf("%s answers %d with a body of %q, which is not documented", c.op, response.StatusCode, media)
	case content != nil && strings.Contains(media, "json"):
		var v any
		must(d.t, json.Unmarshal(body, &v))
		note(d.came, content.Schema, v)
	}
}

// usual are the headers that any answer may have.
func usual(name string) bool {
	return slices.Contains([]string{
		"Content-Type", "Content-Length", "Date", "Cache-Control", "Vary", "Accept-Ranges", "X-Content-Type-Options",
		"Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Request-Id",
	}, name)
}

func (d *documented) checkHeaders(c call, pattern string, documented *openapi3.Response, response *http.Response) {
	d.t.Helper()
	said := map[string]bool{}
	for name := range documented.Headers {
		said[http.CanonicalHeaderKey(name)] = true
	}
	for name := range response.Header {
		if !said[name] && !usual(name) {
			d.t.Errorf("%s answers %d with the header %s, which is not documented", c.op, response.StatusCode, name)
		}
	}
	if location := response.Header.Get("Location"); location != "" && !strings.HasPrefix(location, "/") {
		d.t.Errorf("%s: Location is %q", pattern, location)
	}
}

// note takes account of the properties of a value, by their schemas.
func note(seen map[property]bool, ref *openapi3.SchemaRef, v any) {
	schema := ref.Value
	for _, choice := range slices.Concat(schema.AnyOf, schema.OneOf, schema.AllOf) {
		note(seen, choice, v)
	}
	switch v := v.(type) {
	case []any:
		if schema.Items != nil {
			for _, item := range v {
				note(seen, schema.Items, item)
			}
		}
	case map[string]any:
		for name, inner := range v {
			if at, ok := schema.Properties[name]; ok {
				seen[property{schema, name}] = true
				note(seen, at, inner)
			}
		}
	}
}

// each calls f for every documented operation.
func (d *documented) each(f func(op string, o *openapi3.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(d.doc.Paths.Map())) {
		operations := d.doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			f(method+" "+path, operations[method])
		}
	}
}

// complete fails for everything that is documented and was never seen.
func (d *documented) complete() {
	d.each(func(op string, o *openapi3.Operation) {
		for status, r := range o.Responses.Map() {
			var code int
			if _, err := fmt.Sscan(status, &code); err != nil || !d.statuses[op][code] {
				d.t.Errorf("%s: the status %s is documented and never came", op, status)
			}
			for media, content := range r.Value.Content {
				d.missing(op+" "+status+" "+media, content.Schema, d.came, map[*openapi3.Schema]bool{})
			}
		}
		for _, p := range o.Parameters {
			if !d.sent[property{o, p.Value.Name}] {
				d.t.Errorf("%s: the parameter %s is documented and was never taken", op, p.Value.Name)
			}
		}
		if o.RequestBody != nil {
			for media, content := range o.RequestBody.Value.Content {
				d.missing(op+" body as "+media, content.Schema, d.sent, map[*openapi3.Schema]bool{})
			}
		}
	})
}

func (d *documented) missing(at string, ref *openapi3.SchemaRef, seen map[property]bool, done map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || done[ref.Value] {
		return
	}
	done[ref.Value] = true
	for name, inner := range ref.Value.Properties {
		if !seen[property{ref.Value, name}] {
			d.t.Errorf("%s: the field %s is documented and was never seen", at, name)
			seen[property{ref.Value, name}] = true // once is enough
		}
		d.missing(at+" "+name, inner, seen, done)
	}
	d.missing(at, ref.Value.Items, seen, done)
	for _, choice := range slices.Concat(ref.Value.AnyOf, ref.Value.OneOf, ref.Value.AllOf) {
		d.missing(at, choice, seen, done)
	}
}

// roles are the scopes that open an operation; optional: none is needed.
func roles(o *openapi3.Operation) (scopes []string, optional bool) {
	for _, requirement := range *o.Security {
		optional = optional || len(requirement) == 0
		scopes = append(scopes, requirement["token"]...)
	}
	return scopes, optional
}

// sample is the document's own example of a body.
func sample(t *testing.T, o *openapi3.Operation) string {
	t.Helper()
	if o.RequestBody == nil {
		return ""
	}
	if text := o.RequestBody.Value.Content["text/plain"]; text != nil {
		return text.Example.(string)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	must(t, encoder.Encode(o.RequestBody.Value.Content["application/json"].Example))
	return out.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryRouteIsDocumented compares the route table with the document, in both
// directions. Pages and their files are no part of the interface, but for the two
// that are about it.
func TestEveryRouteIsDocumented(t *testing.T) {
	r := newRig(t)
	d := readDocument(t, r.url, r.secrets)
	described := map[string]*openapi3.Operation{}
	d.each(func(op string, o *openapi3.Operation) { described[op] = o })
	for _, line := range r.server.routes() {
		op := line.method + " " + strings.TrimSuffix(line.pattern, "{$}")
		if isFile(r.server, line) || line.method == http.MethodOptions || strings.HasSuffix(line.pattern, "/{nothing...}") {
			continue // the last say that nothing is there
		}
		if o := described[op]; o == nil {
			t.Errorf("%s is a route and not documented", op)
		} else if named, _ := roles(o); !slices.Equal(named, opens(line.scope)) {
			t.Errorf("%s takes the scopes %v, documented are %v", op, opens(line.scope), named)
		}
		delete(described, op)
	}
	for op := range described {
		t.Errorf("%s is documented and no route", op)
	}
}

// opens are the scopes of tokens that a route lets in, as the document lists them.
func opens(s scope) []string {
	switch s {
	case public:
		return nil
	case subscribe, admin:
		return []string{"admin"}
	case readOwn:
		return []string{"read", "publish", "admin"}
	case open:
		return []string{"publish", "admin"}
	}
	return []string{string(s), "admin"}
}

func isFile(s *server, line route) bool {
	path := strings.TrimSuffix(line.pattern, "{$}")
	return line.method == "GET" && path != "/docs" && path != "/openapi.json" && slices.Contains(s.console.Files(), path)
}

// fill is a path with an id in the place of its variable.
func fill(pattern, id string) string {
	return strings.NewReplacer("{id}", url.PathEscape(id), "{categoryId}", url.PathEscape(id), "{topic}", url.PathEscape(id), "{token}", url.PathEscape(id), "{$}", "").Replace(pattern)
}
