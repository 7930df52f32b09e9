package delivery

import (
	"recado/server/push"
	"recado/storage"
)

// Composer turns notifications into the messages that browsers read.
type Composer struct {
	BaseURL      string    // where a declarative message without url leads
	InstanceName string    // the title of a message that has none
	Receipts     *Receipts // nil: messages carry no receipt
}

// Size is how many octets of payload n takes in one of the two forms.
func (c *Composer) Size(n *storage.Notification, declarative bool) int {
	receipt := 0
	if c.Receipts != nil {
		receipt = ReceiptLen
	}
	p := c.payload(n)
	return p.Size(declarative, receipt)
}

func (c *Composer) payload(n *storage.Notification) push.Payload {
	content := push.Content{
		ID:    n.ID.String(),
		Title: n.Title, Body: n.Body, URL: n.URL, Icon: n.Icon, Image: n.Image, Badge: n.Badge,
		Tag: n.Tag, Lang: n.Lang, Dir: n.Dir,
		Silent: n.Silent, RequireInteraction: n.RequireInteraction, Renotify: n.Renotify,
		Vibrate: n.Vibrate, Data: n.Data,
	}
	if content.Title == "" {
		content.Title = c.InstanceName
	}
	for _, a := range n.Actions {
		content.Actions = append(content.Actions, push.Action(a))
	}
	return push.NewPayload(content, c.BaseURL)
}

// finish is the payload for one delivery.
func (c *Composer) finish(p *push.Payload, notificationKey int64, to storage.Recipient) []byte {
	receipt := ""
	if c.Receipts != nil {
		receipt = c.Receipts.Make(notificationKey, to.Key)
	}
	if to.Declarative {
		return p.Declarative(receipt)
	}
	return p.Usual(receipt)
}
