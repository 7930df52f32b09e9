package api

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"recado/server/access"
	"recado/storage"
)

// The same key and bytes get the first answer again, also when they would not be
// accepted any more.
func TestReplayOfWhatWouldNowBeRefused(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	b, _ := newSQLiteBench(t, func(o *Options) { o.Now = func() time.Time { return now } })
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	large := strings.Repeat("x", 3500)
	bodies := []string{
		`{"title":"expires","expires_at":"` + at(90*time.Minute) + `"}`,
		`{"title":"repeats","repeat":"0 8 * * *","expires_at":"` + at(90*time.Minute) + `"}`,
		`{"title":"large","body":"` + large + `"}`,
	}
	v1 := func(body, key string) (int, string) {
		r := httptest.NewRequest("POST", "/v1/pushnotification", strings.NewReader(body))
		r.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		b.api.V1(b.api.CreateNotification)(w, r.WithContext(access.WithGrant(r.Context(), access.Grant{TokenKey: 2, Scope: storage.ScopePublish})))
		return w.Code, w.Header().Get("Location")
	}
	push := func(body, key string) (int, string) {
		r := httptest.NewRequest("POST", "/push/?wait=0", strings.NewReader(body))
		r.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		b.api.Push(w, r.WithContext(access.WithGrant(r.Context(), access.Grant{TokenKey: 2, Scope: storage.ScopePublish})))
		return w.Code, w.Header().Get("Location")
	}
	notify := func(body, key string) (int, string) {
		got := b.call("POST", "/api/notify?wait=0", body, asPublisher, "Idempotency-Key: "+key)
		return got.StatusCode, got.Header.Get("Location")
	}
	first := map[string]string{}
	for name, send := range map[string]func(string, string) (int, string){"v1": v1, "push": push, "notify": notify} {
		for _, body := range bodies {
			if name == "push" && body != bodies[2] {
				continue // it has no other fields
			}
			key := name + body[10:13]
			status, location := send(body, key)
			if status > 202 || location == "" {
				t.Fatalf("%s %s: %d", name, key, status)
			}
			first[key] = location
		}
	}
	woken := b.wakes.Load()
	b.subscribed(device, `"declarative":true`) // whose form is larger
	now = now.Add(2 * time.Hour)
	for key, want := range first {
		send := map[string]func(string, string) (int, string){"v1": v1, "push": push, "notify": notify}[key[:len(key)-3]]
		for _, body := range bodies {
			if body[10:13] != key[len(key)-3:] {
				continue
			}
			if status, location := send(body, key); status > 202 || location != want {
				t.Errorf("%s again: %d %s, want %s", key, status, location, want)
			}
			if status, _ := send(body+" ", key); status != 409 {
				t.Errorf("%s with other bytes: %d", key, status)
			}
			if status, _ := send(body, "new "+key); status < 400 {
				t.Errorf("%s with a new key: %d", key, status)
			}
		}
	}
	if b.wakes.Load() != woken {
		t.Error("a repeated request woke the engine")
	}
	now = now.Add(23 * time.Hour)
	if status, _ := notify(bodies[0], "notifyexp"); status != 400 {
		t.Errorf("a day later: %d", status)
	}
}
