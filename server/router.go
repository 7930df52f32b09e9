package server

import (
	"net/http"
	"slices"
	"strings"
)

// route is one line of the route table.
type route struct {
	method  string
	pattern string // slash-less but for "/{$}"
	scope   scope
	handler http.Handler
}

// router serves the table. One trailing slash makes no difference on any route;
// what matches none is answered by notFound, what matches but for its method by
// notAllowed, which is told the methods that do. A path that the table spells out
// has the methods that it has there: the categories are no notification whose id
// is "categories".
type router struct {
	mux        *http.ServeMux
	spelled    map[string][]string // methods by paths without variables
	methods    []string            // that any route has
	notFound   http.HandlerFunc
	notAllowed func(allowed ...string) http.HandlerFunc
}

func newRouter(table []route, notFound http.HandlerFunc, notAllowed func(allowed ...string) http.HandlerFunc) *router {
	r := &router{mux: http.NewServeMux(), spelled: map[string][]string{}, notFound: notFound, notAllowed: notAllowed}
	for _, line := range table {
		r.mux.Handle(line.method+" "+line.pattern, line.handler)
		if !slices.Contains(r.methods, line.method) {
			r.methods = append(r.methods, line.method)
		}
		if path := strings.TrimSuffix(line.pattern, "{$}"); !strings.Contains(path, "{") {
			r.spelled[path] = append(r.spelled[path], line.method)
		}
	}
	slices.Sort(r.methods)
	return r
}

func (r *router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	req = withoutSlash(req)
	if _, pattern := r.mux.Handler(req); pattern != "" && r.means(req) {
		r.mux.ServeHTTP(w, req)
		return
	}
	if allowed := r.allowed(req); len(allowed) > 0 {
		r.notAllowed(allowed...)(w, req)
		return
	}
	r.notFound(w, req)
}

// means reports whether the method is one that the path has, if it is spelled out.
func (r *router) means(req *http.Request) bool {
	methods, spelled := r.spelled[req.URL.Path]
	return !spelled || slices.Contains(methods, req.Method) ||
		req.Method == http.MethodHead && slices.Contains(methods, http.MethodGet)
}

// allowed lists the methods that the path would answer to.
func (r *router) allowed(req *http.Request) []string {
	var allowed []string
	for _, method := range r.methods {
		if method == http.MethodOptions {
			continue // there for preflights alone
		}
		probe := &http.Request{Method: method, URL: req.URL, Host: req.Host}
		if _, pattern := r.mux.Handler(probe); pattern != "" && r.means(probe) {
			allowed = append(allowed, withHead(method)...)
		}
	}
	return allowed
}

// withHead adds HEAD to GET, whose routes answer it as well.
func withHead(method string) []string {
	if method == http.MethodGet {
		return []string{method, http.MethodHead}
	}
	return []string{method}
}

// withoutSlash strips one trailing slash before the mux sees it, so that no
// pattern needs to be registered twice.
func withoutSlash(req *http.Request) *http.Request {
	path := req.URL.Path
	if len(path) < 2 || !strings.HasSuffix(path, "/") {
		return req
	}
	stripped := req.Clone(req.Context())
	stripped.URL.Path = strings.TrimSuffix(path, "/")
	stripped.URL.RawPath = strings.TrimSuffix(req.URL.RawPath, "/")
	return stripped
}
