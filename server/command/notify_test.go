package command

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// run runs one command line and returns what it says.
func run(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors strings.Builder
	code = Main(context.Background(), Process{
		Args: append([]string{"recado"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errors,
		Environ: environ, Version: "test",
	})
	return code, out.String(), errors.String()
}

func TestNotifySendsWhatWasGiven(t *testing.T) {
	var got map[string]any
	var header http.Header
	var target string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, target = r.Header, r.Method+" "+r.URL.String()
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		io.WriteString(w, "3 notification(s) sent\n")
	}))
	defer server.Close()

	code, out, errors := run(t, []string{"RECADO_TOKEN=from-environment"}, "notify", "--server", server.URL+"/", "--title", "T", "--body", "B",
		"--url", "https://x/", "--category", "a,b", "--category", "c", "--ttl", "90s", "--urgency", "high", "--wait", "1s")
	want := map[string]any{"title": "T", "body": "B", "url": "https://x/", "ttl": 90.0, "urgency": "high",
		"target": map[string]any{"categories": []any{"a,b", "c"}}}
	if code != 0 || out != "3 notification(s) sent\n" || errors != "" {
		t.Errorf("exit %d, %q, %q", code, out, errors)
	}
	if !reflect.DeepEqual(got, want) || target != "POST /api/notify?wait=1s" {
		t.Errorf("%s got %v, want %v", target, got, want)
	}
	if header.Get("Authorization") != "Bearer from-environment" || header.Get("Content-Type") != "application/json" {
		t.Errorf("header %v", header)
	}

	code, _, _ = run(t, []string{"RECADO_SERVER=" + server.URL, "RECADO_TOKEN=x"}, "notify", "--title", "T", "--token", "from-flag", "--json")
	if code != 0 || header.Get("Authorization") != "Bearer from-flag" || header.Get("Accept") != "application/json" {
		t.Errorf("exit %d, header %v", code, header)
	}
	if !reflect.DeepEqual(got["title"], "T") {
		t.Errorf("got %v", got)
	}
}

func TestNotifyExplainsRefusals(t *testing.T) {
	tests := []struct {
		status int
		body   string
		header [2]string
		want   string
	}{
		{401, `{"message": "wrong token"}`, [2]string{}, "recado token create"},
		{403, `{"message": "category \"a\" is not yours"}`, [2]string{}, `category "a" is not yours`},
		{400, `{"message": "url\n\u001b[2J"}`, [2]string{}, "refused it with status 400: url"},
		{404, `nothing`, [2]string{}, "is it a recado server"},
		{302, ``, [2]string{"Location", "https://elsewhere/"}, "sends on to https://elsewhere/"},
		{429, ``, [2]string{"Retry-After", "7"}, "try again in 7 s"},
		{503, ``, [2]string{"Retry-After", "5"}, "try again in 5 s"},
		{502, `<html>`, [2]string{}, "status 502: Bad Gateway"},
	}
	for _, tt := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if tt.header[0] != "" {
				w.Header().Set(tt.header[0], tt.header[1])
			}
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.body)
		}))
		code, out, errors := run(t, nil, "notify", "--title", "T", "--server", server.URL, "--token", "secret-token")
		server.Close()
		if code != 1 || out != "" || !strings.Contains(errors, tt.want) || strings.Contains(errors, "secret-token") ||
			strings.Count(errors, "\n") != 1 || strings.Contains(errors, "\x1b") {
			t.Errorf("%d: exit %d, %q, %q; want %q", tt.status, code, out, errors, tt.want)
		}
	}
}

func TestNotifyFindsNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	code, _, errors := run(t, nil, "notify", "--title", "T", "--server", "http://"+address)
	if code != 1 || !strings.Contains(errors, "is the server running") {
		t.Errorf("exit %d, %q", code, errors)
	}
}

func TestWrongCalls(t *testing.T) {
	tests := []struct {
		args, want string
	}{
		{"notify", "--title is missing"},
		{"notify --title T --wait 31s", "--wait must be"},
		{"notify --title T --ttl 673h", "--ttl must be"},
		{"notify --title T --server nas", "--server must be a URL"},
		{"notify --titel T", "flag provided but not defined: -titel"},
		{"notify --title T more", `does not know what to do with "more"`},
		{"nothing", `no command "nothing"`},
		{"token", "needs one of create, list, revoke"},
		{"token create --scope read", "--name is missing"},
		{"token create --name n --scope all", "--scope must be"},
		{"token create --name config --scope admin", "taken for access.admin_token"},
		{"token create --name n --scope read --category c", "--category only narrows"},
		{"token create --name n --scope read --style odd", "--style"},
		{"token create --name n --scope read --expires soon", "--expires must be a time"},
		{"token create --name n --scope read --expires 2001-01-01", "--expires must be in the future"},
		{"token revoke x", `"x" is no id of a token`},
		{"subscription import", "needs a FILE"},
		{"subscription remove x", "no id of a subscription"},
		{"subscription restore --since tomorrow", "--since must be a time"},
		{"keys export", "needs a FILE"},
	}
	for _, tt := range tests {
		code, out, errors := run(t, nil, strings.Fields(tt.args)...)
		if code != 2 || out != "" || !strings.HasPrefix(errors, "recado: ") || !strings.Contains(errors, tt.want) {
			t.Errorf("recado %s: exit %d, %q, %q; want %q", tt.args, code, out, errors, tt.want)
		}
	}
}
