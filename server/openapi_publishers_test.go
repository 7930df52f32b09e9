package server

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"net/url"
	"strings"

	"recado/storage"
)

// The routes of publishers that speak something else.

func (d *documented) asNtfy(r *rig) {
	limited := r.token(storage.Token{Scope: storage.ScopePublish, Categories: []string{"door"}})
	plain := map[string]string{"Content-Type": "text/plain"}
	query := url.Values{
		"title": {"Disk full"}, "message": {"sda1"}, "priority": {"4"}, "tags": {"warning,disk"}, "click": {"https://nas.example/"},
		"icon": {"https://nas.example/i.png"}, "actions": {"view, Open, https://nas.example/; broadcast, Do"}, "delay": {"30m"}, "markdown": {"yes"},
		"attach": {"https://nas.example/a.log"}, "filename": {"a.log"}, "sid": {"disk"},
		"auth": {base64.RawURLEncoding.EncodeToString([]byte("Bearer " + r.scopes["publish"]))},
	}.Encode()
	for _, op := range []string{"POST /{topic}", "PUT /{topic}", "GET /{topic}/publish", "GET /{topic}/send", "GET /{topic}/trigger"} {
		c := call{op: op, id: "door", token: r.scopes["publish"], want: 200}
		if !strings.HasPrefix(op, "GET") {
			c.body, c.header = "sda1 at 95 %", plain
		}
		d.do(c)
		c.token, c.query = "", "?"+query
		d.do(c)
		c.query = "?priority=9"
		c.token, c.want = r.admin, 400
		d.do(c)
		c.query, c.id = "", "ops"
		c.token, c.want = limited, 403
		d.do(c)
	}
	everything := object("topic", "door", "message", "sda1", "title", "Disk full", "priority", 4, "tags", []string{"warning"}, "click", "https://nas.example/",
		"icon", "https://nas.example/i.png", "attach", "https://nas.example/a.log", "filename", "a.log", "markdown", true, "delay", "30m", "sequence_id", "disk",
		"actions", []map[string]any{{"id": "x", "action": "view", "label": "Open", "url": "https://nas.example/", "clear": true}})
	for _, op := range []string{"POST /", "PUT /"} {
		auth := "?auth=" + base64.RawURLEncoding.EncodeToString([]byte("Bearer "+r.scopes["publish"]))
		d.do(call{op: op, query: auth, body: everything, want: 200})
		d.do(call{op: op, token: limited, body: object("topic", "ops"), want: 403})
	}
	d.do(call{op: "GET /v1/health", want: 200})
}

func (d *documented) asGotify(r *rig) {
	limited := r.token(storage.Token{Scope: storage.ScopePublish, Categories: []string{"door"}})
	const op = "POST /message"
	d.do(call{op: op, query: "?category=door&token=" + r.scopes["publish"], want: 200,
		body: object("title", "Disk full", "message", "sda1", "priority", 8, "extras", map[string]any{"client::display": map[string]any{"contentType": "text/markdown"}})})
	d.do(call{op: op, header: map[string]string{"X-Gotify-Key": r.scopes["publish"], "Content-Type": "application/x-www-form-urlencoded"},
		body: "title=Disk+full&message=sda1&priority=8", want: 200})
	var parts bytes.Buffer
	form := multipart.NewWriter(&parts)
	for name, value := range map[string]string{"title": "Disk full", "message": "sda1", "priority": "8"} {
		must(d.t, form.WriteField(name, value))
	}
	must(d.t, form.Close())
	d.do(call{op: op, token: r.admin, header: map[string]string{"Content-Type": form.FormDataContentType()}, body: parts.String(), want: 200})
	d.do(call{op: op, token: r.admin, body: object("title", "x"), want: 400})
	d.do(call{op: op, token: limited, query: "?category=ops", body: object("message", "x"), want: 403})
	d.do(call{op: "GET /version", want: 200})
	d.do(call{op: "GET /health", want: 200})
}
