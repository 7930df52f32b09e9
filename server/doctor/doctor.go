// Package doctor looks for what will hurt: a setup that browsers or push services
// refuse, files that others can read, a database that is damaged or has no room,
// deliveries that wait for nothing. Each finding says what is wrong and what to do.
//
// It only looks, and it may run beside a server.
package doctor

import (
	"context"
	"net/http"
	"time"

	"recado/server/config"
	"recado/storage"
)

// Level is how bad a finding is.
type Level string

const (
	OK      Level = "ok"
	Skipped Level = "skipped" // it could not or should not be looked at
	Warning Level = "warning" // works, but not for everyone or not for ever
	Problem Level = "problem"
)

// Finding is what came of one check.
type Finding struct {
	Check   string `json:"check"`
	Level   Level  `json:"level"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"` // what to do; empty when nothing is
}

// Bad reports whether an operator should act on it.
func (f Finding) Bad() bool { return f.Level == Warning || f.Level == Problem }

// Store is what of the data is looked at.
type Store interface {
	Keys(ctx context.Context) ([]storage.VAPIDKey, error)
	Stats(ctx context.Context, now time.Time) (storage.Stats, error)
	// CategoriesByName returns those of the names that exist.
	CategoriesByName(ctx context.Context, names []string) ([]storage.Category, error)
}

// Patient is what is examined.
type Patient struct {
	Config config.Config
	// Store is the opened data; nil when there is none or it cannot be opened, and
	// then OpenError says why.
	Store     Store
	OpenError error
	// Damaged reports that OpenError is the file's own fault.
	Damaged bool
	// Intact checks every page of the database.
	Intact func(ctx context.Context) error
	// Running reports whether a server has the data directory's lock.
	Running bool
	Now     func() time.Time
	// Client asks base_url and push services; it must not follow redirects.
	Client *http.Client
	// Offline leaves out what asks other machines.
	Offline bool
}

// check is one thing that is looked at. It reports through its findings alone.
type check struct {
	name string
	look func(context.Context, *Patient) []Finding
}

func checks() []check {
	return []check{
		{"configuration", configuration},
		{"permissions", permissions},
		{"database", database},
		{"free space", freeSpace},
		{"keys", keys},
		{"queue", queue},
		{"webhooks", webhooks},
		{"vapid subject", vapidSubject},
		{"base url", baseURL},
		{"certificate", certificate},
		{"push services", pushServices},
	}
}

// Examine makes every check, in order.
func Examine(ctx context.Context, p *Patient) []Finding {
	var all []Finding
	for _, c := range checks() {
		for _, f := range c.look(ctx, p) {
			f.Check = c.name
			all = append(all, f)
		}
	}
	return all
}

func fine(message string) []Finding { return []Finding{{Level: OK, Message: message}} }

func skip(message string) []Finding { return []Finding{{Level: Skipped, Message: message}} }

func warn(message, remedy string) Finding {
	return Finding{Level: Warning, Message: message, Remedy: remedy}
}

func problem(message, remedy string) Finding {
	return Finding{Level: Problem, Message: message, Remedy: remedy}
}

// orFine is the findings, or that all is well when there are none.
func orFine(found []Finding, message string) []Finding {
	if len(found) == 0 {
		return fine(message)
	}
	return found
}
