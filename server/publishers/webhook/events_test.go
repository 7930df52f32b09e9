package webhook

import (
	"net/http"
	"strings"
	"testing"
)

// event is a request that is made here, and what it reads like.
type event struct {
	name   string
	header string // "Name: value", one a line
	body   string
	want   string // title | body, lines with / | url | urgency
}

func (e event) request() Request {
	r := Request{Header: http.Header{}, Body: []byte(e.body)}
	for h := range strings.SplitSeq(e.header, "\n") {
		if name, value, ok := strings.Cut(h, ": "); ok {
			r.Header.Set(strings.TrimSpace(name), value)
		}
	}
	return r
}

func readEvents(t *testing.T, events []event) {
	t.Helper()
	for _, e := range events {
		m, err := Read(e.request())
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		got := strings.Join([]string{m.Title, strings.ReplaceAll(m.Body, "\n", " / "), m.URL, m.Urgency}, " | ")
		if got != e.want {
			t.Errorf("%s:\n got %s\nwant %s", e.name, got, e.want)
		}
		check(t, e.name, m)
	}
}

const labels = `"labels":{"alertname":"InstanceDown","instance":"nas:9100","severity":"critical"},"annotations":{"summary":"nas is gone"}`

func TestAlerts(t *testing.T) {
	readEvents(t, []event{
		{"one", "", `{"receiver":"r","status":"firing","groupKey":"g","externalURL":"http://am:9093","alerts":[{"status":"firing",` + labels + `,"generatorURL":"http://prom:9090/graph"}]}`,
			"Firing: InstanceDown (nas) | nas is gone | http://prom:9090/graph | high"},
		{"resolved", "", `{"receiver":"r","status":"resolved","groupKey":"g","externalURL":"http://am:9093","alerts":[{"status":"resolved",` + labels + `}]}`,
			"Resolved: InstanceDown (nas) | nas is gone | http://am:9093 | normal"},
		{"some of each", "", `{"status":"firing","groupKey":"g","alerts":[{"status":"resolved",` + labels + `},{"status":"firing","labels":{"alertname":"InstanceDown","instance":"pi","severity":"warning"}}]}`,
			"1 firing, 1 resolved: InstanceDown | pi: instance = pi / Resolved: nas: nas is gone |  | normal"},
		{"summary and description", "", `{"status":"firing","alerts":[{"labels":{"alertname":"Disk","severity":"info"},"annotations":{"summary":"Disk nearly full","description":"sda1 at 95 %"}}]}`,
			"Firing: Disk | Disk nearly full / sda1 at 95 % |  | low"},
		{"many", "", `{"status":"firing","truncatedAlerts":3,"alerts":[` + strings.TrimSuffix(strings.Repeat(`{"labels":{"alertname":"A","host":"h"},"annotations":{"summary":"s"}},`, 10), ",") + `]}`,
			"10 firing: A | h: s / h: s / h: s / h: s / h: s / h: s / h: s / h: s / and 5 more |  | high"},
		{"many names", "", `{"status":"firing","alerts":[{"labels":{"alertname":"A rather long name of an alert"}},{"labels":{"alertname":"Another rather long name"}},{"labels":{"alertname":"C"}}]}`,
			"3 firing: A rather long name of an alert and 2 others | A rather long name of an alert / Another rather long name / C |  | high"},
		{"Grafana, resolved", "", `{"orgId":1,"status":"resolved","state":"alerting","title":"[RESOLVED] x","message":"m","groupKey":"g","alerts":[{"status":"resolved","labels":{"alertname":"High CPU"},"annotations":{},"values":{"B":44.2},"dashboardURL":"https://g.lan/d/1","panelURL":"https://g.lan/d/1?viewPanel=2"}]}`,
			"Resolved: High CPU | B = 44.2 | https://g.lan/d/1?viewPanel=2 | normal"},
		{"Grafana, no data", "", `{"orgId":1,"status":"firing","alerts":[{"status":"firing","labels":{"alertname":"DatasourceNoData","rulename":"Door sensor","grafana_folder":"Home"}}]}`,
			"Firing: No data for Door sensor | rulename = Door sensor |  | high"},
		{"Grafana's test", "", `{"orgId":1,"status":"firing","alerts":[{"status":"firing","labels":{"alertname":"TestAlert","instance":"Grafana"},"annotations":{"summary":"Notification test"},"values":null}],"state":"alerting","message":"m"}`,
			"Firing: TestAlert (Grafana) | Notification test |  | high"},
		{"Grafana before version 9", "", `{"dashboardId":1,"evalMatches":[{"value":100,"metric":"High value","tags":null}],"message":"Someone is testing","orgId":0,"ruleId":5,"ruleName":"Test notification","ruleUrl":"http://localhost:3000/","state":"alerting","title":"[Alerting] Test notification"}`,
			"Firing: Test notification | Someone is testing / High value = 100 | http://localhost:3000/ | high"},
		{"its end", "", `{"ruleId":5,"ruleName":"Test notification","state":"ok","orgId":0}`, "Resolved: Test notification |  |  | normal"},
	})
}

// What ends takes the place of what it ends.
func TestTags(t *testing.T) {
	for name, pair := range map[string][2]event{
		"Alertmanager": {
			{body: `{"receiver":"r","groupKey":"g","status":"firing","alerts":[{"status":"firing",` + labels + `}]}`},
			{body: `{"receiver":"r","groupKey":"g","status":"resolved","alerts":[{"status":"resolved",` + labels + `}]}`},
		},
		"Grafana": {
			{body: `{"orgId":1,"receiver":"r","groupKey":"g","status":"firing","alerts":[{"status":"firing",` + labels + `}]}`},
			{body: `{"orgId":1,"receiver":"r","groupKey":"g","status":"resolved","state":"alerting","alerts":[{"status":"resolved",` + labels + `}]}`},
		},
		"Grafana before version 9": {
			{body: `{"ruleId":5,"ruleName":"R","state":"alerting"}`}, {body: `{"ruleId":5,"ruleName":"R","state":"ok"}`},
		},
		"Uptime Kuma": {
			{body: `{"heartbeat":{"status":0,"msg":"x"},"monitor":{"id":1,"name":"nas"},"msg":"x"}`},
			{body: `{"heartbeat":{"status":1,"msg":"200 - OK"},"monitor":{"id":1,"name":"nas"},"msg":"x"}`},
		},
		"Radarr": {
			{body: `{"eventType":"Health","level":"error","message":"a: b","type":"IndexerStatusCheck","instanceName":"Radarr"}`},
			{body: `{"eventType":"HealthRestored","level":"error","message":"a: b","type":"IndexerStatusCheck","instanceName":"Radarr"}`},
		},
		"Healthchecks": {
			{body: `{"check":"Backup","status":"down","code":"c1"}`}, {body: `{"check":"Backup","status":"up","code":"c1"}`},
		},
		"Proxmox": {
			{body: `{"title":"vzdump backup status (pve): backup failed","message":"m","severity":"error","fields":{"type":"vzdump","hostname":"pve","job-id":"j"}}`},
			{body: `{"title":"vzdump backup status (pve): backup successful","message":"m","severity":"info","fields":{"type":"vzdump","hostname":"pve","job-id":"j"}}`},
		},
		"a build": {
			{header: "X-GitHub-Event: workflow_run", body: `{"action":"completed","workflow_run":{"name":"CI","conclusion":"failure","head_branch":"main"},"repository":{"full_name":"a/b"}}`},
			{header: "X-GitHub-Event: workflow_run", body: `{"action":"completed","workflow_run":{"name":"CI","conclusion":"success","head_branch":"main"},"repository":{"full_name":"a/b"}}`},
		},
		"an issue": {
			{header: "X-GitHub-Event: issues", body: `{"action":"opened","issue":{"number":1,"title":"t"},"repository":{"full_name":"a/b"}}`},
			{header: "X-GitHub-Event: issues", body: `{"action":"closed","issue":{"number":1,"title":"t"},"repository":{"full_name":"a/b"}}`},
		},
	} {
		first, err := Read(pair[0].request())
		second, err2 := Read(pair[1].request())
		if err != nil || err2 != nil || first.Tag == "" || first.Tag != second.Tag || first.Title == second.Title {
			t.Errorf("%s: %+v and %+v", name, first, second)
		}
	}
	one, _ := Read(Request{Body: []byte(`{"heartbeat":{"status":0},"monitor":{"id":1,"name":"nas"},"msg":"x"}`)})
	other, _ := Read(Request{Body: []byte(`{"heartbeat":{"status":0},"monitor":{"id":2,"name":"web"},"msg":"x"}`)})
	if one.Tag == other.Tag {
		t.Error("two monitors have one tag")
	}
}

func TestUptimeKuma(t *testing.T) {
	readEvents(t, []event{
		{"up", "", `{"heartbeat":{"status":1,"msg":"200 - OK"},"monitor":{"id":1,"name":"nas","url":"https://"},"msg":"[nas] [✅ Up] 200 - OK"}`, "Up: nas | 200 - OK |  | normal"},
		{"a port", "", `{"heartbeat":{"status":0,"msg":"connect ECONNREFUSED"},"monitor":{"id":1,"name":"ssh","hostname":"nas.lan","port":22},"msg":"x"}`, "Down: ssh | connect ECONNREFUSED / nas.lan:22 |  | high"},
		{"maintenance", "", `{"heartbeat":{"status":3},"monitor":{"name":"nas"},"msg":"Monitor under maintenance"}`, "Maintenance: nas | Monitor under maintenance |  | low"},
		{"in a group", "", `{"heartbeat":{"status":"0","msg":"m"},"monitor":{"name":"web","pathName":"Home / web"},"msg":"x"}`, "Down: Home / web | m |  | high"},
		{"a certificate", "", `{"heartbeat":null,"monitor":null,"msg":"[nas][https://nas.lan] server certificate nas.lan will expire in 7 days"}`,
			"Certificate expires in 7 days: nas | server certificate nas.lan will expire in 7 days | https://nas.lan | normal"},
		{"a domain", "", `{"heartbeat":null,"monitor":null,"msg":"Domain name example.com will expire in 1 day"}`,
			"Domain expires in 1 day: example.com | Domain name example.com will expire in 1 day |  | normal"},
		{"as a form", "Content-Type: multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{\"heartbeat\":{\"status\":0,\"msg\":\"m\"},\"monitor\":{\"name\":\"nas\"},\"msg\":\"x\"}\r\n--x--\r\n",
			"Down: nas | m |  | high"},
	})
}

func TestServarr(t *testing.T) {
	const movie = `"movie":{"title":"Dune","year":2021,"tmdbId":438631,"imdbId":"tt1160419"},"instanceName":"Radarr"`
	readEvents(t, []event{
		{"grabbed", "", `{` + movie + `,"release":{"quality":"Bluray-1080p","size":12884901888,"indexer":"Nyaa"},"eventType":"Grab","applicationUrl":"https://radarr.lan/"}`,
			"Grabbed: Dune (2021) | Bluray-1080p, 12.9 GB, from Nyaa | https://radarr.lan/movie/438631 | low"},
		{"upgraded", "", `{` + movie + `,"movieFile":{"quality":"Remux-2160p","size":1000},"isUpgrade":true,"eventType":"Download"}`,
			"Upgraded: Dune (2021) | Remux-2160p, 1 MB | https://www.imdb.com/title/tt1160419/ | low"},
		{"restored", "", `{"level":"warning","message":"Indexers unavailable due to failures: X","type":"T","wikiUrl":"https://wiki.servarr.com/x","eventType":"HealthRestored","instanceName":"Radarr"}`,
			"Resolved, Radarr: Indexers unavailable due to failures | X | https://wiki.servarr.com/x | normal"},
		{"an error", "", `{"level":"error","message":"No download client is available","type":"T","eventType":"Health"}`, "Servarr: No download client is available | Error |  | high"},
		{"several episodes", "", `{"series":{"title":"Dark","titleSlug":"dark"},"episodes":[{"seasonNumber":1,"episodeNumber":3,"title":"c"},{"seasonNumber":1,"episodeNumber":2,"title":"b"}],"eventType":"Grab","instanceName":"Sonarr","applicationUrl":"http://sonarr.lan"}`,
			"Grabbed: Dark S01E02-E03 | c | http://sonarr.lan/series/dark | low"},
		{"updated", "", `{"message":"Radarr updated from 5.1 to 5.2","previousVersion":"5.1","newVersion":"5.2","eventType":"ApplicationUpdate","instanceName":"Radarr"}`,
			"Radarr updated to 5.2 | Radarr updated from 5.1 to 5.2 / It was 5.1. |  | low"},
		{"a decision", "", `{` + movie + `,"downloadInfo":{"title":"Dune.2021"},"downloadStatusMessages":[{"title":"t","messages":["Found matching movie via grab history, but release title doesn't match"]}],"eventType":"ManualInteractionRequired"}`,
			"Needs a decision: Dune (2021) | Found matching movie via grab history, but release title doesn't match / Dune.2021 | https://www.imdb.com/title/tt1160419/ | high"},
		{"deleted", "", `{` + movie + `,"deleteReason":"upgrade","eventType":"MovieFileDelete"}`, "File deleted: Dune (2021) | Upgrade | https://www.imdb.com/title/tt1160419/ | low"},
		{"added", "", `{"series":{"title":"Dark"},"eventType":"SeriesAdd"}`, "Added: Dark | Sonarr |  | low"},
		{"an album", "", `{"artist":{"name":"Björk"},"albums":[{"title":"Post"}],"eventType":"Download","instanceName":"Lidarr"}`, "Downloaded: Björk: Post | Lidarr |  | normal"},
		{"what comes later", "", `{"series":{"title":"Dark"},"eventType":"SeriesMonitorChange"}`, "Series monitor change: Dark | Sonarr |  | normal"},
		{"Sonarr's test", "User-Agent: Sonarr/4.0", `{"series":{"title":"Test Title"},"eventType":"Test"}`, "Test from Sonarr | The connection works. |  | normal"},
	})
}

func TestJellyfin(t *testing.T) {
	const server = `"ServerId":"s","ServerName":"Media","ServerUrl":"https://media.lan"`
	readEvents(t, []event{
		{"an episode", "", `{` + server + `,"NotificationType":"ItemAdded","ItemType":"Episode","Name":"Lies","SeriesName":"Dark","SeasonNumber00":"01","EpisodeNumber00":"02","ItemId":"i","Overview":"A <b>boy</b> is gone."}`,
			"Added: Dark S01E02 | Lies / Episode / A boy is gone. | https://media.lan/web/#/details?id=i&serverId=s | normal"},
		{"a song", "", `{` + server + `,"NotificationType":"ItemAdded","ItemType":"Audio","Name":"Army of Me","Artist":"Björk"}`, "Added: Björk: Army of Me | Audio | https://media.lan | normal"},
		{"playing", "", `{` + server + `,"NotificationType":"PlaybackStart","ItemType":"Movie","Name":"Dune","Year":2021,"NotificationUsername":"ana","DeviceName":"TV","PlaybackPosition":"00:00:00"}`,
			"Playing: Dune (2021) | ana, TV | https://media.lan | low"},
		{"stopped", "", `{` + server + `,"NotificationType":"PlaybackStop","ItemType":"Movie","Name":"Dune","NotificationUsername":"ana","PlaybackPosition":"01:10:00"}`,
			"Stopped: Dune | ana, at 01:10:00 | https://media.lan | low"},
		{"a failed sign-in", "", `{` + server + `,"NotificationType":"AuthenticationFailure","Username":"root","App":"Jellyfin Web","DeviceName":"Firefox","RemoteEndPoint":"198.51.100.7"}`,
			"Failed sign-in: root | Firefox, Jellyfin Web / 198.51.100.7 | https://media.lan | high"},
		{"a task", "", `{` + server + `,"NotificationType":"TaskCompleted","TaskName":"Scan Media Library","ResultStatus":"Failed","ResultErrorMessage":"disk"}`,
			"Task: Scan Media Library failed | disk | https://media.lan | low"},
		{"a restart", "", `{` + server + `,"NotificationType":"PendingRestart"}`, "Restart needed: Media | Media | https://media.lan | normal"},
		{"a plugin", "", `{` + server + `,"NotificationType":"PluginInstalled","PluginName":"Webhook","PluginVersion":"17"}`, "Plugin installed: Webhook 17 | Media | https://media.lan | low"},
		{"another", "", `{` + server + `,"NotificationType":"LyricsFound"}`, "Lyrics found | Media | https://media.lan | normal"},
	})
}

func TestOtherSenders(t *testing.T) {
	readEvents(t, []event{
		{"Proxmox with raw line breaks", "", "{\"title\":\"vzdump backup status (pve): backup successful\",\n\"message\":\"Details\n=======\nVMID  Name\n100   web\n\nTotal size: 1 GiB\n\nLogs\n====\nINFO: starting\n\t100: INFO\",\"severity\":\"info\"}",
			"Backup successful: pve | VMID Name / 100 web / Total size: 1 GiB |  | normal"},
		{"Proxmox' test", "", `{"title":"Test notification","message":"This is a test of the notification target 'recado'.","severity":"info","fields":{"type":"test"}}`,
			"Test notification | This is a test of the notification target 'recado'. |  | normal"},
		{"packages", "", `{"title":"New software packages available (pve)","message":"Package updates","severity":"info"}`, "New software packages available: pve | Package updates |  | normal"},
		{"a datastore", "", `{"title":"Verify Datastore 'main' failed","message":"m","severity":"error","fields":{"hostname":"pbs"}}`, "Failed: Verify Datastore main | m |  | high"},

		{"Healthchecks, as recommended", "User-Agent: healthchecks.io", `{"check":"Backup","status":"down","code":"c1","tags":"nas daily"}`, "Down: Backup | nas daily |  | high"},
		{"up again", "User-Agent: healthchecks.io", `{"check":"Backup","status":"up","code":"c1","tags":""}`, "Up: Backup |  |  | normal"},
		{"its $JSON", "", `{"name":"Backup","slug":"backup","tags":"","desc":"Nightly","grace":3600,"n_pings":5,"status":"down","last_ping":"2025-01-01T02:00:00+00:00","update_url":"https://healthchecks.io/api/v3/checks/c1"}`,
			"Down: Backup | Nightly / Last ping: 2025-01-01T02:00:00+00:00 | https://healthchecks.io/checks/c1/details/ | high"},
		{"its text", "User-Agent: healthchecks.io", "Backup is DOWN\nsince 02:00", "Backup is DOWN | since 02:00 |  | high"},

		{"Watchtower's report", "", "3 Scanned, 1 Updated, 0 Failed\n- /web (nginx:latest): 0123 updated to 4567\n- /db (postgres:16): Fresh", "Updated: web | nginx:latest |  | low"},
		{"its failure", "", `{"title":"Watchtower updates on docker01","message":"3 Scanned, 0 Updated, 1 Failed\n- web (nginx:latest): Failed: no space left"}`,
			"Update failed: docker01 | - web (nginx:latest): Failed: no space left / on docker01 |  | high"},
		{"its start", "", `{"title":"Watchtower updates on docker01","message":"Watchtower 1.7.1\nUsing notifications: generic\nChecking all containers (except explicitly disabled with label)\nScheduling first run: 2025-01-01"}`,
			"Watchtower 1.7.1 | Using notifications: generic / Checking all containers (except explicitly disabled with label) / Scheduling first run: 2025-01-01 / on docker01 |  | low"},
		{"its JSON", "", `{"report":{"scanned":[],"updated":[{"name":"/web","imageName":"nginx:latest"}],"failed":[]},"title":"Watchtower updates on docker01","host":"docker01","entries":[{"message":"Found new nginx:latest image (0123)"}]}`,
			"Updated: web | nginx:latest / on docker01 |  | low"},
		{"many containers", "", "Found new a:1 image (x)\nCreating /a\nFound new b:1 image (x)\nCreating /b\nCreating /c\nCreating /d", "Updated: 4 containers | a, b, c, d |  | low"},

		{"Synology", "", `{"text":"Power has been restored.","prefix":"nas01 | 2026-01-15 03:00:00"}`, "nas01: Power has been restored | Power has been restored. |  | normal"},
		{"Synology's disk", "", `{"text":"[nas01] Dear user,\n\nThe system has detected that Drive 2 has bad sectors.\n\nFrom nas01"}`,
			"nas01: Drive 2 has bad sectors. | Dear user, / The system has detected that Drive 2 has bad sectors. / From nas01 |  | high"},

		{"Discord", "", `{"username":"Backrest","content":"","embeds":[{"title":"**Backup** failed","url":"https://b.lan/1","description":"repo ` + "`nas`" + ` is locked","color":1,"fields":[{"name":"Host","value":"nas"},{"name":"Took","value":"3 s"}],"footer":{"text":"x"}}]}`,
			"Backup failed | repo nas is locked / Host: nas / Took: 3 s | https://b.lan/1 | normal"},
		{"Discord's content", "", `{"username":"Backrest","avatar_url":"https://x/y.png","content":"<@123> Backup done\nsee [the log](https://b.lan/log)"}`, "Backup done | Backup done / see the log |  | normal"},
		{"Slack", "", `{"channel":"#ops","username":"bot","text":"*Deploy* of <https://x.lan/1|web> done","attachments":[{"fallback":"f","title":"Release 5","title_link":"https://x.lan/5","text":"all _good_","fields":[{"title":"Env","value":"prod"}]}]}`,
			"Release 5 | Deploy of web done / all good / Env: prod | https://x.lan/5 | normal"},
		{"Slack's blocks", "", `{"blocks":[{"type":"header","text":{"type":"plain_text","text":"Build 7"}},{"type":"section","text":{"type":"mrkdwn","text":"*passed*"}}]}`, "Build 7 | passed |  | normal"},
		{"Slack's form", "Content-Type: application/x-www-form-urlencoded", "payload=%7B%22text%22%3A+%22This+is+a+test%22%7D", "This is a test |  |  | normal"},

		{"Apprise without a title", "", `{"version":"1.0","title":"","message":"sda1 at **95%**","attachments":[{"filename":"a","base64":"QUJD","mimetype":"x"}],"type":"warning"}`, "sda1 at 95% |  |  | normal"},
		{"Apprise with a file", "Content-Type: multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1.0\r\n--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nDisk\r\n--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nfull\r\n--x\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nfailure\r\n--x\r\nContent-Disposition: form-data; name=\"file01\"; filename=\"a.png\"\r\n\r\nPNG\r\n--x--\r\n",
			"Disk | full |  | high"},

		{"Gotify", "", `{"title":"Disk","message":"full","priority":10,"extras":{"client::notification":{"click":{"url":"https://nas.lan/"}}}}`, "Disk | full | https://nas.lan/ | high"},
		{"Gotify, nothing urgent", "", `{"message":"full","priority":0}`, "full |  |  | very-low"},
		{"ntfy", "", `{"topic":"ops","title":"Disk","message":"full","priority":5,"click":"https://nas.lan/"}`, "Disk | full | https://nas.lan/ | high"},
		{"ntfy, low", "", `{"topic":"ops","message":"full","priority":2}`, "full |  |  | low"},
		{"a word as priority", "", `{"title":"Disk","message":"full","priority":"urgent"}`, "Disk | full |  | high"},
	})
}
