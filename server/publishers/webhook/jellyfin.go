package webhook

import (
	"cmp"
	"strings"
)

// jellyfin is the generic destination of Jellyfin's webhook plugin with "Send all
// properties". It says text/plain.
func jellyfin() sender {
	return sender{
		name: "Jellyfin",
		knows: func(p payload) bool {
			return p.text("NotificationType") != "" && (p.has("ServerId") || p.has("ServerName"))
		},
		read: readJellyfin,
	}
}

// jellyfinEvent is a type of notification: its title, with what fills the %, and its
// body.
type jellyfinEvent struct {
	title, urgency string
	of, body       func(p payload) string
}

var jellyfinEvents = map[string]jellyfinEvent{
	"ItemAdded":                   {"Added: ", normal, jellyfinItem, jellyfinAbout},
	"ItemDeleted":                 {"Removed: ", low, jellyfinItem, nil},
	"PlaybackStart":               {"Playing: ", low, jellyfinItem, jellyfinViewer},
	"PlaybackProgress":            {"Playing: ", veryLow, jellyfinItem, jellyfinViewer},
	"PlaybackStop":                {"Stopped: ", low, jellyfinItem, jellyfinViewer},
	"AuthenticationFailure":       {"Failed sign-in: ", high, jellyfinUser, jellyfinDevice},
	"AuthenticationSuccess":       {"Signed in: ", low, jellyfinUser, jellyfinDevice},
	"SessionStart":                {"Connected: ", low, jellyfinUser, jellyfinDevice},
	"UserLockedOut":               {"Locked out: ", high, jellyfinUser, nil},
	"UserCreated":                 {"New user: ", normal, jellyfinUser, nil},
	"UserDeleted":                 {"User deleted: ", normal, jellyfinUser, nil},
	"UserUpdated":                 {"User changed: ", low, jellyfinUser, nil},
	"UserPasswordChanged":         {"Password changed: ", high, jellyfinUser, nil},
	"UserDataSaved":               {"Marked: ", veryLow, jellyfinItem, jellyfinSaved},
	"PendingRestart":              {"Restart needed: ", normal, jellyfinServer, nil},
	"SubtitleDownloadFailure":     {"No subtitles: ", low, jellyfinItem, nil},
	"TaskCompleted":               {"Task: ", low, jellyfinTask, jellyfinResult},
	"PluginInstalled":             {"Plugin installed: ", low, jellyfinPlugin, nil},
	"PluginInstalling":            {"Plugin installing: ", veryLow, jellyfinPlugin, nil},
	"PluginInstallationCancelled": {"Plugin not installed: ", low, jellyfinPlugin, nil},
	"PluginInstallationFailed":    {"Plugin failed: ", normal, jellyfinPlugin, func(p payload) string { return p.text("ExceptionMessage") }},
	"PluginUninstalled":           {"Plugin removed: ", low, jellyfinPlugin, nil},
	"PluginUpdated":               {"Plugin updated: ", low, jellyfinPlugin, nil},
}

func readJellyfin(p payload) Message {
	kind := p.text("NotificationType")
	e, known := jellyfinEvents[kind]
	if !known { // Generic, and what later versions add
		e = jellyfinEvent{urgency: normal, of: func(p payload) string { return cmp.Or(p.text("Name"), spaced(kind)) }, body: jellyfinAbout}
	}
	m := Message{Title: e.title + cmp.Or(e.of(p), p.text("ServerName")), Urgency: e.urgency, URL: jellyfinURL(p)}
	if e.body != nil {
		m.Body = e.body(p)
	}
	m.Body = cmp.Or(m.Body, p.text("ServerName"))
	if strings.HasPrefix(kind, "Playback") { // of one viewing, the latest is enough
		m.Tag = tag("jellyfin", p.text("ServerId"), p.text("UserId", "NotificationUsername"), p.text("DeviceId"), p.text("ItemId"))
	}
	return m
}

// jellyfinItem is what is watched: "Free Guy (2021)", "Dark S01E02", "Artist: Song".
func jellyfinItem(p payload) string {
	name, year := p.text("Name"), p.text("Year")
	switch p.text("ItemType") {
	case "Episode":
		if number := join("", prefixed("S", p.text("SeasonNumber00")), prefixed("E", p.text("EpisodeNumber00"))); number != "" {
			return join(" ", p.text("SeriesName"), number)
		}
		return join(": ", p.text("SeriesName"), name)
	case "Season":
		return join(": ", p.text("SeriesName"), name)
	case "Audio", "MusicAlbum":
		return join(": ", p.text("Artist"), name)
	}
	if year != "" {
		name += " (" + year + ")"
	}
	return name
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// jellyfinAbout is what it is, for someone who has to decide whether to watch it.
func jellyfinAbout(p payload) string {
	name := ""
	if p.text("ItemType") == "Episode" {
		name = p.text("Name")
	}
	return lines(name, join(", ", p.text("ItemType"), p.text("Genres")), excerpt(p.text("Overview", "Tagline"), 200))
}

func jellyfinViewer(p payload) string {
	at := ""
	if position := p.text("PlaybackPosition"); position != "" && !strings.HasPrefix(position, "00:00:0") {
		at = "at " + position
	}
	return join(", ", p.text("NotificationUsername"), p.text("DeviceName"), at)
}

func jellyfinUser(p payload) string { return p.text("NotificationUsername", "Username", "UserName") }

func jellyfinDevice(p payload) string {
	return lines(join(", ", p.text("DeviceName"), p.text("Client", "App")), p.text("RemoteEndPoint"))
}

func jellyfinServer(p payload) string { return p.text("ServerName") }

func jellyfinPlugin(p payload) string {
	return join(" ", p.text("PluginName"), p.text("PluginVersion"))
}

func jellyfinTask(p payload) string {
	return join(" ", p.text("TaskName"), strings.ToLower(p.text("ResultStatus")))
}

func jellyfinResult(p payload) string { return p.text("ResultErrorMessage") }

func jellyfinSaved(p payload) string {
	return join(", ", p.text("NotificationUsername"), spaced(p.text("SaveReason")))
}

// jellyfinURL is the page of an item, or of the server.
func jellyfinURL(p payload) string {
	base := webURL(p.text("ServerUrl"))
	if base == "" || p.text("ItemId") == "" {
		return base
	}
	return strings.TrimSuffix(base, "/") + "/web/#/details?id=" + p.text("ItemId") + "&serverId=" + p.text("ServerId")
}
