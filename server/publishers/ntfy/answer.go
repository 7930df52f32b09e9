package ntfy

import (
	"time"

	"recado/server/publishers"
)

// Answer is a message that was published, as ntfy's JSON has it. Times are in
// seconds of the Unix epoch.
type Answer struct {
	ID          string      `json:"id"`
	Time        int64       `json:"time"`    // when it is sent
	Expires     int64       `json:"expires"` // when it is not tried any more
	Event       string      `json:"event"`   // always "message"
	Topic       string      `json:"topic"`
	Title       string      `json:"title,omitempty"`
	Message     string      `json:"message"`
	Priority    int         `json:"priority,omitempty"`
	Tags        []string    `json:"tags,omitempty"`
	Click       string      `json:"click,omitempty"`
	Icon        string      `json:"icon,omitempty"`
	Actions     []Action    `json:"actions,omitempty"`
	Attachment  *Attachment `json:"attachment,omitempty"`
	ContentType string      `json:"content_type,omitempty"` // of the message, if it is not plain text
}

// Attachment is a file elsewhere.
type Attachment struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// maxEcho is how many bytes of a text are told back, which is as long as ntfy lets
// one be.
const maxEcho = 4096

// Answer tells the publisher what became of the message.
func (m *Message) Answer(id string, due, expires time.Time) Answer {
	a := Answer{
		ID: id, Time: due.Unix(), Expires: expires.Unix(), Event: "message", Topic: m.Topic,
		Title: publishers.Cut(m.Title, maxEcho), Message: publishers.Cut(m.Message, maxEcho),
		Priority: m.Priority, Tags: m.Tags, Click: m.Click, Icon: m.Icon, Actions: m.Actions,
	}
	if m.Attach != "" {
		a.Attachment = &Attachment{Name: m.Filename, URL: m.Attach}
	}
	if m.Markdown {
		a.ContentType = "text/markdown"
	}
	return a
}
