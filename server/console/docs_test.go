package console_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"recado/embed"
	"recado/server/console"
	"recado/server/openapi"
)

// The page of the interface shows every operation of the document, at every
// width and in either theme, under the same policy as all pages.
func TestDocsPageShowsEveryOperation(t *testing.T) {
	document, err := openapi.Document(openapi.Options{Version: "1.2.3", BaseURL: "https://push.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		t.Fatal(err)
	}
	c, err := console.New(console.Options{FS: embed.Web(), InstanceName: "Oficina", BaseURL: "https://push.example.org", Version: "1.2.3", OpenAPI: document})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(console.SecurityHeaders("https://push.example.org")(c))
	t.Cleanup(web.Close)
	root := startBrowser(t)
	for _, v := range []view{
		{name: "docs-phone-dark", width: 390, height: 844, scheme: "dark"},
		{name: "docs-desk-light", width: 1280, height: 800, scheme: "light"},
		{name: "docs-small", width: 320, height: 640, scheme: "light"},
	} {
		tb := open(t, root, v)
		tb.do(chromedp.Navigate(web.URL + "/docs#createNotification"))
		tb.until(`document.querySelector("main")?.getAttribute("aria-busy") === "false"`)
		shown := strings.Fields(tb.js(`[...document.querySelectorAll("article")].map((a) => a.id + "/" + a.querySelector(".method").textContent.toLowerCase()).join(" ")`))
		count := 0
		for path, item := range parsed.Paths {
			for method, o := range item {
				count++
				if !slices.Contains(shown, o.OperationID+"/"+method) {
					t.Errorf("%s: %s %s is not shown", v.name, method, path)
				}
			}
		}
		if len(shown) != count {
			t.Errorf("%s: %d operations are shown, the document has %d", v.name, len(shown), count)
		}
		tb.js(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
		for expression, want := range map[string]string{
			`document.documentElement.scrollWidth <= innerWidth`:                        "true",
			`violations.join("; ") + problems.join("; ")`:                               "",
			`/undefined|\[object|NaN/.test(document.body.textContent)`:                  "false",
			`document.querySelectorAll("[style], h1").length`:                           "1",
			`document.querySelectorAll("article pre").length >= ` + strconv.Itoa(count): "true",
		} {
			if got := tb.js(expression); got != want {
				t.Errorf("%s: %s = %q, want %q", v.name, expression, got, want)
			}
		}
		// All operations are drawn by the same lines, and all would take minutes.
		tb.js(`document.querySelectorAll("article").forEach((a, i) => { if (i % 12) a.remove(); })`)
		tb.axe()
	}
}
