package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// signatures are the headers in which senders put the HMAC-SHA256 of the body, in
// hexadecimal, and what stands before it there.
var signatures = []struct{ header, prefix string }{
	{"X-Hub-Signature-256", "sha256="}, // GitHub, and Gitea and Forgejo as well
	{"X-Forgejo-Signature", ""},
	{"X-Gitea-Signature", ""},
	{"X-Gogs-Signature", ""},
	{"X-Grafana-Alerting-Signature", ""},
}

// Signed reports whether the request carries the signature that the secret makes of
// its body. Of several that are there all have to be right.
func Signed(secret string, r Request) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(r.Body)
	want := mac.Sum(nil)
	found := false
	for _, s := range signatures {
		for _, value := range r.Header.Values(s.header) {
			text, ok := strings.CutPrefix(strings.TrimSpace(value), s.prefix)
			got, err := hex.DecodeString(text)
			if !ok || err != nil || !hmac.Equal(got, want) {
				return false
			}
			found = true
		}
	}
	return found
}
