package server

import (
	"io/fs"
	"strings"
	"testing"

	"recado/embed"
	"recado/server/config"
)

// The page tells operators what to write into push.allowed_hosts: the default and
// what was refused.
func TestThePageKnowsTheUsualHosts(t *testing.T) {
	script, err := fs.ReadFile(embed.Web(), "admin/system/refused.js")
	if err != nil {
		t.Fatal(err)
	}
	if want := `const usual = ["` + strings.Join(config.Default().Push.AllowedHosts, `", "`) + `"];`; !strings.Contains(string(script), want) {
		t.Errorf("refused.js lacks %s", want)
	}
}
