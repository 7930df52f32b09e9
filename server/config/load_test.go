package config

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
)

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExampleIsTheDefaults(t *testing.T) {
	const example = "../../config.example.toml"
	got, err := Load(example, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got.File = ""
	if want := Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("config.example.toml differs from the defaults:\n got %+v\nwant %+v", got, want)
	}

	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	md, err := toml.Decode(string(data), &values)
	if err != nil {
		t.Fatal(err)
	}
	var c Config
	for _, k := range keys(&c) {
		if !md.IsDefined(strings.Split(k.name, ".")...) {
			t.Errorf("config.example.toml does not list %s", k.name)
		}
	}
	for _, inactive := range []string{"# [webhook.NAME]", "# secret = "} {
		if !strings.Contains(string(data), inactive) {
			t.Errorf("config.example.toml does not mention %s", inactive)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	t.Chdir(t.TempDir())
	got, err := Load(write(t, ""), nil, nil)
	got.File = ""
	if err != nil || !reflect.DeepEqual(got, Default()) {
		t.Errorf("Load of an empty file = %+v, %v; want the defaults", got, err)
	}
	if names, problem := crossCheck(&got); len(names) > 0 {
		t.Errorf("the defaults contradict each other: %v %s", names, problem)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	want := Config{
		Listen: "[::1]:9000", BaseURL: "https://push.example.com", DataDir: "/srv/recado",
		InstanceName: "Casa", ShutdownTimeout: time.Minute,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")},
		DebugListen:    "127.0.0.1:6060",
		Log:            Log{slog.LevelDebug, "json"},
		VAPID:          VAPID{"mailto:ops@example.com"},
		Access:         Access{"0123456789abcdef", "open", "invite", []string{"https://app.example.com", "*"}},
		Push: Push{[]string{"push.example.com", "127.0.0.1", "::1"}, true, true, 10, 2 * time.Second,
			time.Hour, time.Second, time.Minute},
		Receipts:  Receipts{false},
		Retention: Retention{time.Hour, 2 * time.Hour},
		TLS:       TLS{"/c.pem", "/k.pem"},
		Metrics:   Metrics{"127.0.0.1:9090"},
	}
	file := write(t, `
listen = "[::1]:9000"
base_url = "HTTPS://Push.Example.com:443/"
data_dir = "/srv/recado"
instance_name = "Casa"
shutdown_timeout = "1m"
trusted_proxies = ["10.1.2.3/8", "192.0.2.1"]
debug_listen = "127.0.0.1:6060"
log = {level = "debug", format = "json"}
vapid.subject = "mailto:ops@example.com"
receipts.enabled = false
[access]
admin_token = "0123456789abcdef"
publish = "open"
subscribe = "invite"
cors_origins = ["https://APP.example.com", "*"]
[push]
allowed_hosts = ["push.Example.com", "127.0.0.1", "[::1]"]
allow_private_networks = true
allow_http = true
concurrency = 10
timeout = "2s"
ttl = "1h"
retry_base = "1s"
retry_max = "1m"
[retention]
deliveries = "1h"
notifications = "2h"
[tls]
cert_file = "/c.pem"
key_file = "/k.pem"
[metrics]
listen = "127.0.0.1:9090"
`)
	environ := []string{
		"RECADO_LISTEN=[::1]:9000", "RECADO_BASE_URL=https://push.example.com", "RECADO_DATA_DIR=/srv/recado",
		"RECADO_INSTANCE_NAME=Casa", "RECADO_SHUTDOWN_TIMEOUT=1m", "RECADO_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.1",
		"RECADO_DEBUG_LISTEN=127.0.0.1:6060", "RECADO_LOG_LEVEL=debug", "RECADO_LOG_FORMAT=json",
		"RECADO_VAPID_SUBJECT=mailto:ops@example.com", "RECADO_ACCESS_ADMIN_TOKEN=0123456789abcdef",
		"RECADO_ACCESS_PUBLISH=open", "RECADO_ACCESS_SUBSCRIBE=invite",
		"RECADO_ACCESS_CORS_ORIGINS=https://app.example.com,*",
		"RECADO_PUSH_ALLOWED_HOSTS=push.example.com,127.0.0.1,::1", "RECADO_PUSH_ALLOW_PRIVATE_NETWORKS=true",
		"RECADO_PUSH_ALLOW_HTTP=1", "RECADO_PUSH_CONCURRENCY=10", "RECADO_PUSH_TIMEOUT=2s", "RECADO_PUSH_TTL=1h",
		"RECADO_PUSH_RETRY_BASE=1s", "RECADO_PUSH_RETRY_MAX=1m", "RECADO_RECEIPTS_ENABLED=false",
		"RECADO_RETENTION_DELIVERIES=1h", "RECADO_RETENTION_NOTIFICATIONS=2h",
		"RECADO_TLS_CERT_FILE=/c.pem", "RECADO_TLS_KEY_FILE=/k.pem", "RECADO_METRICS_LISTEN=127.0.0.1:9090", "PATH=/bin",
	}
	for name, load := range map[string]func() (Config, error){
		"file":        func() (Config, error) { return Load(file, nil, nil) },
		"environment": func() (Config, error) { return Load(write(t, ""), nil, environ) },
	} {
		got, err := load()
		got.File = ""
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", name, got, err, want)
		}
	}
}

func TestWebhooks(t *testing.T) {
	file := write(t, `
[webhook.nas]
title = "{{.host}}: {{.event}}"
body = """
{{range .disks}}{{.name}}
{{end}}"""
url = "https://nas.lan/{{.id}}"
urgency = "high"
tag = "{{.host}}"
categories = ["ops", "Sala de estar"]
secret = "s3cret"

[webhook.empty]

[webhook."quoted"]
title = ""
`)
	got, err := Load(file, nil, nil)
	want := map[string]Webhook{
		"nas": {Title: "{{.host}}: {{.event}}", Body: "{{range .disks}}{{.name}}\n{{end}}", URL: "https://nas.lan/{{.id}}", Urgency: "high",
			Tag: "{{.host}}", Categories: []string{"ops", "Sala de estar"}, Secret: "s3cret"},
		"empty": {}, "quoted": {},
	}
	if err != nil || !reflect.DeepEqual(got.Webhooks, want) {
		t.Errorf("%+v, %v; want %+v", got.Webhooks, err, want)
	}
	for _, text := range []string{"", "[webhook]\n", "[push]\n"} {
		if got, err := Load(write(t, text), nil, nil); err != nil || got.Webhooks != nil {
			t.Errorf("%q: %+v, %v", text, got.Webhooks, err)
		}
	}
}

func TestPrecedence(t *testing.T) {
	file := write(t, `listen = "127.0.0.1:1"`)
	environ := []string{"RECADO_LISTEN=127.0.0.1:2"}
	flags := map[string]string{"listen": "127.0.0.1:3"}
	tests := []struct {
		name, file string
		flags      map[string]string
		environ    []string
		want       string
	}{
		{"flag", file, flags, environ, "127.0.0.1:3"},
		{"environment", file, nil, environ, "127.0.0.1:2"},
		{"file", file, nil, nil, "127.0.0.1:1"},
		{"file named by the environment", "", nil, []string{"RECADO_CONFIG=" + file}, "127.0.0.1:1"},
		{"default", write(t, ""), nil, nil, "127.0.0.1:8080"},
	}
	for _, tt := range tests {
		got, err := Load(tt.file, tt.flags, tt.environ)
		if err != nil || got.Listen != tt.want {
			t.Errorf("%s: listen = %q, %v; want %q", tt.name, got.Listen, err, tt.want)
		}
	}
}

func TestFileInTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("config.toml", []byte(`data_dir = "here"`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load("", nil, nil)
	if err != nil || got.DataDir != "here" || got.File != "config.toml" {
		t.Errorf("Load = %q from %q, %v", got.DataDir, got.File, err)
	}
	if _, err := Load("missing.toml", nil, nil); err == nil || !strings.Contains(err.Error(), "missing.toml") {
		t.Errorf("a named file that is missing: %v", err)
	}
}

func TestVAPIDSubject(t *testing.T) {
	tests := []struct {
		subject, baseURL, want string
		warns                  bool
	}{
		{"mailto:a@example.com", "http://localhost:8080", "mailto:a@example.com", false},
		{"mailto:a@localhost", "http://localhost:8080", "mailto:a@localhost", true},
		{"", "https://push.example.com", "https://push.example.com", false},
		{"", "http://nas.lan", "mailto:operator@example.com", true},
	}
	for _, tt := range tests {
		c := Config{BaseURL: tt.baseURL, VAPID: VAPID{tt.subject}}
		got, warning := c.VAPIDSubject()
		if got != tt.want || (warning != "") != tt.warns {
			t.Errorf("%+v: %q, %q", tt, got, warning)
		}
	}
}
