package console_test

import (
	"encoding/json"
	"testing"
)

// What operators see of a device's browser, from what browsers call themselves.
func testAgents(t *testing.T, tb *tab) {
	cases := []struct{ agent, want, kind string }{
		{"Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox 140 Android", "android"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145 Linux", "desktop"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/141.0 Mobile/15E148 Safari/605.1.15", "Firefox 141 iPhone", "ios"},
		{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome 142 Android", "android"},
		{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome 141 ChromeOS", "desktop"},
		{"Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1", "Chrome 142 iPad", "ios"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge 142 Windows", "desktop"},
		{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 EdgA/141.0.0.0", "Edge 141 Android", "android"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0", "Opera 124 Windows", "desktop"},
		{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet 28 Android", "android"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", "Safari 26 macOS", "desktop"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1", "Safari 26 iPhone", "ios"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", "  iPhone", "ios"}, // from the Home Screen
		{"okhttp/4.12.0", "okhttp 4 ", ""},
		{"curl", "curl  ", ""},
		{"Mozilla/5.0", "  ", ""},
		{"", "  ", ""},
		{"\x01<b>?", "  ", ""},
	}
	for _, c := range cases {
		agent, err := json.Marshal(c.agent)
		if err != nil {
			t.Fatal(err)
		}
		got := tb.js(`import("/assets/parts/agent.js").then(({ readAgent, kindOf }) => {
			const { browser, version, system } = readAgent(` + string(agent) + `);
			return [browser, version, system].join(" ") + "|" + kindOf(` + string(agent) + `);
		})`)
		if got != c.want+"|"+c.kind {
			t.Errorf("%q is %q, want %q", c.agent, got, c.want+"|"+c.kind)
		}
	}
}
