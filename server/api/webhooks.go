package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"recado/server/publishers/webhook"
)

// maxReceived bounds the payloads that are kept of all webhooks together, in bytes.
const maxReceived = 8 << 20

// received is what came last for each webhook of the configuration, for the operator
// to try templates on. It is in memory alone, and in no log.
type received struct {
	mu   sync.Mutex
	last map[string]arrival // by the webhook's name
}

// arrival is one request to a webhook.
type arrival struct {
	at      time.Time
	request webhook.Request // without a body where there was no room for it
	sender  string          // the product that sent it, as far as it is known
	err     string          // what its templates said; empty = it was read
}

// note keeps what has come. It reports whether the templates fail otherwise than they
// did before.
func (k *received) note(name string, r webhook.Request, sender string, err error, now time.Time) (news bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := arrival{at: now, request: webhook.Request{Header: recognised(r.Header), Body: r.Body}, sender: sender}
	if err != nil {
		a.err = err.Error()
	}
	if k.last == nil {
		k.last = map[string]arrival{}
	}
	news = a.err != "" && a.err != k.last[name].err
	k.last[name] = a
	k.makeRoom()
	return news
}

// makeRoom forgets the oldest payloads, so that the others fit.
func (k *received) makeRoom() {
	size, names := 0, slices.Collect(maps.Keys(k.last))
	slices.SortFunc(names, func(x, y string) int { return k.last[y].at.Compare(k.last[x].at) })
	for _, name := range names {
		a := k.last[name]
		if size += len(a.request.Body); size > maxReceived {
			a.request.Body = nil
			k.last[name] = a
		}
	}
}

// recognised are the headers that senders are known by. Others may hold secrets and
// are not kept.
func recognised(h http.Header) http.Header {
	kept := http.Header{}
	for name, values := range h {
		if name == "Content-Type" || name == "User-Agent" || strings.HasPrefix(name, "X-") && strings.Contains(name, "-Event") {
			kept[name] = values
		}
	}
	return kept
}

func (k *received) of(name string) (arrival, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.last[name]
	return a, ok
}

// webhookItem is a webhook of the configuration as /v1 shows it.
type webhookItem struct {
	Name           string   `json:"name"`
	Title          string   `json:"title"`
	Body           string   `json:"body"`
	URL            string   `json:"url"`
	Urgency        string   `json:"urgency"`
	Tag            string   `json:"tag"`
	Categories     []string `json:"categories"`
	HasSecret      bool     `json:"has_secret"`
	LastReceivedAt stamp    `json:"last_received_at"`
	LastSender     string   `json:"last_sender"`
	LastError      string   `json:"last_error"`
}

// ListWebhooks answers GET /v1/webhooks, by name.
func (a *API) ListWebhooks(_ http.ResponseWriter, r *http.Request) (Answer, error) {
	names := slices.Sorted(maps.Keys(a.o.Webhooks))
	at := func(name *string) place { return place{int64(len(names) - slices.Index(names, *name)), *name} }
	page, err := partOf(readQuery(r), "webhooks", names, at, a.webhookItem)
	return ok(page), err
}

func (a *API) webhookItem(name *string) webhookItem {
	w := a.o.Webhooks[*name]
	last, _ := a.received.of(*name)
	f := w.Fields
	return webhookItem{Name: *name, Title: f.Title, Body: f.Body, URL: f.URL, Urgency: f.Urgency, Tag: f.Tag,
		Categories: listed(w.Categories), HasSecret: w.Secret != "",
		LastReceivedAt: stamp(last.at), LastSender: last.sender, LastError: last.err}
}

// webhookPreview is what to try: templates, in place of those that the webhook of
// that name has, and a payload, in place of the last that came.
type webhookPreview struct {
	Name    string          `json:"name"`
	Title   *string         `json:"title"`
	Body    *string         `json:"body"`
	URL     *string         `json:"url"`
	Urgency *string         `json:"urgency"`
	Tag     *string         `json:"tag"`
	Payload json.RawMessage `json:"payload"`
}

// webhookShown is what they make of it.
type webhookShown struct {
	Sender     string `json:"sender"`
	Title      string `json:"title"`
	Body       string `json:"body"`
	URL        string `json:"url"`
	Urgency    string `json:"urgency"`
	Tag        string `json:"tag"`
	ReceivedAt stamp  `json:"received_at"` // of the payload, if it is one that came
}

// PreviewWebhook answers POST /v1/webhooks/preview. Nothing is published.
func (a *API) PreviewWebhook(w http.ResponseWriter, r *http.Request) (Answer, error) {
	var in webhookPreview
	wrong, err := decodeStrict(w, r, &in)
	if err != nil {
		return Answer{}, err
	}
	request, at := a.previewed(&in, &wrong)
	template, err := webhook.NewTemplate(in.over(a.o.Webhooks[in.Name].Fields))
	wrong.templates(err)
	if err := badFields(wrong); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), templateTime)
	defer cancel()
	m, err := template.Read(ctx, request)
	wrong.templates(err)
	if err := badFields(wrong); err != nil {
		return Answer{}, err
	}
	return ok(webhookShown{m.Sender, m.Title, m.Body, m.URL, m.Urgency, m.Tag, stamp(at)}), nil
}

// previewed is what the templates are tried on, and when it came.
func (a *API) previewed(in *webhookPreview, wrong *problems) (r webhook.Request, at time.Time) {
	if _, known := a.o.Webhooks[in.Name]; in.Name != "" && !known {
		wrong.add("name", "is that of no webhook in the configuration")
		return r, at
	}
	if len(in.Payload) > 0 {
		r.Body = in.Payload
		var text string
		if json.Unmarshal(in.Payload, &text) == nil { // a text, a form, or JSON in quotes
			r.Body = []byte(text)
		}
		return r, at
	}
	last, _ := a.received.of(in.Name)
	if last.request.Body == nil {
		wrong.add("payload", "is required: nothing has come for this webhook since the server started")
	}
	return last.request, last.at
}

// over are the templates to try over those that there are.
func (in *webhookPreview) over(f webhook.Fields) webhook.Fields {
	for _, field := range []struct {
		given *string
		into  *string
	}{{in.Title, &f.Title}, {in.Body, &f.Body}, {in.URL, &f.URL}, {in.Urgency, &f.Urgency}, {in.Tag, &f.Tag}} {
		if field.given != nil {
			*field.into = *field.given
		}
	}
	return f
}

// templates adds what is wrong with templates, or with the payload.
func (p *problems) templates(err error) {
	var wrong webhook.TemplateErrors
	switch {
	case errors.As(err, &wrong):
		for _, e := range wrong {
			where := "fails: "
			if e.Line > 0 {
				where = fmt.Sprintf("fails in line %d: ", e.Line)
			}
			p.add(e.Field, where+e.Message)
		}
	case err != nil:
		p.add("payload", err.Error())
	}
}
