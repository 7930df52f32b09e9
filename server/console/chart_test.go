package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"

	"recado/embed"
	"recado/server/console"
)

// The chart library sets styles from its script, which a policy without inline
// styles allows, and it must stay so: a browser would drop them silently.
func TestChartsDrawUnderThePolicy(t *testing.T) {
	c, err := console.New(console.Options{FS: embed.Web(), InstanceName: "Oficina Aurora", Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", c)
	mux.HandleFunc("/chart", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>Chart</title>
			<link rel="stylesheet" href="/assets/vendor/uplot.css"><script type="module" src="/chart.js"></script>`)
	})
	mux.HandleFunc("/chart.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `import uPlot from "/assets/vendor/uplot.js";
			new uPlot({ width: 300, height: 200, series: [{}, { stroke: "rgb(255, 0, 0)", width: 8 }], hooks: { ready: [() => { document.title = "Drawn"; }] } },
				[[1, 2, 3], [5, 5, 5]], document.body);`)
	})
	server := httptest.NewServer(console.SecurityHeaders("")(mux))
	t.Cleanup(server.Close)
	tb := open(t, startBrowser(t), view{name: "chart"})
	tb.do(chromedp.Navigate(server.URL + "/chart"))
	tb.until(`document.title === "Drawn"`)
	for expression, want := range map[string]string{
		`violations.join("; ")`:                                        "",
		`problems.join("; ")`:                                          "",
		`document.querySelector(".u-wrap").style.width`:                "300px",
		`getComputedStyle(document.querySelector(".u-over")).position`: "absolute",
		`(() => {
			const canvas = document.querySelector("canvas");
			const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
			for (let i = 0; i < data.length; i += 4) if (data[i] === 255 && data[i + 1] === 0 && data[i + 3] === 255) return true;
			return false;
		})()`: "true",
	} {
		if got := tb.js(expression); got != want {
			t.Errorf("%s = %q, want %q", expression, got, want)
		}
	}
}
