package openapi

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// What a route asks of who calls it; a scope is a token's.
const (
	public   = ""
	optional = "optional" // a token may do more than none
	admin    = "admin"
	publish  = "publish"
	read     = "read"
	readOwn  = "read or own" // read, or the publish token that made it
)

// form is how a family tells errors.
type form int

const (
	messages     form = iota // families A and B: {"message"}
	problems                 // /v1: RFC 9457
	bare                     // no errors of its own: files, and answers that need nothing
	ntfyErrors               // {"code","http","error"}
	gotifyErrors             // {"error","errorCode","errorDescription"}
	anyBody                  // {"message"}, for whatever a webhook sends; no sessions
)

// operation is one method of one path.
type operation struct {
	method, path string
	id           string // operationId
	tag          string
	summary      string
	text         string // Markdown: paragraphs, `code` and **strong**
	scope        string
	form         form
	parameters   []object
	body         *body
	answers      []answer
}

// body is what a request carries.
type body struct {
	media   string // empty = application/json
	schema  object
	example any
	// optional: it may be left out.
	optional bool
	// form is the schema of a form that may be sent instead; nil = none may.
	form object
}

// answer is what may come back under one status.
type answer struct {
	status      int
	description string
	headers     object
	content     object // by media type; nil = no body
}

// render is the operation as the document has it.
func (o operation) render() object {
	out := object{{"operationId", o.id}, {"tags", []string{o.tag}}, {"summary", o.summary}, {"description", o.description()}}
	out = append(out, member{"security", o.security()})
	if len(o.parameters) > 0 {
		out = append(out, member{"parameters", o.parameters})
	}
	if o.body != nil {
		out = append(out, member{"requestBody", object{{"required", !o.body.optional}, {"content", o.body.content()}}})
	}
	return append(out, member{"responses", o.responses()})
}

// content is the body by media type.
func (b *body) content() object {
	first := object{{"schema", b.schema}}
	if b.example != nil {
		first = append(first, member{"example", b.example})
	}
	all := object{{cmp.Or(b.media, "application/json"), first}}
	if b.form != nil {
		for _, media := range []string{"application/x-www-form-urlencoded", "multipart/form-data"} {
			all = append(all, member{media, object{{"schema", b.form}}})
		}
	}
	return all
}

func (o operation) description() string {
	needs := map[string]string{
		public:   "Needs no token.",
		optional: "Needs no token; an admin token may do more.",
		readOwn:  "Scope: read, or the publish token that made the notification.",
	}[o.scope]
	if needs == "" {
		needs = "Scope: " + o.scope + "."
	}
	return strings.TrimSpace(o.text + "\n\n" + needs)
}

// security names the scopes as roles (OpenAPI 3.1 §4.8.30.1); admin goes
// everywhere. A session is as good as its token, which is none that publishes
// alone; for other publishers it counts for nothing.
func (o operation) security() []object {
	switch o.scope {
	case public:
		return []object{}
	case optional:
		return []object{{}, {{"token", []string{admin}}}}
	}
	roles := []string{o.scope, admin}
	switch o.scope {
	case admin:
		roles = roles[1:]
	case readOwn:
		roles = []string{read, publish, admin}
	}
	var all []object
	for _, role := range roles {
		all = append(all, object{{"token", []string{role}}})
	}
	for _, role := range roles {
		if role != publish && o.form != ntfyErrors && o.form != gotifyErrors && o.form != anyBody {
			all = append(all, object{{"session", []string{role}}})
		}
	}
	return all
}

// responses are the operation's own answers and those that its family, scope
// and body bring along.
func (o operation) responses() object {
	all := slices.Clone(o.answers)
	for _, common := range o.common() {
		if !slices.ContainsFunc(all, func(a answer) bool { return a.status == common.status }) {
			all = append(all, common)
		}
	}
	slices.SortStableFunc(all, func(a, b answer) int { return a.status - b.status })
	out := object{}
	for _, a := range all {
		rendered := object{{"description", a.description}}
		if a.headers != nil {
			rendered = append(rendered, member{"headers", a.headers})
		}
		if a.content != nil {
			rendered = append(rendered, member{"content", a.content})
		}
		out = append(out, member{strconv.Itoa(a.status), rendered})
	}
	return out
}

// common is what an operation may answer because of what it is.
func (o operation) common() []answer {
	if o.form == bare {
		return nil
	}
	all := []answer{o.tooMany(), o.unavailable()}
	if o.scope != public {
		all = append(all, o.unauthorized(), o.forbidden())
	}
	switch {
	case o.form == ntfyErrors || o.form == gotifyErrors:
		if o.body != nil {
			all = append(all, o.error(413, "The body is larger than 1 MiB."), o.error(415, "The body has a Content-Encoding."))
		}
	case o.form == anyBody:
	case o.body != nil:
		all = append(all, o.error(400, "The body is no JSON object in UTF-8, or nested deeper than 32."),
			o.tooLarge("The body is larger than 64 KiB."), o.error(415, "The body is said to be something that cannot be JSON."))
		if o.form == problems {
			wrong := o.error(422, "Fields are wrong: `errors` lists all of them.")
			wrong.content = object{{"application/problem+json", object{{"schema", ref("Problem")}, {"example", sampleProblem()}}}}
			all = append(all, wrong)
		}
	}
	return all
}
