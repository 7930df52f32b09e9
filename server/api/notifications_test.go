package api

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"recado/server/access"
	"recado/storage"
)

// The engine hears of everything that changes what it has to do.
func TestTheEngineIsTold(t *testing.T) {
	b, store := newSQLiteBench(t, nil)
	call := func(h Handler, id, body string) string {
		t.Helper()
		r := httptest.NewRequest("POST", "/v1/pushnotification/"+id, strings.NewReader(body))
		r.SetPathValue("id", id)
		w := httptest.NewRecorder()
		b.api.V1(h)(w, r.WithContext(access.WithGrant(r.Context(), access.Grant{TokenKey: 2, Scope: storage.ScopePublish})))
		if w.Code >= 300 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		_, rest, _ := strings.Cut(w.Body.String(), `{"id":"`)
		id, _, _ = strings.Cut(rest, `"`)
		return id
	}
	const later = `{"title":"x","repeat":"0 8 * * *"}`
	first, second := call(b.api.CreateNotification, "", later), call(b.api.CreateNotification, "", later)
	call(b.api.ReplaceNotification, first, `{"title":"y"}`)
	if n := b.wakes.Load(); n != 3 {
		t.Errorf("woken %d times, want 3", n)
	}
	rows, err := store.Notifications(t.Context(), storage.NotificationFilter{}, storage.Page{Limit: 2})
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	call(b.api.CancelNotification, first, "")
	call(b.api.DeleteNotification, second, "")
	if want := []int64{rows[1].Key, rows[0].Key}; !slices.Equal(b.stopped, want) {
		t.Errorf("stopped %v, want %v", b.stopped, want)
	}
}
