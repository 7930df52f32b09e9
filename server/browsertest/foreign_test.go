package browsertest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// testForeign is a site of its own, on another origin, that uses recado's
// three routes and its own service worker, and was never changed for recado.
func testForeign(t *testing.T, f *Firefox, binary string) {
	site := httptest.NewServer(http.FileServer(http.Dir("testdata/foreign")))
	t.Cleanup(site.Close)
	stranger := httptest.NewServer(http.FileServer(http.Dir("testdata/foreign")))
	t.Cleanup(stranger.Close)
	article := serveArticle(t)
	r := StartRecado(t, binary, ForAutopush(map[string]string{"access.cors_origins": site.URL}))

	f.Navigate(site.URL + "/?server=" + r.URL)
	f.SetPermission("notifications", "granted")
	f.Press("Enable push messaging")
	foreignSays(t, f, "Disable push messaging")

	wantNotify(t, r, `{"title": "From afar", "body": "unchanged", "url": "`+article+`"}`, "1 notification(s) sent")
	n := f.WaitNotification(1)
	if n.Title != "From afar" || n.Body != "unchanged" || n.Origin != site.URL {
		t.Errorf("notification is %+v", n)
	}
	page := f.Tabs()
	f.ClickNotification(n, "")
	if got := f.SwitchToNew(page...); got != article {
		t.Errorf("the click opened %s, want %s", got, article)
	}
	f.CloseTab()
	f.SwitchTo(page[0])

	f.Press("Disable push messaging")
	foreignSays(t, f, "Enable push messaging")
	if left := subscriptions(t, r); len(left) != 0 {
		t.Errorf("the server still has %+v", left)
	}
	wantNotify(t, r, `{"title": "To nobody"}`, "0 notification(s) sent")

	t.Run("an origin that is not listed is kept out", func(t *testing.T) {
		f := f.For(t)
		f.Navigate(stranger.URL + "/?server=" + r.URL)
		f.SetPermission("notifications", "granted")
		f.Press("Enable push messaging")
		f.WaitFor("the browser refuses", `return document.getElementById("error").textContent.startsWith("TypeError")`, nil)
	})
}

// foreignSays waits until the page's button has these words again, and fails
// the test with the page's own error if there is one.
func foreignSays(t *testing.T, f *Firefox, words string) {
	t.Helper()
	var failure string
	f.WaitFor("the page is done", `
		const error = document.getElementById("error").textContent, button = document.getElementById("push");
		return error || (!button.disabled && button.textContent === arguments[0] && "ok")`, &failure, words)
	if failure != "ok" {
		t.Fatalf("the page fails: %s", failure)
	}
}
