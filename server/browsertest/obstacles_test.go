package browsertest

import (
	"net/url"
	"strings"
	"testing"
)

const (
	iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
	gecko  = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// TestObstacles opens the subscriber's page in browsers that cannot subscribe:
// each is told why, and what to do.
func TestObstacles(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is no short test")
	}
	c := StartChromium(t)
	r := StartRecado(t, BuildBinary(t), ForAutopush())
	insecure := strings.Replace(r.URL, "127.0.0.1", InsecureHost, 1)
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, url, agent, script string
		want                     []string
	}{
		{"new", r.URL, "", "", []string{"Messages from Oficina Aurora, on this device", "Turn on notifications"}},
		{"insecure", insecure, "", "", []string{"This address is not secure", "http://localhost:" + u.Port(), "reverse_proxy"}},
		{"ios", r.URL, iPhone, `delete window.PushManager`, []string{"One step first on iPhone and iPad", "Add to Home Screen"}},
		{"private", r.URL, gecko, `delete Navigator.prototype.serviceWorker`, []string{"private window"}},
		{"unsupported", r.URL, "", `delete window.PushManager`, []string{"This browser cannot receive notifications", "Firefox"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := c.Open(t, 390, 844, false)
			page.Pretend(test.agent, test.script)
			page.Navigate(test.url + "/")
			page.WaitFor("a screen is there", `document.querySelector("h1") !== null`)
			text := Eval[string](page, `document.body.innerText`)
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("the page does not say %q:\n%s", want, text)
				}
			}
			for _, problem := range page.Problems() {
				t.Errorf("in the console: %s", problem)
			}
			if wide := Eval[int](page, `document.documentElement.scrollWidth`); wide > 390 {
				t.Errorf("the page is %d wide on a phone of 390", wide)
			}
			Look(page, test.name)
		})
	}
}
