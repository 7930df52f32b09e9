package browsertest

import (
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is no short test")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>t</title><link rel=icon href=data:,><h1>Hello</h1>")
		if r.URL.Path == "/bad" {
			fmt.Fprint(w, "<script>alert(1)</script>")
		}
	}))
	t.Cleanup(server.Close)
	c := StartChromium(t)

	page := c.Open(t, 390, 844, true)
	page.Navigate(server.URL + "/bad")
	if problems := page.Problems(); len(problems) == 0 || !strings.Contains(strings.Join(problems, "\n"), "Content Security Policy") {
		t.Errorf("problems are %q, want the policy's violation", problems)
	}
	if !Eval[bool](page, `matchMedia("(prefers-color-scheme: dark)").matches && innerWidth === 390`) {
		t.Error("the page is neither dark nor a phone's")
	}
	c.Permit(server.URL, "notifications", "granted")
	page.WaitFor("the permission is granted", `Notification.permission === "granted"`)

	path := filepath.Join(t.TempDir(), "shot.png")
	page.Screenshot(path)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if size, err := png.DecodeConfig(file); err != nil || size.Width != 390 {
		t.Errorf("screenshot is %d wide: %v", size.Width, err)
	}
}
