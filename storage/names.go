package storage

import (
	"slices"

	"github.com/google/uuid"
)

// NotificationName is what someone who is shown a delivery wants to know of its
// notification.
type NotificationName struct {
	Key   int64
	ID    uuid.UUID
	Title string
	// Everyone: its target is everyone; otherwise Categories are those that it is
	// addressed to, by the names that they have now.
	Everyone   bool
	Categories []string
}

// Addresses reports whether a notification is to the category, or to everyone.
func (n *NotificationName) Addresses(category string) bool {
	return n.Everyone || slices.Contains(n.Categories, category)
}

// SubscriptionName is the same of its subscription, which may have been removed.
type SubscriptionName struct {
	Key     int64
	ID      uuid.UUID
	Label   string
	Service string
}
