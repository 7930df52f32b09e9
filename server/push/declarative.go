package push

import (
	"encoding/json"
	"net/url"
)

// webPush is the number that marks a declarative message (WebKit's Declarative
// Web Push; the number is that of RFC 8030).
const webPush = 8030

type declarativeMessage struct {
	WebPush      int                     `json:"web_push"`
	Notification declarativeNotification `json:"notification"`
	ID           string                  `json:"id,omitempty"`
}

type declarativeNotification struct {
	Title              string              `json:"title"`
	Body               string              `json:"body"`
	Navigate           string              `json:"navigate"`
	Lang               string              `json:"lang,omitempty"`
	Dir                string              `json:"dir,omitempty"`
	Tag                string              `json:"tag,omitempty"`
	Icon               string              `json:"icon,omitempty"`
	Badge              string              `json:"badge,omitempty"`
	Image              string              `json:"image,omitempty"`
	Silent             bool                `json:"silent,omitempty"`
	RequireInteraction bool                `json:"requireInteraction,omitempty"`
	Renotify           bool                `json:"renotify,omitempty"`
	Vibrate            []int               `json:"vibrate,omitempty"`
	Actions            []declarativeAction `json:"actions,omitempty"`
	Data               json.RawMessage     `json:"data,omitempty"`
}

type declarativeAction struct {
	Action   string `json:"action"`
	Title    string `json:"title"`
	Navigate string `json:"navigate"`
	Icon     string `json:"icon,omitempty"`
}

// declarativeForm leaves out whatever a browser might not accept, because one bad
// member voids the whole message.
func declarativeForm(c Content, baseURL string) any {
	base, err := url.Parse(baseURL)
	if err != nil || base.Host == "" {
		base = nil
	}
	n := declarativeNotification{
		Title:              c.Title,
		Body:               c.Body,
		Navigate:           absolute(base, c.URL),
		Lang:               c.Lang,
		Tag:                c.Tag,
		Icon:               absolute(base, c.Icon),
		Badge:              absolute(base, c.Badge),
		Image:              absolute(base, c.Image),
		Silent:             c.Silent,
		RequireInteraction: c.RequireInteraction,
		Renotify:           c.Renotify && c.Tag != "", // an error without a tag (Notifications API)
		Data:               c.Data,
	}
	if n.Navigate == "" {
		n.Navigate = baseURL
	}
	if n.Title == "" && base != nil { // an empty title voids the message too
		n.Title = base.Hostname()
	}
	if c.Dir == "auto" || c.Dir == "ltr" || c.Dir == "rtl" {
		n.Dir = c.Dir
	}
	if !c.Silent { // both at once are an error (Notifications API)
		n.Vibrate = c.Vibrate
	}
	for _, a := range c.Actions {
		navigate := absolute(base, a.URL)
		if navigate == "" {
			navigate = n.Navigate
		}
		n.Actions = append(n.Actions, declarativeAction{a.Action, a.Title, navigate, absolute(base, a.Icon)})
	}
	return declarativeMessage{webPush, n, c.ID}
}
