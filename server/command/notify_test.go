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
	"time"
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

func TestNotifySendsEveryField(t *testing.T) {
	var got map[string]any
	var key string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, got = r.Header.Get("Idempotency-Key"), nil
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Location", "/v1/pushnotification/0192f0c4-0000-7000-8000-000000000000")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "0 notification(s) sent\n")
	}))
	defer server.Close()
	now := time.Date(2030, 1, 31, 7, 0, 0, 0, time.FixedZone("", 3600))
	notify := func(args ...string) (code int, stdout, stderr string) {
		var out, errors strings.Builder
		code = Main(context.Background(), Process{
			Args: append([]string{"recado", "notify", "--server", server.URL, "--title", "T"}, args...), Stdin: strings.NewReader(""),
			Stdout: &out, Stderr: &errors, Version: "test", Now: func() time.Time { return now },
		})
		return code, out.String(), errors.String()
	}
	tests := []struct {
		args []string
		want string // the body, but for its title
		says string
	}{
		{[]string{"--icon", "https://x/i", "--image", "https://x/m", "--badge", "https://x/b"},
			`{"icon": "https://x/i", "image": "https://x/m", "badge": "https://x/b"}`, "0 notification(s) sent\n"},
		{[]string{"--tag", "t", "--lang", "pt-BR", "--dir", "ltr", "--topic", "top", "--silent", "--require-interaction", "--renotify=false"},
			`{"tag": "t", "lang": "pt-BR", "dir": "ltr", "topic": "top", "silent": true, "require_interaction": true, "renotify": false}`, ""},
		{[]string{"--vibrate", "200,100, 50", "--data", `{"door": 12345678901234567890}`, "--ttl", "0s"},
			`{"vibrate": [200, 100, 50], "data": {"door": 12345678901234567890}, "ttl": 0}`, ""},
		{[]string{"--category", "a", "--user", "u", "--user", "v,w", "--subscription", "9b2f8f3e-0d4b-4f7e-8f3a-0a3c5e6d7b81"},
			`{"target": {"categories": ["a"], "users": ["u", "v,w"], "subscriptions": ["9b2f8f3e-0d4b-4f7e-8f3a-0a3c5e6d7b81"]}}`, ""},
		{[]string{"--action", "Open=https://x/?a=b&c=http://y", "--action", "2+2=4=http://z", "--action", "Later"},
			`{"actions": [{"action": "action-1", "title": "Open", "url": "https://x/?a=b&c=http://y"},
				{"action": "action-2", "title": "2+2=4", "url": "http://z"}, {"action": "action-3", "title": "Later"}]}`, ""},
		{[]string{"--at", "2030-01-31T08:00", "--expires-at", "24h"},
			`{"scheduled_at": "2030-01-31T07:00:00Z", "expires_at": "2030-02-01T06:00:00Z"}`,
			"scheduled notification 0192f0c4-0000-7000-8000-000000000000\n"},
		{[]string{"--at", "2030-01-31T06:00"}, `{"scheduled_at": "2030-01-31T05:00:00Z"}`, "0 notification(s) sent\n"},
		{[]string{"--repeat", "0 9 * * MON-FRI", "--time-zone", "Europe/Berlin"},
			`{"repeat": "0 9 * * MON-FRI", "time_zone": "Europe/Berlin"}`, "scheduled notification 0192f0c4-0000-7000-8000-000000000000\n"},
		{[]string{"--repeat", "0 9 * * *", "--json"}, `{"repeat": "0 9 * * *"}`, "0 notification(s) sent\n"},
		{[]string{"--idempotency-key", "k 1"}, `{}`, ""},
	}
	for _, tt := range tests {
		code, out, errors := notify(tt.args...)
		var want map[string]any
		if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
			t.Fatal(err)
		}
		want["title"] = "T"
		if code != 0 || tt.says != "" && out != tt.says || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: exit %d, %q, %q; sent %v, want %v", tt.args, code, out, errors, got, want)
		}
	}
	if key != "k 1" {
		t.Errorf("Idempotency-Key %q", key)
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
		{"notify --title T --data [1]", "--data must be a JSON object"},
		{"notify --title T --data null", "--data must be a JSON object"},
		{"notify --title T --vibrate 1,x", "--vibrate must be milliseconds"},
		{"notify --title T --action Open=ftp://x", "--action must be a title"},
		{"notify --title T --action =https://x", "--action has no title"},
		{"notify --title T --at tomorrow", "--at must be a time"},
		{"notify --title T --expires-at soon", "--expires-at must be a time"},
		{"notify --title T --time-zone UTC", "--time-zone is for --repeat"},
		{"notify --titel T", "flag provided but not defined: -titel"},
		{"notify --title T more", `does not know what to do with "more"`},
		{"nothing", `no command "nothing"`},
		{"category", "needs one of list, add, remove"},
		{"category add", "needs the NAME of the category"},
		{"category add ops dev", `does not know what to do with "dev"`},
		{"category add ops --description \x1b[2J", "--description must be one line"},
		{"category remove", "needs the NAME of a category"},
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
