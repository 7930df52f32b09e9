package server

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"recado/server/access"
	"recado/storage"
)

// What is wrong with the body as a whole is no field's.
func TestBodiesThatAreNoObject(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, path := range []string{"/v1/pushnotification", "/v1/pushnotification/categories", "/v1/invites", "/v1/tokens"} {
		for _, body := range []string{`[]`, `null`, `[{"title":"x"}]`, `5`, `"x"`, ` true`} {
			got := d.want(path+" "+body, d.ask("admin", "POST", path, body), 422, `"detail":"the body must be a JSON object, not `)
			d.hasMembers(path+" "+body, got.body, "type title status detail")
		}
	}
}

// Times that a calendar of four digits cannot show in UTC are none.
func TestTimesOutOfRange(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	for _, at := range []string{"9999-12-31T23:59:59-01:00", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "0000-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z"} {
		for _, field := range []string{"scheduled_at", "expires_at"} {
			body := `{"title":"x","` + field + `":"` + at + `"}`
			d.want(body, d.ask("publish", "POST", "/v1/pushnotification", body), 422, `{"field":"`+field+`","message":"must be in the years 1970 to 9999`)
			d.want(body, d.ask("publish", "POST", "/api/notify", body), 400, field+" must be in the years 1970 to 9999")
		}
		for path, more := range map[string]string{"/v1/tokens": `"name":"x","scope":"read",`, "/v1/invites": ""} {
			d.want(path, d.ask("admin", "POST", path, `{`+more+`"expires_at":"`+at+`"}`), 422, `{"field":"expires_at","message":"must be in the years`)
		}
	}
	d.want("the last second", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","expires_at":"9999-12-31T23:59:59Z"}`), 201, `"expires_at":"9999-12-31T23:59:59.000Z"`)
	d.want("the first", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","scheduled_at":"1970-01-01T00:00:00Z"}`), 201, "")
}

// Nobody can lock everyone out, or revoke what the configuration brings back.
func TestTokensThatStay(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	d.token(ConfigToken, storage.ScopeAdmin)
	ids := map[string]string{}
	list, err := d.store.Tokens(t.Context())
	d.no(err)
	for _, token := range list {
		ids[token.Name] = token.ID.String()
	}
	d.want("the configured one", d.ask("admin", "DELETE", "/v1/tokens/"+ids[ConfigToken], ""), 409,
		"it comes from access.admin_token: change or remove it in the configuration")
	d.want("another admin's", d.ask("admin", "DELETE", "/v1/tokens/"+ids["admin"], ""), 204, "")

	d = newDesk(t, nil)
	list, err = d.store.Tokens(t.Context())
	d.no(err)
	for _, token := range list {
		ids[token.Name] = token.ID.String()
	}
	secret, err := access.NewToken("")
	d.no(err)
	old, err := d.store.CreateToken(t.Context(), storage.Token{Name: "old", Scope: storage.ScopeAdmin, Style: access.StyleRecado,
		Hash: access.Hash(secret), CreatedAt: time.Now().Add(-time.Hour), ExpiresAt: time.Now().Add(-time.Minute)})
	d.no(err)
	d.want("the last that works", d.ask("admin", "DELETE", "/v1/tokens/"+ids["admin"], ""), 409, "last admin token")
	d.want("one that has expired", d.ask("admin", "DELETE", "/v1/tokens/"+old.ID.String(), ""), 204, "")
	d.want("one of another scope", d.ask("admin", "DELETE", "/v1/tokens/"+ids["read"], ""), 204, "")
	d.want("with another one", d.ask("admin", "POST", "/v1/tokens", `{"name":"second","scope":"admin"}`), 201, "")
	d.want("itself", d.ask("admin", "DELETE", "/v1/tokens/"+ids["admin"], ""), 204, "")
}

// What is deleted while a list is read page by page takes nothing else with it,
// also when it is the last of a page.
func TestPagesWhileItemsGo(t *testing.T) {
	d := newDesk(t, nil)
	categories := "/v1/pushnotification/categories"
	for path, make := range map[string]func(i int) string{
		categories:    func(i int) string { return fmt.Sprintf(`{"name":"c%d"}`, i) },
		"/v1/invites": func(int) string { return `{}` },
		"/v1/tokens":  func(i int) string { return fmt.Sprintf(`{"name":"t%d","scope":"read"}`, i) },
		"/v1/keys":    func(int) string { return "" },
	} {
		for i := range 6 {
			at := path
			if path == "/v1/keys" {
				at = "/v1/keys/rotate"
			}
			if got := d.ask("admin", "POST", at, make(i)); got.StatusCode != 201 {
				t.Fatalf("%s: %d %s", path, got.StatusCode, got.body)
			}
		}
		all, _ := d.page(path + "?limit=500")
		ids, next := d.page(path + "?limit=3")
		for _, gone := range []string{ids[2], all[3]} { // the cursor's, and the first of the next page
			d.want("delete "+path, d.ask("admin", "DELETE", path+"/"+gone, ""), 204, "")
		}
		if rest, _ := d.page(path + "?limit=500&after=" + url.QueryEscape(next)); !slices.Equal(rest, all[4:]) {
			t.Errorf("%s: went on with %v, want %v", path, rest, all[4:])
		}
	}
}
