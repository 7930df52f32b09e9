package command

import (
	"slices"
	"strings"
	"testing"
)

func TestFlagsMayFollowArguments(t *testing.T) {
	app := New(Process{})
	tests := []struct{ in, want string }{
		{"recado", "recado"},
		{"recado --config c.toml token list --json", "recado --config c.toml token list --json"},
		{"recado subscription import f --key k", "recado subscription import --key k f"},
		{"recado subscription import - --key=k --data-dir d", "recado subscription import --key=k --data-dir d -"},
		{"recado subscription import f -- --key", "recado subscription import -- f --key"},
		{"recado subscription list --json --user u extra", "recado subscription list --json --user u extra"},
		{"recado nothing --here x", "recado nothing --here x"},
		{"recado keys", "recado keys"},
		{"recado keys export f --key", "recado keys export --key f"},
	}
	for _, tt := range tests {
		if got := flagsFirst(app, strings.Fields(tt.in)); !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("%s\n got %s\nwant %s", tt.in, strings.Join(got, " "), tt.want)
		}
	}
}
