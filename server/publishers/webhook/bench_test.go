package webhook

import (
	"strings"
	"testing"
)

// The largest requests of their kind.
func BenchmarkRead(b *testing.B) {
	fill := func(s string) string { return strings.Repeat(s, (1<<20)/len(s)) }
	for name, body := range map[string]string{
		"text":           fill("sda1 at 95 % "),
		"lines":          fill("a\n"),
		"accents":        fill("\u0301"),
		"numbers":        "[" + fill("1,") + "1]",
		"objects":        "[" + fill(`{"a":"b"},`) + `{"a":"b"}]`,
		"members":        "{" + fill(`"a":"b c",`) + `"a":"b"}`,
		"alerts":         `{"alerts":[` + fill(`{"labels":{"alertname":"a"}},`) + `{"labels":{"alertname":"b"}}],"orgId":1}`,
		"message":        `{"title":"t","message":"` + fill("**a** <b>c</b> ") + `"}`,
		"Watchtower":     fill("Found new a:1 image (x)\n"),
		"Synology":       `{"text":"[nas] ` + fill("The system has detected ") + `"}`,
		"embeds":         `{"embeds":[` + fill(`{"title":"t","fields":[{"name":"a"}]},`) + `{}]}`,
		"XML":            fill("<a>"),
		"elements":       fill("<a>b</a>"),
		"broken JSON":    `{"a":` + fill("\n\" : ,"),
		"raw line ends":  `{"a":"` + fill("\n\\") + `"}`,
		"form":           "message=x&" + fill("a=b&"),
		"parts":          fill("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n"),
		"commits":        `{"ref":"refs/heads/x","before":"1","after":"2","repository":{},"sender":{},"commits":[` + fill(`{"message":"m"},`) + `{}]}`,
		"one long value": `{"a":"` + fill("x") + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := Read(Request{Body: []byte(body)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
