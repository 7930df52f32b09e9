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
//
// Routes that begin with a variable, a topic, are asked only when no other one
// begins with the path's first segment. So what is no method of theirs never
// becomes a topic.
type router struct {
	mux        *http.ServeMux
	topics     *http.ServeMux
	taken      func(segment string) bool // by other routes than topics
	spelled    map[string][]string       // methods by paths without variables
	methods    []string                  // that any route has
	notFound   http.HandlerFunc
	notAllowed func(allowed ...string) http.HandlerFunc
}

func newRouter(table []route, notFound http.HandlerFunc, notAllowed func(allowed ...string) http.HandlerFunc) *router {
	r := &router{
		mux: http.NewServeMux(), topics: http.NewServeMux(), taken: taken(table),
		spelled: map[string][]string{}, notFound: notFound, notAllowed: notAllowed,
	}
	for _, line := range table {
		mux := r.mux
		if line.ofTopic() {
			mux = r.topics
		}
		mux.Handle(line.method+" "+line.pattern, line.handler)
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
	mux := r.muxOf(req)
	if _, pattern := mux.Handler(req); pattern != "" && r.means(req) {
		mux.ServeHTTP(w, req)
		return
	}
	allowed := r.allowed(req)
	_, topic := r.topics.Handler(req)
	switch {
	case mux == r.topics && slices.Contains(withHead(http.MethodGet), req.Method):
		// Nobody reads a topic: to a browser that got lost there is no such page.
		r.notFound(w, req)
	case len(allowed) > 0 || topic != "" && firstSegment(req) != "": // a topic but for its name
		r.notAllowed(allowed...)(w, req)
	default:
		r.notFound(w, req)
	}
}

func (r *router) muxOf(req *http.Request) *http.ServeMux {
	if r.taken(firstSegment(req)) {
		return r.mux
	}
	return r.topics
}

// taken tells the first segments of a table's paths, that of / being empty, from
// all others.
func taken(table []route) func(segment string) bool {
	segments := map[string]bool{}
	for _, name := range reserved() {
		segments[name] = true
	}
	for _, line := range table {
		if !line.ofTopic() {
			first, _, _ := strings.Cut(strings.TrimSuffix(line.pattern, "{$}")[1:], "/")
			segments[first] = true
		}
	}
	return func(segment string) bool { return segments[segment] }
}

// ofTopic reports whether the route is a topic's.
func (line route) ofTopic() bool { return strings.HasPrefix(line.pattern, "/{topic}") }

func firstSegment(req *http.Request) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	return first
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
		if _, pattern := r.muxOf(req).Handler(probe); pattern != "" && r.means(probe) {
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
