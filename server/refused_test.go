package server

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/embed"
	"recado/server/api"
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

// A stranger who names thousands of hosts neither hides those of real browsers nor
// fills memory and log.
func TestStrangersHideNoRefusedHost(t *testing.T) {
	var hosts refusedHosts
	var text bytes.Buffer
	log, now := slog.New(slog.NewTextHandler(&text, nil)), time.Unix(1, 0)
	add := func(host string) {
		now = now.Add(time.Second)
		hosts.add(t.Context(), log, host, now)
	}
	for i := range 5000 {
		add(fmt.Sprintf("host-%d.evil.example", i))
		if i >= 1000 && i%50 == 0 {
			add("push.example")
		}
	}
	list := hosts.list()
	i := slices.IndexFunc(list, func(h api.RefusedHost) bool { return h.Host == "push.example" })
	if i < 0 || list[i].Count != 80 {
		t.Errorf("the host that is wanted again and again is not kept with its count: %v", list)
	}
	if lines := strings.Count(text.String(), "\n"); len(list) != keptHosts || lines != keptHosts {
		t.Errorf("%d hosts and %d lines are kept, want %d", len(list), lines, keptHosts)
	}
}
