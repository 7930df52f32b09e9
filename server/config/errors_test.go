package config

import (
	"strings"
	"testing"
)

func TestFileErrorsNameFileLineAndKey(t *testing.T) {
	tests := []struct{ text, want string }{
		{"listen = \"127.0.0.1:1\"\nlisten_on = 1\n", ":2: listen_on is an unknown key"},
		{"[push]\nttl = \"1h\"\n\nconcurency = 3\n", ":4: push.concurency is an unknown key"},
		{"[pushing]\nttl = \"1h\"\n", ":1: pushing is an unknown key"},
		{"\"push.ttl\" = \"1h\"\n", ":1: \"push.ttl\" is an unknown key"},
		{"\n[storage]\nurl = \"postgres://x\"\n", ":2: storage is an unknown key"},
		{"[tls]\nacme = true\n", ":2: tls.acme is an unknown key"},
		{"push.ttl.x = 1\n", ":1: push.ttl must be a string"},
		{"\nnew.table.x = 1\n", ":2: new is an unknown key"},
		{"push = 3\n", ":1: push must be a table"},
		{"[[push]]\nttl = \"1h\"\n", ":1: push must be a table"},
		{"listen = 8080\n", ":1: listen must be a string"},
		{"listen = \"8080\"\n", ":1: listen must be host:port"},
		{"listen = \"127.0.0.1:70000\"\n", ":1: listen must end in a port"},
		{"listen = \"::1:80\"\n", ":1: listen must be host:port"},
		{"base_url = \"push.example.com\"\n", ":1: base_url must be an absolute http or https URL"},
		{"base_url = \"ftp://x\"\n", ":1: base_url must be an absolute"},
		{"base_url = \"http://x/recado\"\n", ":1: base_url must be scheme and host alone"},
		{"base_url = \"http://x?\"\n", ":1: base_url must be scheme and host alone"},
		{"base_url = \"http://me@x\"\n", ":1: base_url must be scheme and host alone"},
		{"base_url = \"http://x:0\"\n", ":1: base_url must have a port"},
		{"base_url = \"http://:80\"\n", ":1: base_url must name a host"},
		{"data_dir = \"\"\n", ":1: data_dir must be a path"},
		{"instance_name = \"a\\nb\"\n", ":1: instance_name must be one line"},
		{"shutdown_timeout = 20\n", ":1: shutdown_timeout must be a string"},
		{"shutdown_timeout = \"20\"\n", ":1: shutdown_timeout must be a duration"},
		{"shutdown_timeout = \"2h\"\n", ":1: shutdown_timeout must be from 0s to 1h, not 2h"},
		{"trusted_proxies = \"10.0.0.1\"\n", ":1: trusted_proxies must be a list"},
		{"trusted_proxies = [\n \"10.0.0.1\",\n \"nas.lan\"]\n", ":1: trusted_proxies has a bad entry 2: it must be an address or a network"},
		{"trusted_proxies = [1]\n", ":1: trusted_proxies must be a list of strings, and entry 1 is none"},
		{"debug_listen = \"0.0.0.0:6060\"\n", ":1: debug_listen must be a loopback address"},
		{"debug_listen = \"6060\"\n", ":1: debug_listen must be host:port"},
		{"[log]\nlevel = \"loud\"\n", ":2: log.level must be debug or info or warn or error, not \"loud\""},
		{"[vapid]\nsubject = \"me@example.com\"\n", ":2: vapid.subject must be a contact"},
		{"[vapid]\nsubject = \"mailto: me@example.com\"\n", ":2: vapid.subject must be a contact"},
		{"[vapid]\nsubject = \"mailto:me\"\n", ":2: vapid.subject must be a contact"},
		{"[vapid]\nsubject = \"http://example.com\"\n", ":2: vapid.subject must be a contact"},
		{"[access]\nadmin_token = \"hunter\"\n", ":2: access.admin_token must be 8 to 255"},
		{"[access]\npublish = \"all\"\n", ":2: access.publish must be token or open"},
		{"[access]\ncors_origins = [\"https://x/y\"]\n", ":2: access.cors_origins has a bad entry 1"},
		{"[push]\nallowed_hosts = []\n", ":2: push.allowed_hosts must name at least one host"},
		{"[push]\nallowed_hosts = [\"https://x\"]\n", ":2: push.allowed_hosts has a bad entry 1: it must be a host"},
		{"[push]\nallowed_hosts = [\"a.*.com\"]\n", ":2: push.allowed_hosts has a bad entry 1"},
		{"[push]\nallowed_hosts = [\"[::1\"]\n", ":2: push.allowed_hosts has a bad entry 1"},
		{"[push]\nallow_http = \"yes\"\n", ":2: push.allow_http must be true or false"},
		{"[push]\nconcurrency = 0\n", ":2: push.concurrency must be a whole number from 1 to 4096"},
		{"[push]\nconcurrency = \"9\"\n", ":2: push.concurrency must be a whole number"},
		{"[push]\ntimeout = \"10ms\"\n", ":2: push.timeout must be from 1s to 5m, not 10ms"},
		{"[push]\nttl = \"673h\"\n", ":2: push.ttl must be from 0s to 672h, not 673h"},
		{"[push]\nretry_base = \"1h\"\n", ":2: push.retry_base is out of order"},
		{"[push]\nretry_max = \"1s\"\n", ":2: push.retry_max is out of order"},
		{"[retention]\ndeliveries = \"-1h\"\n", ":2: retention.deliveries must be at least 1m, not -1h"},
		{"[tls]\ncert_file = \"c.pem\"\n", ":2: tls.cert_file needs tls.key_file"},
		{"[tls]\nkey_file = \"k.pem\"\n", ":2: tls.key_file needs tls.cert_file"},
		{"[metrics]\nlisten = \"9090\"\n", ":2: metrics.listen must be host:port"},
		{"webhook = 3\n", ":1: webhook must be a table: write [webhook.NAME]"},
		{"[webhook]\nnas = \"x\"\n", ":2: webhook.nas must be a table: write [webhook.nas]"},
		{"[webhook.\"my nas\"]\ntitle = \"x\"\n", ":1: webhook.\"my nas\" must be named with 1 to 64 letters"},
		{"[webhook.nas]\n\ntitel = \"x\"\n", ":3: webhook.nas.titel is an unknown key"},
		{"[webhook.nas]\ntitle = 3\n", ":2: webhook.nas.title must be a string"},
		{"[webhook.nas.title]\nx = 3\n", ":1: webhook.nas.title must be a string"},
		{"[webhook.nas]\ntitle = \"{{.a\"\n", ":2: webhook.nas.title is no template that works, in its line 1: unclosed action"},
		{"[webhook.nas]\nbody = \"\"\"\none\n{{if .a}}\n\"\"\"\n", ":5: webhook.nas.body is no template that works, in its line 3: unexpected EOF"},
		{"[webhook.nas]\ntag = \"{{define \\\"x\\\"}}{{end}}\"\n", ":2: webhook.nas.tag is no template that works: define and block cannot"},
		{"[webhook.nas]\nurgency = \"{{env}}\"\n", ":2: webhook.nas.urgency is no template that works, in its line 1: function \"env\" not defined"},
		{"[webhook.nas]\ncategories = \"ops\"\n", ":2: webhook.nas.categories must be a list"},
		{"[webhook.nas]\ncategories = [\"\"]\n", ":2: webhook.nas.categories has a bad entry 1"},
		{"[webhook.nas]\nsecret = \"a\\nb\"\n", ":2: webhook.nas.secret must be at most 255 bytes"},
		{"listen = \n", ":1: "},
		{"listen = \"a\"\nlisten = \"b\"\n", ":2: "},
	}
	for _, tt := range tests {
		file := write(t, tt.text)
		_, err := Load(file, nil, nil)
		if err == nil || !strings.Contains(err.Error(), file+tt.want) {
			t.Errorf("%q:\n got %v\nwant …%s", tt.text, err, tt.want)
		}
	}
}

func TestTheFirstErrorOfAFileIsReported(t *testing.T) {
	file := write(t, "zebra = 1\n[push]\nttl = 1\nant = 2\n")
	for range 20 {
		if _, err := Load(file, nil, nil); err == nil || !strings.Contains(err.Error(), ":1: zebra") {
			t.Fatalf("got %v", err)
		}
	}
}

func TestEnvironmentErrorsNameTheVariable(t *testing.T) {
	file := write(t, "")
	tests := []struct{ variable, want string }{
		{"RECADO_PUSH_CONCURRENCY=many", "RECADO_PUSH_CONCURRENCY must be a whole number"},
		{"RECADO_PUSH_ALLOW_HTTP=yes", "RECADO_PUSH_ALLOW_HTTP must be true or false"},
		{"RECADO_PUSH_ALOW_HTTP=true", "RECADO_PUSH_ALOW_HTTP stands for no key"},
		{"RECADO_TLS_CERT_FILE=x", "RECADO_TLS_CERT_FILE needs tls.key_file"},
		{"RECADO_METRICS_LISTEN=9", "RECADO_METRICS_LISTEN must be host:port"},
		{"RECADO_BASE_URL=", "RECADO_BASE_URL must be an absolute"},
	}
	for _, tt := range tests {
		_, err := Load(file, nil, []string{tt.variable})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.variable, err, tt.want)
		}
	}
	harmless := []string{"RECADO_SERVER=x", "RECADO_TOKEN=x", "RECADO_PORT=tcp://10.0.0.1:80",
		"RECADO_SERVICE_HOST=10.0.0.1", "RECADO_PORT_80_TCP=tcp://10.0.0.1:80", "RECADO_METRICS_LISTEN=", "XRECADO_X=1"}
	if _, err := Load(file, nil, harmless); err != nil {
		t.Errorf("variables that are no keys: %v", err)
	}
}

func TestFlagErrorsNameTheFlag(t *testing.T) {
	_, err := Load(write(t, ""), map[string]string{"base_url": "x"}, []string{"RECADO_LISTEN=:1"})
	if err == nil || !strings.HasPrefix(err.Error(), "--base-url must be") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	for _, text := range []string{"[access]\nadmin_token = \"hunter2 and more\"\n", "[webhook.nas]\nsecret = \"hunter2\\t\"\n"} {
		_, err := Load(write(t, text), nil, nil)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("listen = \"127.0.0.1:1\"\n[push]\nttl = \"1h\"\nallowed_hosts = [\"*\"]\n", "RECADO_BASE_URL", "http://x/")
	f.Add("push.ttl.x = 1\n", "RECADO_VAPID_SUBJECT", "mailto:a@b")
	f.Add("[[push]]\n\"\" = {a = [1]}\n", "RECADO_TRUSTED_PROXIES", "::1/64,,x")
	f.Add("webhook = 1979-05-27\n[log]\n", "RECADO_LISTEN", "[::1%25]:")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		all := keys(new(Config))
		entries, err := parseFile(text, tables(all))
		if err != nil {
			return
		}
		l := &loader{config: Default(), said: map[string]string{}}
		l.keys = keys(&l.config)
		for _, e := range entries {
			if err := l.entry("config.toml", e); err != nil && !strings.HasPrefix(err.Error(), "config.toml") {
				t.Errorf("an error that does not name the file: %v", err)
			}
		}
		_ = l.environment(map[string]string{name: value})
		// Whatever was accepted must be accepted again as it is kept.
		if again, err := webOrigin(l.config.BaseURL); err != nil || again != l.config.BaseURL {
			t.Errorf("base_url %q became %q, %v", l.config.BaseURL, again, err)
		}
		for _, host := range l.config.Push.AllowedHosts {
			if again, err := hostPattern(host); err != nil || again != host {
				t.Errorf("host %q became %q, %v", host, again, err)
			}
		}
	})
}
