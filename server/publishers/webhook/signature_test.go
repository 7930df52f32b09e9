package webhook

import (
	"net/http"
	"testing"
)

func TestSigned(t *testing.T) {
	// The example of GitHub's documentation.
	const secret, body = "It's a Secret to Everybody", "Hello, World!"
	const good = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	const bad = "857107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	for _, tt := range []struct {
		name   string
		header http.Header
		want   bool
	}{
		{"GitHub", http.Header{"X-Hub-Signature-256": {"sha256=" + good}}, true},
		{"Forgejo", http.Header{"X-Forgejo-Signature": {good}, "X-Gitea-Signature": {good}, "X-Gogs-Signature": {good}, "X-Hub-Signature-256": {"sha256=" + good}}, true},
		{"Gitea", http.Header{"X-Gitea-Signature": {good}}, true},
		{"Grafana", http.Header{"X-Grafana-Alerting-Signature": {good}}, true},
		{"none", nil, false},
		{"the old one alone", http.Header{"X-Hub-Signature": {"sha1=x"}}, false},
		{"a wrong one", http.Header{"X-Gitea-Signature": {bad}}, false},
		{"one of two", http.Header{"X-Gitea-Signature": {good}, "X-Hub-Signature-256": {"sha256=" + bad}}, false},
		{"two in one header", http.Header{"X-Gitea-Signature": {good, bad}}, false},
		{"without its prefix", http.Header{"X-Hub-Signature-256": {good}}, false},
		{"a part", http.Header{"X-Gitea-Signature": {good[:32]}}, false},
		{"no hexadecimal", http.Header{"X-Gitea-Signature": {"x"}}, false},
		{"empty", http.Header{"X-Gitea-Signature": {""}}, false},
	} {
		if got := Signed(secret, Request{Header: tt.header, Body: []byte(body)}); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if Signed("other", Request{Header: http.Header{"X-Gitea-Signature": {good}}, Body: []byte(body)}) {
		t.Error("another secret")
	}
}
