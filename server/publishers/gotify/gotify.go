// Package gotify reads what publishers send to a server of Gotify's kind, and
// writes what they expect to read: https://gotify.net/docs/pushmsg.
//
// Parse looks at bytes alone and never panics, whatever they are. A body that
// begins like JSON is JSON, whatever it is called; and numbers may be strings.
package gotify

import (
	"encoding/json"
	"net/http"

	"recado/server/publishers"
	"recado/server/publishers/markdown"
	"recado/storage"
)

// Message is what is to be published, as Gotify understands it.
type Message struct {
	Title    string
	Message  string          // never empty
	Priority int             // 0 to 10 is what Gotify's own apps know
	Extras   json.RawMessage // an object; nil = none
}

// extras are those that a browser can do something with.
type extras struct {
	Display struct {
		ContentType string `json:"contentType"`
	} `json:"client::display"`
	Notification struct {
		Click struct {
			URL string `json:"url"`
		} `json:"click"`
		BigImageURL string `json:"bigImageUrl"`
	} `json:"client::notification"`
}

// Notification is what browsers get of the message: what they show and how urgent
// it is.
func (m *Message) Notification() storage.Notification {
	n := storage.Notification{Urgency: urgency(m.Priority), Content: storage.Content{Title: m.Title, Body: m.Message}}
	var e extras
	if json.Unmarshal(m.Extras, &e) != nil {
		return n // what of them has another form means something to others
	}
	if e.Display.ContentType == "text/markdown" {
		n.Body = markdown.Text(m.Message)
	}
	switch click := e.Notification.Click.URL; {
	case publishers.IsWeb(click):
		n.URL = click
	case click != "":
		n.Warnings = append(n.Warnings, "click: a browser only opens http and https addresses")
		n.Body += "\n" + click
	}
	if publishers.IsWeb(e.Notification.BigImageURL) {
		n.Image = e.Notification.BigImageURL
	}
	return n
}

func urgency(priority int) string {
	switch {
	case priority <= 0:
		return "very-low"
	case priority <= 3:
		return "low"
	case priority <= 7:
		return "normal"
	}
	return "high"
}

// Answer is a message that was published, as Gotify's JSON has it.
type Answer struct {
	ID       int64           `json:"id"`
	AppID    int64           `json:"appid"`
	Message  string          `json:"message"`
	Title    string          `json:"title"`
	Priority int             `json:"priority"`
	Extras   json.RawMessage `json:"extras,omitempty"`
	Date     string          `json:"date"` // RFC 3339
}

// Error is one of Gotify's, as its JSON has it.
type Error struct {
	Name        string `json:"error"` // the status in words
	Code        int    `json:"errorCode"`
	Description string `json:"errorDescription"`
}

func (e *Error) Error() string { return e.Description }

// StatusError is an HTTP status as Gotify tells it.
func StatusError(status int, description string) *Error {
	return &Error{http.StatusText(status), status, description}
}
