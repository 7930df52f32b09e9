package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/server/browsertest"
	"recado/server/push/pushtest"
)

// shown is what a person would see of a decrypted push message.
type shown struct {
	Title, Body, URL   string
	RequireInteraction bool `json:"require_interaction"`
	urgency            string
}

// apprise sends one message with the real Apprise, as
// https://github.com/caronc/apprise/wiki says it is told where to.
func apprise(t *testing.T, to, title, body string, more ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "apprise", append(append([]string{"-v", "-t", title, "-b", body}, more...), to)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apprise: %w\n%s", err, out)
	}
	return nil
}

// senders is the real binary with one subscription, in the category ops, and
// tokens of every style that may publish.
type senders struct {
	*browsertest.Recado
	push   *pushtest.Server
	host   string
	tokens map[string]string // by style, and "limited", to another category
}

func startForSenders(t *testing.T) *senders {
	t.Helper()
	s := &senders{push: pushtest.Start(t, pushtest.Options{}), tokens: map[string]string{}}
	dir := t.TempDir()
	roots, file := filepath.Join(dir, "roots.pem"), filepath.Join(dir, "subscription.jsonl")
	must(t, os.WriteFile(roots, s.push.CertificatePEM(), 0o600))
	t.Setenv("SSL_CERT_FILE", roots)
	s.Recado = browsertest.StartRecado(t, browsertest.BuildBinary(t), browsertest.ForAutopush(map[string]string{"log.level": "debug"}))
	s.host = strings.TrimPrefix(s.URL, "http://")
	s.Run("category", "add", "ops")
	s.Run("category", "add", "other")
	line := strings.TrimSuffix(string(s.push.Subscribe().ImportJSON()), "}") + `,"categories":["ops"]}`
	must(t, os.WriteFile(file, []byte(line+"\n"), 0o600))
	s.Run("subscription", "import", file)
	for _, style := range []string{"recado", "ntfy", "gotify"} {
		s.tokens[style] = strings.TrimSpace(s.Run("token", "create", "--name", style, "--scope", "publish", "--style", style))
	}
	s.tokens["limited"] = strings.TrimSpace(s.Run("token", "create", "--name", "limited", "--scope", "publish", "--category", "other"))
	return s
}

// next is the message that arrives after n others.
func (s *senders) next(t *testing.T, n int) shown {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	must(t, s.push.Wait(ctx, n+1))
	got := s.push.Received()[n]
	out := shown{urgency: got.Urgency}
	must(t, json.Unmarshal(got.Plaintext, &out))
	return out
}

// quiet fails when a token stands in the log.
func (s *senders) quiet(t *testing.T) {
	t.Helper()
	for style, token := range s.tokens {
		if strings.Contains(s.Log(), token) {
			t.Errorf("the token %s is in the log", style)
		}
	}
}

// With the real Apprise, title, body, priority and link arrive.
func TestApprise(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	if _, err := exec.LookPath("apprise"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("apprise is not installed, and CI=true says that it must be")
		}
		t.Skip("apprise is not installed: .ci/deps does that")
	}
	s := startForSenders(t)
	query := url.Values{"priority": {"max"}, "click": {"https://nas.lan/disks"}, "tags": {"warning"}}.Encode()
	const title, body = "Disk full", "sda1 at 95%\nsdb1 fine"
	for _, tt := range []struct {
		name, to string
		args     []string
		want     shown
	}{
		{"ntfy", "ntfy://user:" + s.tokens["ntfy"] + "@" + s.host + "/ops?" + query, nil,
			shown{Title: "⚠️ Disk full", Body: body, URL: "https://nas.lan/disks", RequireInteraction: true, urgency: "high"}},
		{"ntfy, lower", "ntfy://user:" + s.tokens["recado"] + "@" + s.host + "/ops?priority=low", nil, shown{Title: title, Body: body, urgency: "low"}},
		{"gotify", "gotify://" + s.host + "/" + s.tokens["gotify"] + "?priority=high", nil, shown{Title: title, Body: body, urgency: "high"}},
		{"gotify, lower", "gotify://" + s.host + "/" + s.tokens["gotify"] + "?priority=moderate", nil, shown{Title: title, Body: body, urgency: "low"}},
		{"json", "json://" + s.host + "/hook/" + s.tokens["recado"], []string{"-n", "failure"}, shown{Title: title, Body: body, urgency: "high"}},
		{"json with a header", "json://" + s.host + "/hook?-category=ops&+Authorization=Bearer%20" + s.tokens["recado"], nil, shown{Title: title, Body: body}},
		{"form", "form://" + s.host + "/hook/" + s.tokens["recado"], nil, shown{Title: title, Body: body}},
	} {
		before := s.push.Count()
		if err := apprise(t, tt.to, title, body, tt.args...); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := s.next(t, before); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	before := s.push.Count()
	for _, to := range []string{
		"ntfy://user:" + s.tokens["limited"] + "@" + s.host + "/ops",
		"gotify://" + s.host + "/Awrongwrongwron",
	} {
		if err := apprise(t, to, title, body); err == nil {
			t.Errorf("%s was let in", to)
		}
	}
	if s.push.Count() != before {
		t.Error("what was refused was sent")
	}
	s.quiet(t)
	if v := s.push.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

// Tokens in paths and queries never reach the log, whatever becomes of the
// request.
func TestTokensStayOutOfTheLog(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real binary")
	}
	s := startForSenders(t)
	for style, token := range s.tokens {
		for _, path := range []string{"/message?token=", "/ops?auth=", "/ops/publish?auth=", "/?auth=", "/hook/", "/hook?token=", "/nothing/at/all?token=", "/v1/stats?token=", "//ops?auth="} {
			for _, method := range []string{"POST", "PUT", "GET", "PATCH"} {
				for _, body := range []string{"", "{", `{"message":"x","topic":"ops"}`} {
					if status, answer := s.Do(method, path+token, body); status >= 500 || strings.Contains(answer, token) {
						t.Errorf("%s %sTOKEN with the token %s: %d %s", method, path, style, status, answer)
					}
				}
			}
		}
	}
	s.quiet(t)
	s.Stop()
	s.quiet(t)
}
