package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"recado/server/live"
	"recado/storage"
)

const (
	badSince        = "must be a seq: a number, 0 or more"
	badNotification = "must be a notification's id"
)

// liveQuery reads what a viewer asks for. The error is a *Refusal that names
// everything that is wrong.
func liveQuery(q url.Values) (f storage.ChangeFilter, since int64, err error) {
	wrong := &Refusal{Status: http.StatusBadRequest}
	since = live.FromNow
	if text := q.Get("since"); text != "" {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			wrong.add("since", badSince)
		}
		since = int64(n)
	}
	if text := q.Get("notification"); text != "" {
		if f.Notification, err = notificationID(text); err != nil {
			wrong.add("notification", badNotification)
		}
	}
	if text := q.Get("event"); text != "" {
		if f.Events, err = eventSet(strings.Split(text, ",")); err != nil {
			wrong.add("event", err.Error())
		}
	}
	f.Category = q.Get("category")
	if len(wrong.Fields) > 0 {
		return storage.ChangeFilter{}, 0, wrong
	}
	return f, since, nil
}

// notificationID reads an id in its usual form.
func notificationID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil || len(text) != 36 {
		return uuid.Nil, errors.New(badNotification)
	}
	return id, nil
}

// eventSet is the set of these events; that of none has all. Its error follows the
// field's name.
func eventSet(names []string) (set storage.EventSet, err error) {
	for _, name := range names {
		event, ok := storage.ParseEvent(strings.TrimSpace(name))
		if !ok {
			return 0, fmt.Errorf("must be some of %s", strings.Join(everyEvent(), ", "))
		}
		set |= storage.Events(event)
	}
	return set, nil
}

func everyEvent() []string {
	var names []string
	for e := storage.EventRetrying; e <= storage.EventClosed; e++ {
		names = append(names, e.String())
	}
	return names
}

// liveMessage reads what a viewer sends: the filter that it wants from now on. The
// error is for the viewer.
func liveMessage(text []byte) (f storage.ChangeFilter, err error) {
	var m struct {
		Type         string   `json:"type"`
		Notification string   `json:"notification"` // null = "" = any
		Event        []string `json:"event"`
		Category     string   `json:"category"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return f, errors.New("not a filter message")
	}
	if _, err := d.Token(); err != io.EOF || m.Type != "filter" {
		return f, errors.New("not a filter message")
	}
	if m.Notification != "" {
		if f.Notification, err = notificationID(m.Notification); err != nil {
			return f, errors.New("notification " + badNotification)
		}
	}
	if f.Events, err = eventSet(m.Event); err != nil {
		return f, errors.New("event " + err.Error())
	}
	f.Category = m.Category
	return f, nil
}
