package markdown

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, s, want string }{
		{"plain", "sda1 at 95 %\nsdb1 fine", "sda1 at 95 %\nsdb1 fine"},
		{"strong and emphasis", "**Disk** is *nearly* __full__ _now_ ***really***", "Disk is nearly full now really"},
		{"within each other", "**the *whole* disk**", "the whole disk"},
		{"no marks", "2 * 3 * 4 = 24, snake_case_name, a * b", "2 * 3 * 4 = 24, snake_case_name, a * b"},
		{"heading", "# Backup failed\n\n## Why ##\nno space", "Backup failed\n\nWhy\nno space"},
		{"no heading", "#hashtag\n####### seven", "#hashtag\n####### seven"},
		{"setext heading", "Backup failed\n=============\ntext", "Backup failed\n\ntext"},
		{"link", "see [the log](https://nas.lan/log) now", "see the log (https://nas.lan/log) now"},
		{"link with brackets", "[a](https://en.wikipedia.org/wiki/A_(b)) c", "a (https://en.wikipedia.org/wiki/A_(b)) c"},
		{"link that shows its address", "[https://nas.lan](https://nas.lan)", "https://nas.lan"},
		{"link with title", `[a](https://nas.lan "The NAS")`, "a (https://nas.lan)"},
		{"strong link", "[**a**](https://nas.lan)", "a (https://nas.lan)"},
		{"anchor", "[above](#top)", "above"},
		{"address", "<https://nas.lan/>", "https://nas.lan/"},
		{"picture", "![graph](https://nas.lan/g.png) high", "graph high"},
		{"picture in a link", "[![graph](https://nas.lan/g.png)](https://nas.lan)", "graph (https://nas.lan)"},
		{"code", "run `rm -rf *tmp*` or ``a ` b``", "run rm -rf *tmp* or a ` b"},
		{"code block", "```sh\nls *a* **b**\n# no heading\n```\ndone", "ls *a* **b**\n# no heading\ndone"},
		{"code block without an end", "~~~\n**a**", "**a**"},
		{"lists", "- one\n* two\n  + three\n1. four", "• one\n• two\n  • three\n1. four"},
		{"tasks", "- [x] done\n- [ ] open", "• ✓ done\n• open"},
		{"quote", "> said *he*\n>> and she", "said he\nand she"},
		{"rule", "a\n\n---\n\nb\n* * *\nc", "a\n\nb\n\nc"},
		{"table", "| a | b |\n|---|:-:|\n| 1 | **2** |", "a | b\n1 | 2"},
		{"escaped", `\*not\* \# \_it\_`, "*not* # _it_"},
		{"struck out", "~~old~~ new", "old new"},
		{"HTML", "<b>bold</b><br/>1 < 2 > 0", "bold1 < 2 > 0"},
		{"CRLF", "**a**\r\nb", "a\nb"},
		{"nothing", "", ""},
		{"a lone mark", "**", "**"},
	} {
		if got := Text(tt.s); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A megabyte is cut, and marks without an end take no longer than words.
func TestManyMarks(t *testing.T) {
	for _, mark := range []string{"*", "**", "_", "[", "](", "`", "![", "> ", "\\", "<b>", "\n", "| ", "~~", "é"} {
		if got := Text(strings.Repeat(mark, 1<<20/len(mark))); !utf8.ValidString(got) || len(got) > 16<<10 {
			t.Errorf("%q: %d bytes", mark, len(got))
		}
	}
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{"message": "# Disk full\n\n**sda1** is at `95 %`, see [the NAS](https://nas.lan/).\n- one\n- two\n", "marks": strings.Repeat("*[", 1<<19)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Text(s)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	f.Add("**a** [b](c) `d`\n# e\n```\nf")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
		if len(got) > 4*len(s)+8 {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
	})
}
