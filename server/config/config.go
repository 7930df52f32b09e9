// Package config says how recado is to run. It promises that a Config that Load
// returns is complete and valid, and that a key which is unknown, malformed or
// out of range is an error that names where it stands: the file with its line,
// the environment variable or the flag.
package config

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"
)

// Config is every key of the configuration, under the names of the file.
type Config struct {
	// File is where it was read from; empty when there is no file.
	File string

	Listen  string // host:port
	BaseURL string // an origin as browsers write it: no path, no trailing slash, no default port
	DataDir string

	InstanceName    string
	ShutdownTimeout time.Duration
	TrustedProxies  []netip.Prefix
	DebugListen     string // host:port on loopback; empty = none

	Log       Log
	VAPID     VAPID
	Access    Access
	Push      Push
	Receipts  Receipts
	Retention Retention
	TLS       TLS
	Metrics   Metrics
	Webhooks  map[string]Webhook // by name
}

// Log is how the server writes its log.
type Log struct {
	Level  slog.Level
	Format string // text or json
}

// VAPID is how the server presents itself to push services (RFC 8292).
type VAPID struct {
	Subject string // mailto: or https:; empty = see Config.VAPIDSubject
}

// Access is who may do what.
type Access struct {
	AdminToken  string   // a secret; empty = made on the first run
	Publish     string   // token or open
	Subscribe   string   // open or invite
	CORSOrigins []string // origins as browsers write them, or "*"
}

// Push is how messages go to push services.
type Push struct {
	AllowedHosts         []string // lower case: "*", "*.example.com", "push.example.com", an IP literal without brackets
	AllowPrivateNetworks bool
	AllowHTTP            bool
	Concurrency          int           // 1 to 4096
	Timeout              time.Duration // 1 s to 5 min
	TTL                  time.Duration // 0 s to 28 days
	RetryBase            time.Duration // at least 1 ms, never above RetryMax
	RetryMax             time.Duration
}

// Receipts is whether messages carry one.
type Receipts struct {
	Enabled bool
}

// Retention is how long history is kept.
type Retention struct {
	Deliveries    time.Duration
	Notifications time.Duration
}

// TLS names the files of the certificate: both, or neither.
type TLS struct {
	CertFile string
	KeyFile  string
}

// Metrics is where Prometheus finds /metrics.
type Metrics struct {
	Listen string // host:port of a listener of its own; empty = Config.Listen, with a token
}

// Default is the configuration of a server that was told nothing.
func Default() Config {
	return Config{
		Listen:          "127.0.0.1:8080",
		BaseURL:         "http://localhost:8080",
		DataDir:         "data",
		InstanceName:    "recado",
		ShutdownTimeout: 20 * time.Second,
		Log:             Log{Level: slog.LevelInfo, Format: "text"},
		Access:          Access{Publish: "token", Subscribe: "open"},
		Push: Push{
			// Whole vendors, because they move their push services between hosts.
			AllowedHosts: []string{"*.googleapis.com", "*.google.com", "*.mozilla.com", "*.mozaws.net",
				"*.apple.com", "*.windows.com", "*.microsoft.com"},
			Concurrency: 256,
			Timeout:     15 * time.Second,
			TTL:         24 * time.Hour,
			RetryBase:   2 * time.Second,
			RetryMax:    15 * time.Minute,
		},
		Receipts:  Receipts{Enabled: true},
		Retention: Retention{Deliveries: 720 * time.Hour, Notifications: 8760 * time.Hour},
	}
}

// placeholderSubject stands in when nobody said whom a push service may ask.
const placeholderSubject = "mailto:operator@example.com"

// VAPIDSubject is the contact that push services see (RFC 8292 §2.1), and a
// sentence for the operator when that contact may be refused; otherwise the
// warning is empty.
func (c Config) VAPIDSubject() (subject, warning string) {
	switch {
	case c.VAPID.Subject != "" && strings.HasSuffix(strings.ToLower(c.VAPID.Subject), "@localhost"):
		return c.VAPID.Subject, "vapid.subject ends in @localhost, which Apple refuses: give an address that reaches you"
	case c.VAPID.Subject != "":
		return c.VAPID.Subject, ""
	case strings.HasPrefix(c.BaseURL, "https://"):
		return c.BaseURL, ""
	}
	return placeholderSubject, "vapid.subject is not set and base_url is not https: push services are told " +
		placeholderSubject + ", which Apple may refuse; set vapid.subject to a mailto: or https: contact of yours"
}
