// Package openapi is the OpenAPI 3.1 document of recado's HTTP interface: what
// GET /openapi.json answers and GET /docs shows to people.
//
// The document is built from Go values, one file for each family of routes, so
// that what many routes have in common (the answers to a wrong token, an
// oversized body, storage that is away) is said once and holds for all of them.
// Members keep the order in which they are written here, for people read it.
//
// A test of package server holds every request and answer of the running server
// against it, and fails for what is only here as well as for what is only there.
package openapi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Options is what differs between servers.
type Options struct {
	// Version is recado's own.
	Version string
	// BaseURL is the server's address, without a path.
	BaseURL string
	// Metrics reports whether /metrics is on this listener.
	Metrics bool
}

// Document returns the document as JSON.
func Document(o Options) ([]byte, error) {
	paths, err := paths(operations(o))
	if err != nil {
		return nil, err
	}
	return json.Marshal(object{
		{"openapi", "3.1.1"},
		{"info", info(o.Version)},
		{"servers", []object{{{"url", strings.TrimSuffix(o.BaseURL, "/")}, {"description", "This server"}}}},
		{"tags", tags()},
		{"paths", paths},
		{"components", object{
			{"securitySchemes", securitySchemes()},
			{"schemas", schemas()},
		}},
	})
}

// operations is every route of the document, in the order of the page.
func operations(o Options) []operation {
	var all []operation
	for _, family := range [][]operation{
		subscribing(), publishing(), foreign(), familyB(),
		notifications(), categories(), subscriptions(), invites(), tokens(), sessions(), keys(), watching(), hooks(), operating(), meta(),
	} {
		all = append(all, family...)
	}
	if o.Metrics {
		all = append(all, scraping())
	}
	return all
}

// paths groups operations by their path.
func paths(all []operation) (object, error) {
	var out object
	for _, o := range all {
		i := out.index(o.path)
		if i < 0 {
			i, out = len(out), append(out, member{o.path, object{}})
		}
		item := out[i].value.(object)
		if item.index(strings.ToLower(o.method)) >= 0 {
			return nil, fmt.Errorf("openapi: %s %s is described twice", o.method, o.path)
		}
		out[i].value = append(item, member{strings.ToLower(o.method), o.render()})
	}
	return out, nil
}

func securitySchemes() object {
	return object{{"token", object{
		{"type", "http"}, {"scheme", "bearer"},
		{"description", "`Authorization: Bearer TOKEN`. A token has one scope: `admin` does everything, `publish` publishes (to named categories only, if the token names any), `read` sees history and statistics. Tokens are made with `recado token create` or `POST /v1/tokens`; the server keeps their SHA-256 only."},
	}}, {"session", object{
		{"type", "apiKey"}, {"in", "cookie"}, {"name", "recado_session"},
		{"description", "What `POST /v1/session` gives a browser for an admin or read token, and as good as that token, for recado's own pages alone. It lasts 30 days from its last use, of which an answer tells the browser by setting it again. A request that carries a token is judged by that token."},
	}}}
}
