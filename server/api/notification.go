package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/storage"
)

const (
	maxTTL         = 2419200 // 28 days, in seconds
	maxTopic       = 32      // RFC 8030 §5.4
	maxActions     = 10
	maxVibrate     = 99     // entries; browsers use no more
	maxVibrateMS   = 10_000 // of one entry; browsers use no more
	maxLang        = 35     // RFC 5646 §4.4.1
	maxTargeted    = 1000   // entries of each list of a target
	maxSchedule    = 366 * 24 * time.Hour
	defaultUrgency = "normal"
)

// notificationBody is a notification as a publisher writes it. null is as good
// as nothing.
type notificationBody struct {
	storage.Content
	TTL         *int64      `json:"ttl"` // s
	Urgency     string      `json:"urgency"`
	Topic       string      `json:"topic"`
	Target      *targetBody `json:"target"`
	ScheduledAt string      `json:"scheduled_at"`
	ExpiresAt   string      `json:"expires_at"`
	Repeat      string      `json:"repeat"`
	TimeZone    string      `json:"time_zone"`
}

type targetBody struct {
	All           bool     `json:"all"`
	Categories    []string `json:"categories"`
	Users         []string `json:"users"`
	Subscriptions []string `json:"subscriptions"`
}

// check returns the notification that the body describes, accepted at now, and
// everything that is wrong with it.
func (a *API) check(b *notificationBody, now time.Time) (storage.Notification, problems) {
	var wrong problems
	n := storage.Notification{
		Content:   b.Content,
		TTL:       wrong.ttl(b.TTL, a.o.TTL),
		Urgency:   wrong.urgency(b.Urgency),
		Topic:     b.Topic,
		Target:    wrong.target(b.Target),
		CreatedAt: now,
	}
	n.Data = wrong.data(b.Data)
	wrong.content(&n.Content)
	wrong.topic(b.Topic)
	wrong.times(&n, b.ScheduledAt, b.ExpiresAt)
	a.repeats(&wrong, &n, b.Repeat, b.TimeZone)
	return n, wrong
}

// repeats sets when a repeating one comes due first.
func (a *API) repeats(wrong *problems, n *storage.Notification, repeat, timeZone string) {
	checked := repeat
	if repeat == "" {
		checked = "0 0 * * *" // any: a time zone is checked also where it has no use
	}
	if repeat == "" && timeZone == "" {
		return
	}
	if err := a.o.CheckRepeat(checked, timeZone); err != nil {
		var field *FieldError
		if !errors.As(err, &field) {
			field = &FieldError{"repeat", err.Error()}
		}
		*wrong = append(*wrong, *field)
		return
	}
	if repeat == "" {
		n.Warnings = append(n.Warnings, "time_zone has no effect without repeat")
		return
	}
	n.Repeat, n.TimeZone = repeat, timeZone
	// scheduled_at is the first moment that counts.
	n.NextAt = a.o.NextRun(repeat, timeZone, n.DueAt.Add(-time.Millisecond))
	switch {
	case n.NextAt.IsZero():
		wrong.add("repeat", "never comes due")
	case !n.ExpiresAt.IsZero() && !n.NextAt.Before(n.ExpiresAt):
		wrong.add("repeat", "does not come due before expires_at")
	}
	n.DueAt = n.NextAt
}

func (p *problems) content(c *storage.Content) {
	p.text("title", c.Title)
	p.text("body", c.Body)
	p.text("tag", c.Tag)
	p.url("url", c.URL)
	p.url("icon", c.Icon)
	p.url("image", c.Image)
	p.url("badge", c.Badge)
	if strings.Trim(c.Lang, alphanumeric+"-") != "" || len(c.Lang) > maxLang {
		p.add("lang", "must be a language tag such as en or pt-BR")
	}
	if !slices.Contains([]string{"", "auto", "ltr", "rtl"}, c.Dir) {
		p.add("dir", "must be auto, ltr or rtl")
	}
	p.vibrate(c.Vibrate)
	p.actions(c.Actions)
}

func (p *problems) vibrate(pattern []int) {
	if len(pattern) > maxVibrate {
		p.add("vibrate", fmt.Sprintf("must have at most %d entries", maxVibrate))
	}
	if slices.ContainsFunc(pattern, func(ms int) bool { return ms < 0 || ms > maxVibrateMS }) {
		p.add("vibrate", fmt.Sprintf("must hold milliseconds from 0 to %d", maxVibrateMS))
	}
}

func (p *problems) actions(actions []storage.Action) {
	if len(actions) > maxActions {
		p.add("actions", fmt.Sprintf("must have at most %d entries", maxActions))
		return
	}
	seen := map[string]bool{}
	for i, a := range actions {
		at := fmt.Sprintf("actions[%d].", i)
		switch {
		case a.Action == "":
			// A click on the notification itself is the action "".
			p.add(at+"action", "is required")
		case seen[a.Action]:
			p.add(at+"action", "is the same as another one's")
		}
		seen[a.Action] = true
		if a.Title == "" {
			p.add(at+"title", "is required")
		}
		p.text(at+"action", a.Action)
		p.text(at+"title", a.Title)
		p.url(at+"icon", a.Icon)
		p.url(at+"url", a.URL)
	}
}

// data returns the object without its blanks; nil = none.
func (p *problems) data(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var compact bytes.Buffer
	if raw[0] != '{' || json.Compact(&compact, raw) != nil {
		p.add("data", "must be an object")
		return nil
	}
	return compact.Bytes()
}

func (p *problems) ttl(seconds *int64, otherwise time.Duration) time.Duration {
	switch {
	case seconds == nil:
		return otherwise
	case *seconds < 0 || *seconds > maxTTL:
		p.add("ttl", fmt.Sprintf("must be seconds from 0 to %d", maxTTL))
		return otherwise
	}
	return time.Duration(*seconds) * time.Second
}

func (p *problems) urgency(s string) string {
	switch s {
	case "":
		return defaultUrgency
	case "very-low", "low", "normal", "high": // RFC 8030 §5.3
	default:
		p.add("urgency", "must be very-low, low, normal or high")
	}
	return s
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func (p *problems) topic(s string) {
	// strings.Trim takes away every character only if all of them are good.
	if len(s) > maxTopic || strings.Trim(s, alphanumeric+"-_") != "" {
		p.add("topic", fmt.Sprintf("must be 1 to %d characters of base64url", maxTopic))
	}
}

// target: none is everyone. One that names nobody is refused, for a script whose
// list came out empty does not mean everyone.
func (p *problems) target(b *targetBody) storage.Target {
	if b == nil {
		return storage.Target{}
	}
	if p.atMost(maxTargeted, "target.categories", b.Categories) {
		p.names("target.categories", b.Categories)
	}
	if p.atMost(maxTargeted, "target.users", b.Users) {
		p.names("target.users", b.Users)
	}
	t := storage.Target{Categories: unique(b.Categories), Users: unique(b.Users)}
	if p.atMost(maxTargeted, "target.subscriptions", b.Subscriptions) {
		t.Subscriptions = p.ids("target.subscriptions", b.Subscriptions)
	}
	some := len(b.Categories)+len(b.Users)+len(b.Subscriptions) > 0
	switch {
	case b.All && some:
		p.add("target", "must be either all, or categories, users and subscriptions")
	case !b.All && !some:
		p.add("target", `names nobody: leave it out, or say {"all": true}, for everyone`)
	}
	return t
}

// atMost reports whether a list is not too long to be looked at.
func (p *problems) atMost(max int, field string, list []string) bool {
	if len(list) > max {
		p.add(field, fmt.Sprintf("must have at most %d entries", max))
	}
	return len(list) <= max
}

// ids reads the ids of subscriptions.
func (p *problems) ids(field string, texts []string) []uuid.UUID {
	var ids []uuid.UUID
	for i, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			p.add(fmt.Sprintf("%s[%d]", field, i), "must be a subscription's id")
		}
		ids = append(ids, id)
	}
	return ids
}

// times sets when it is due and when it ends.
func (p *problems) times(n *storage.Notification, scheduledAt, expiresAt string) {
	n.DueAt = n.CreatedAt
	if at, ok := p.time("scheduled_at", scheduledAt); ok {
		switch {
		case at.After(n.CreatedAt.Add(maxSchedule)):
			p.add("scheduled_at", "must be at most a year ahead")
		case at.After(n.CreatedAt): // the past is now
			n.ScheduledAt, n.DueAt = at, at
		}
	}
	if at, ok := p.time("expires_at", expiresAt); ok {
		if n.ExpiresAt = at; !at.After(n.DueAt) {
			p.add("expires_at", "must be in the future, and after scheduled_at")
		}
	}
}

// time reads RFC 3339 in any zone, in UTC and ms; ok is false without a time.
func (p *problems) time(field, s string) (at time.Time, ok bool) {
	if s == "" {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		p.add(field, "must be a time as RFC 3339 writes it, such as 2030-01-31T08:00:00Z")
		return time.Time{}, false
	}
	at = at.UTC().Truncate(time.Millisecond)
	// RFC 3339 §1 writes four digits, and an offset can lead beyond them.
	if at.Year() < 1970 || at.Year() > 9999 {
		p.add(field, "must be in the years 1970 to 9999 of UTC")
		return time.Time{}, false
	}
	return at, true
}
