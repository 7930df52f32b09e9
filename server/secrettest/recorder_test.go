package secrettest

import (
	"net/http"
	"strings"
	"testing"
)

// tb is a test that fails without a trace.
type tb struct {
	testing.TB
	failed   []string
	cleanups []func()
}

func (t *tb) Helper()          {}
func (t *tb) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *tb) Error(args ...any) {
	for _, a := range args {
		t.failed = append(t.failed, a.(string))
	}
}

func TestRecorder(t *testing.T) {
	get, _ := http.NewRequest("GET", "http://x/", nil)
	post, _ := http.NewRequest("POST", "http://x/", nil)
	for name, c := range map[string]struct {
		use  func(r *Recorder)
		want string // empty = nothing is found
	}{
		"nothing":    {func(r *Recorder) { r.Secret("token", "0123456789"); r.Logger().Debug("x", "y", "012345678") }, ""},
		"in the log": {func(r *Recorder) { r.Secret("token", "0123456789"); r.Logger().Debug("x", "y", "a0123456789b") }, "(token) stands in the log"},
		"known late": {func(r *Recorder) {
			r.AtEnd(func() { r.Secret("token", "0123456789") })
			r.Logger().Info("0123456789")
		}, "(token)"},
		"as JSON":       {func(r *Recorder) { r.Secret("token", `01234"<56789`); r.Text("a page", `01234\"\u003c56789`) }, "(token) stands in a page"},
		"in an address": {func(r *Recorder) { r.Endpoint("https://p.example/x/0123456789+/"); r.Text("a page", "0123456789%2B") }, "endpoint"},
		"octets": {func(r *Recorder) {
			r.Bytes("key", []byte("\xff\xfe\xfd01234567"))
			r.Text("a page", "//79MDEyMzQ1Njc=")
		}, "(key as base64)"},
		"in a refusal": {func(r *Recorder) {
			r.Secret("token", "0123456789")
			r.Answer(&http.Response{StatusCode: 400, Request: post}, "0123456789")
		}, "an answer to POST"},
		"in what was read": {func(r *Recorder) {
			r.Secret("token", "0123456789")
			r.Answer(&http.Response{StatusCode: 200, Request: get}, "0123456789")
		}, "an answer to GET"},
		"in what was made": {func(r *Recorder) {
			r.Secret("token", "0123456789")
			r.Answer(&http.Response{StatusCode: 201, Request: post}, "0123456789")
		}, ""},
		"a cookie, in the log": {func(r *Recorder) {
			r.Answer(&http.Response{StatusCode: 204, Request: post, Header: http.Header{"Set-Cookie": {"a=0123456789; Path=/"}}}, "")
			r.Logger().Info("0123456789")
		}, "(session)"},
		"what is too short to be found by chance": {func(r *Recorder) { r.Secret("token", "12"); r.Text("a page", "12") }, ""},
	} {
		fails := &tb{TB: t}
		c.use(New(fails))
		fails.cleanups[0]()
		if got := strings.Join(fails.failed, "\n"); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestShapes(t *testing.T) {
	long := strings.Repeat("aB3", 20)
	for _, secret := range []string{
		"Bearer rcd_" + long[:43], "tk_" + long[:29], "Cookie: recado_session=x", "-----BEGIN PRIVATE KEY-----", "vapid t=eyJ0eXAiOiJKV1Qi.eyJhdWQi.x, k=y",
		"https://updates.push.services.mozilla.com/wpush/v2/gAAAAA" + long, "https://fcm.googleapis.com/fcm/send/" + long, "http://127.0.0.1:1/push/" + long, "POST http://x/hook/" + long,
	} {
		if len(Shapes("before "+secret+" after")) == 0 {
			t.Errorf("%s is not found", secret)
		}
	}
	if found := Shapes(`level=WARN msg="rcd_short" route="POST /hook/{token}" host=fcm.googleapis.com url=http://localhost:8080/push/`); found != nil {
		t.Errorf("found %q", found)
	}
}
