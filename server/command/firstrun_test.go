package command

import (
	"os/exec"
	"testing"

	"recado/server/config"
)

func TestNearURL(t *testing.T) {
	tests := []struct{ listen, cert, want string }{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{":9000", "", "http://127.0.0.1:9000"},
		{"0.0.0.0:80", "", "http://127.0.0.1:80"},
		{"[::]:80", "", "http://127.0.0.1:80"},
		{"[::1]:80", "", "http://[::1]:80"},
		{"nas.lan:80", "", "http://nas.lan:80"},
		{"127.0.0.1:0", "", "https://push.example.com"},
		{":443", "cert.pem", "https://push.example.com"},
	}
	for _, tt := range tests {
		c := config.Config{Listen: tt.listen, BaseURL: "https://push.example.com", TLS: config.TLS{CertFile: tt.cert}}
		if got := nearURL(c); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.listen, got, tt.want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	for _, s := range []string{"/srv/recado/admin-token", "/srv/my data/it's", "$(touch x)`y`\"", ""} {
		out, err := exec.Command("sh", "-c", `printf %s "$(printf %s `+shellQuote(s)+`)"`).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q came out as %q, %v", s, out, err)
		}
	}
}
