package ntfy

import (
	"fmt"
	"testing"
)

func TestActions(t *testing.T) {
	for _, tt := range []struct{ s, want string }{
		{`view, Open portal, https://home.nest.com/, clear=true`, `[{action-1 view Open portal true https://home.nest.com/}]`},
		{`view, Open, https://a.lan/?a=b&c=d; http, Turn down, https://api.lan/, body='{"temperature": 65, "a;b": 1}', headers.Authorization=Bearer x`,
			`[{action-1 view Open false https://a.lan/?a=b&c=d} {action-2 http Turn down false https://api.lan/}]`},
		{`action=view, label="Look ma, commas; and \"quotes\" too", url=https://a.lan`, `[{action-1 view Look ma, commas; and "quotes" too false https://a.lan}]`},
		{`VIEW,Open,https://a.lan`, `[{action-1 view Open false https://a.lan}]`},
		{`broadcast, Take picture, extras.cmd=pic, extras.camera=front, intent=x`, `[{action-1 broadcast Take picture false }]`},
		{`view, 'It''s', https://a.lan`, ``},
		{`view, Open, https://a.lan;`, `[{action-1 view Open false https://a.lan}]`},
		{`view, Öffnen 🚪, https://a.lan`, `[{action-1 view Öffnen 🚪 false https://a.lan}]`},
		{` view , Open , url = "https://a.lan" ; view, Two, https://b.lan `, `[{action-1 view Open false https://a.lan} {action-2 view Two false https://b.lan}]`},
		{`[{"action":"view","label":"Open","url":"https://a.lan","clear":true},{"action":"http","label":"Do","url":"https://b.lan","headers":{"a":"b"},"body":"x"}]`,
			`[{action-1 view Open true https://a.lan} {action-2 http Do false https://b.lan}]`},
		{`[]`, `[]`},
		{`view, Open`, ``},
		{`view, Open, https://a.lan, what=1`, ``},
		{`view, Open, https://a.lan, extra`, ``},
		{`view, Open, https://a.lan, clear=perhaps`, ``},
		{`view, "Open, https://a.lan`, ``},
		{`view, "Open" x, https://a.lan`, ``},
		{`view, , https://a.lan`, ``},
		{`view`, ``},
		{`[{"action":"view"`, ``},
		{`[{"action":1}]`, ``},
		{`a,b,c;a,b,c;a,b,c;a,b,c;a,b,c;a,b,c;a,b,c;a,b,c;a,b,c;a,b,c;a,b,c`, ``},
	} {
		actions, err := parseActions(tt.s)
		if got := fmt.Sprint(actions); (err == nil) != (tt.want != "") || err == nil && got != tt.want {
			t.Errorf("%s\n got %s, %v\nwant %s", tt.s, got, err, tt.want)
		}
	}
}
