package config

import (
	"log/slog"
	"math"
	"strings"
	"time"
)

// key binds one name of the configuration to its place in a Config.
type key struct {
	name string
	kind kind
	// set checks a value of the key's kind and stores it. Its error is the rest
	// of a sentence that begins with the key: "must be …".
	set func(value any) error
}

// kind is the TOML type of a key's value.
type kind int

const (
	text  kind = iota // string
	texts             // []string
	whole             // int64
	truth             // bool
)

// maxTTL is the longest a push service is asked to keep a message: 28 days,
// which all of them allow.
const maxTTL = 2419200 * time.Second

// keys is every key there is, bound to c.
func keys(c *Config) []key {
	return []key{
		oneText("listen", &c.Listen, hostPort),
		oneText("base_url", &c.BaseURL, webOrigin),
		oneText("data_dir", &c.DataDir, filePath),
		oneText("instance_name", &c.InstanceName, title),
		oneText("shutdown_timeout", &c.ShutdownTimeout, between(0, time.Hour)),
		manyTexts("trusted_proxies", &c.TrustedProxies, network),
		oneText("debug_listen", &c.DebugListen, optional(loopbackHostPort)),

		oneText("log.level", &c.Log.Level, logLevel),
		oneText("log.format", &c.Log.Format, choice("text", "json")),

		oneText("vapid.subject", &c.VAPID.Subject, optional(subject)),

		oneText("access.admin_token", &c.Access.AdminToken, optional(token)),
		oneText("access.publish", &c.Access.Publish, choice("token", "open")),
		oneText("access.subscribe", &c.Access.Subscribe, choice("open", "invite")),
		manyTexts("access.cors_origins", &c.Access.CORSOrigins, corsOrigin),

		atLeastOne(manyTexts("push.allowed_hosts", &c.Push.AllowedHosts, hostPattern)),
		yesNo("push.allow_private_networks", &c.Push.AllowPrivateNetworks),
		yesNo("push.allow_http", &c.Push.AllowHTTP),
		number("push.concurrency", &c.Push.Concurrency, 1, 4096),
		oneText("push.timeout", &c.Push.Timeout, between(time.Second, 5*time.Minute)),
		oneText("push.ttl", &c.Push.TTL, between(0, maxTTL)),
		oneText("push.retry_base", &c.Push.RetryBase, between(time.Millisecond, maxTTL)),
		oneText("push.retry_max", &c.Push.RetryMax, between(time.Millisecond, maxTTL)),

		yesNo("receipts.enabled", &c.Receipts.Enabled),

		oneText("retention.deliveries", &c.Retention.Deliveries, between(time.Minute, math.MaxInt64)),
		oneText("retention.notifications", &c.Retention.Notifications, between(time.Minute, math.MaxInt64)),

		oneText("tls.cert_file", &c.TLS.CertFile, optional(filePath)),
		oneText("tls.key_file", &c.TLS.KeyFile, optional(filePath)),

		oneText("metrics.listen", &c.Metrics.Listen, optional(hostPort)),
	}
}

// crossCheck finds what is wrong with keys that depend on each other. It
// returns their names, the one to blame first, and the rest of the sentence.
func crossCheck(c *Config) (names []string, problem string) {
	switch {
	case c.Push.RetryBase > c.Push.RetryMax:
		return []string{"push.retry_base", "push.retry_max"},
			"is out of order: push.retry_base (" + c.Push.RetryBase.String() + ") may not be above push.retry_max (" + c.Push.RetryMax.String() + ")"
	case c.TLS.CertFile != "" && c.TLS.KeyFile == "":
		return []string{"tls.cert_file"}, "needs tls.key_file beside it"
	case c.TLS.KeyFile != "" && c.TLS.CertFile == "":
		return []string{"tls.key_file"}, "needs tls.cert_file beside it"
	}
	return nil, ""
}

// variable is the environment variable of a key.
func variable(name string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
}

// flagName is the flag of a key that has one.
func flagName(name string) string { return "--" + strings.ReplaceAll(name, "_", "-") }

func logLevel(s string) (slog.Level, error) {
	name, err := choice("debug", "info", "warn", "error")(s)
	if err != nil {
		return 0, err
	}
	var level slog.Level
	return level, level.UnmarshalText([]byte(name))
}
