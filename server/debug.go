package server

import (
	"context"
	"net"
	"net/http"
	"net/http/pprof"
)

// profiles serves pprof on debug_listen, which the configuration keeps to loopback;
// nil when it is not set.
func (s *server) profiles(ctx context.Context) (*listener, error) {
	if s.Config.DebugListen == "" {
		return nil, nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	l := &listener{Server: s.httpServer(ofThisMachine(mux))}
	l.WriteTimeout = 0 // a profile takes as long as it was asked for
	return l, l.open(ctx, "debug_listen", s.Config.DebugListen, "http")
}

// ofThisMachine lets through what calls this server by a name that only this machine
// has: a page in a browser here calls it by the name of its own site, once that leads
// here (DNS rebinding).
func ofThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.Host) && !loopback(net.JoinHostPort(r.Host, "80")) {
			http.Error(w, "profiles are for this machine: ask at localhost or a loopback address", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
