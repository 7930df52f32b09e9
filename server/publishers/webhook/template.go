package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	ast "text/template/parse"

	"recado/server/publishers"
)

// Fields are what a webhook's templates are given for; empty = none is.
type Fields struct{ Title, Body, URL, Urgency, Tag string }

// each lists them by their names.
func (f Fields) each() [5]struct{ name, text string } {
	return [...]struct{ name, text string }{
		{"title", f.Title}, {"body", f.Body}, {"url", f.URL}, {"urgency", f.Urgency}, {"tag", f.Tag},
	}
}

// TemplateError says what is wrong with a template, or with what it made of a
// payload. It holds nothing of the payload.
type TemplateError struct {
	Field   string // title, body, url, urgency or tag
	Line    int    // of the template, from 1; 0 = none in particular
	Message string
}

func (e *TemplateError) Error() string {
	if e.Line == 0 {
		return e.Field + ": " + e.Message
	}
	return fmt.Sprintf("%s, line %d: %s", e.Field, e.Line, e.Message)
}

// TemplateErrors is what is wrong with several fields' templates.
type TemplateErrors []*TemplateError

func (e TemplateErrors) Error() string {
	texts := make([]string, len(e))
	for i := range e {
		texts[i] = e[i].Error()
	}
	return strings.Join(texts, "; ")
}

// Template reads requests as an operator wants it: with a Go template for some of the
// fields, and as Read does for the others. It is immutable and safe for concurrent
// use.
//
// A template sees the payload: objects as maps, a form as a map of texts, a text as
// {"text": …}. What is not there is empty. It cannot run for long or make much,
// whatever it and the payload say: define, template and block are left out, and
// every step counts.
type Template struct{ fields []compiled }

type compiled struct {
	name     string
	template *template.Template
}

// maxTemplate is how long one template may be, in bytes.
const maxTemplate = 16 << 10

// NewTemplate compiles templates. The error is TemplateErrors.
func NewTemplate(f Fields) (*Template, error) {
	t := &Template{}
	var wrong TemplateErrors
	for _, field := range f.each() {
		if field.text == "" {
			continue
		}
		compiledTemplate, err := compile(field.name, field.text)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		t.fields = append(t.fields, compiled{field.name, compiledTemplate})
	}
	if wrong != nil {
		return nil, wrong
	}
	return t, nil
}

func compile(name, text string) (*template.Template, *TemplateError) {
	if len(text) > maxTemplate {
		return nil, &TemplateError{Field: name, Message: fmt.Sprintf("it is longer than %d bytes", maxTemplate)}
	}
	t, err := template.New(name).Option("missingkey=zero").Funcs(new(run).functions()).Parse(text)
	if err != nil {
		return nil, templateError(name, err)
	}
	if t.Tree == nil { // blanks and comments alone
		return template.Must(template.New(name).Parse("{{/**/}}")), nil
	}
	if len(t.Templates()) > 1 {
		return nil, &TemplateError{Field: name, Message: "define and block cannot be used here"}
	}
	if bad := instrument(t.Root); bad != nil {
		return nil, &TemplateError{Field: name, Line: bad.Line, Message: "template cannot be used here"}
	}
	return t, nil
}

// said is how text/template writes where an error is; there is no other way to learn
// it.
var said = regexp.MustCompile(`(?s)^template: [^:]*:(\d+)(?::\d+)?: (?:executing "[^"]*" )?(.*)$`)

func templateError(name string, err error) *TemplateError {
	e := &TemplateError{Field: name, Message: strings.TrimPrefix(err.Error(), "template: ")}
	if parts := said.FindStringSubmatch(err.Error()); parts != nil {
		e.Line, _ = strconv.Atoi(parts[1])
		e.Message = parts[2]
	}
	var limit limitError
	if errors.As(err, &limit) {
		e.Message = string(limit)
	}
	return e
}

// instrument makes every step of a template count, and everything that it shows be
// shown as text. It returns the first node that may not be there.
func instrument(list *ast.ListNode) *ast.TemplateNode {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		var lists []*ast.ListNode
		switch n := n.(type) {
		case *ast.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, call("show", n.Pos))
			}
		case *ast.IfNode:
			lists = []*ast.ListNode{n.List, n.ElseList}
		case *ast.WithNode:
			lists = []*ast.ListNode{n.List, n.ElseList}
		case *ast.RangeNode:
			lists = []*ast.ListNode{n.List, n.ElseList}
			n.List.Nodes = append([]ast.Node{step(n.Pos, n.Line)}, n.List.Nodes...)
		case *ast.TemplateNode:
			return n
		}
		for _, inner := range lists {
			if bad := instrument(inner); bad != nil {
				return bad
			}
		}
	}
	return nil
}

func call(function string, at ast.Pos) *ast.CommandNode {
	return &ast.CommandNode{NodeType: ast.NodeCommand, Pos: at, Args: []ast.Node{ast.NewIdentifier(function).SetPos(at)}}
}

func step(at ast.Pos, line int) ast.Node {
	return &ast.ActionNode{NodeType: ast.NodeAction, Pos: at, Line: line, Pipe: &ast.PipeNode{
		NodeType: ast.NodePipe, Pos: at, Line: line, Cmds: []*ast.CommandNode{call("step", at)},
	}}
}

// Read makes a Message of a request. ErrDeep; ErrEmpty when neither the request nor
// the templates say anything; TemplateErrors. It gives up when ctx ends.
func (t *Template) Read(ctx context.Context, r Request) (Message, error) {
	p, err := parse(r)
	if err != nil {
		return Message{}, err
	}
	var m Message
	if !p.empty() {
		m = read(p)
	}
	out, err := t.execute(ctx, p.data())
	if err != nil {
		return Message{}, err
	}
	for name, text := range out {
		switch name {
		case "title":
			m.Title = line(text)
		case "body":
			m.Body = clean(text)
		case "url":
			m.URL = webURL(text)
		case "urgency":
			m.Urgency = urgency(text)
		case "tag":
			m.Tag = publishers.Cut(line(text), maxTag)
		}
	}
	m.Urgency = cmp.Or(m.Urgency, normal)
	if m.Title != "" || m.Body != "" {
		return m, nil
	}
	if p.empty() {
		return Message{}, ErrEmpty
	}
	return Message{}, TemplateErrors{{Field: "title", Message: "it and the body have come out empty"}}
}

// maxTag is how long a template's tag may be, in bytes.
const maxTag = 200

// urgency takes the four, and what others call them.
func urgency(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == low || s == high || s == veryLow {
		return s
	}
	return word(s)
}

// execute is what each field's template makes of the data.
func (t *Template) execute(ctx context.Context, data any) (map[string]string, error) {
	out := map[string]string{}
	var wrong TemplateErrors
	for _, field := range t.fields {
		text, err := field.execute(ctx, data)
		if err != nil {
			wrong = append(wrong, err)
		}
		out[field.name] = text
	}
	if wrong != nil {
		return nil, wrong
	}
	return out, nil
}

func (c compiled) execute(ctx context.Context, data any) (string, *TemplateError) {
	r := &run{ctx: ctx}
	t, err := c.template.Clone()
	if err == nil {
		err = t.Funcs(r.functions()).Execute(r, data)
	}
	if err != nil && !errors.Is(err, errFull) { // what is full is long enough
		return "", templateError(c.name, err)
	}
	return r.out.String(), nil
}

// data is the payload as templates see it.
func (p payload) data() any {
	if p.value == nil {
		return map[string]any{"text": clean(p.body)}
	}
	return p.plain()
}
