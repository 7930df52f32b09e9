package webhook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// servarr is Sonarr and Radarr, and their kin for other things: Lidarr, Readarr,
// Whisparr, Prowlarr.
func servarr() sender {
	return sender{
		knows: func(p payload) bool {
			return p.text("eventType") != "" && (p.has("instanceName") || p.has("series") || p.has("movie") || p.has("artist") ||
				p.has("author") || p.has("level", "message") || strings.HasSuffix(strings.ToLower(p.agent()), "arr"))
		},
		read: readServarr,
	}
}

// servarrEvent is one of theirs: what it is called, before the title of what it is
// about.
type servarrEvent struct {
	title, urgency string
	body           func(p payload) string
}

var servarrEvents = map[string]servarrEvent{
	"Grab":                      {"Grabbed", low, grabbed},
	"Download":                  {"Downloaded", normal, imported},
	"Upgrade":                   {"Upgraded", low, imported},
	"ImportComplete":            {"Downloaded", normal, imported},
	"Rename":                    {"Renamed", veryLow, nil},
	"SeriesAdd":                 {"Added", low, nil},
	"MovieAdded":                {"Added", low, nil},
	"ArtistAdd":                 {"Added", low, nil},
	"AuthorAdded":               {"Added", low, nil},
	"SeriesDelete":              {"Deleted", normal, nil},
	"MovieDelete":               {"Deleted", normal, nil},
	"ArtistDelete":              {"Deleted", normal, nil},
	"AlbumDelete":               {"Deleted", normal, nil},
	"AuthorDelete":              {"Deleted", normal, nil},
	"BookDelete":                {"Deleted", normal, nil},
	"EpisodeFileDelete":         {"File deleted", low, deleted},
	"MovieFileDelete":           {"File deleted", low, deleted},
	"BookFileDelete":            {"File deleted", low, deleted},
	"DownloadFailure":           {"Download failed", high, grabbed},
	"ImportFailure":             {"Import failed", high, grabbed},
	"ManualInteractionRequired": {"Needs a decision", high, manual},
}

func readServarr(p payload) Message {
	app := servarrName(p)
	m := Message{Sender: app, URL: servarrURL(p)}
	switch event := p.text("eventType"); event {
	case "Health", "HealthRestored":
		servarrHealth(p, app, &m)
	case "Test":
		m.Title, m.Body = "Test from "+app, "The connection works."
	case "ApplicationUpdate":
		m.Title, m.Urgency = app+" updated to "+p.text("newVersion"), low
		m.Body = lines(p.text("message"), servarrWas(p.text("previousVersion")))
	default:
		if p.flag("isUpgrade") {
			event = "Upgrade"
		}
		e, known := servarrEvents[event]
		if !known {
			e = servarrEvent{title: spaced(event), urgency: normal}
		}
		m.Title, m.Urgency = e.title+": "+cmp.Or(work(p), app), e.urgency
		if e.body != nil {
			m.Body = e.body(p)
		}
		m.Body = cmp.Or(m.Body, app)
	}
	return m
}

func servarrWas(version string) string {
	if version == "" {
		return ""
	}
	return "It was " + version + "."
}

// servarrHealth: a problem and its end have the same tag.
func servarrHealth(p payload, app string, m *Message) {
	message := p.text("message")
	problem, details, _ := strings.Cut(message, ": ")
	m.Tag = tag("servarr", app, p.text("type"))
	m.URL = cmp.Or(p.text("wikiUrl"), m.URL)
	m.Title, m.Body, m.Urgency = app+": "+problem, cmp.Or(details, sentence(p.text("level"))), normal
	if p.text("eventType") == "HealthRestored" {
		m.Title = "Resolved, " + m.Title
	} else if p.text("level") == "error" {
		m.Urgency = high
	}
}

// servarrName is which of them it is.
func servarrName(p payload) string {
	if name := p.text("instanceName"); name != "" {
		return name
	}
	for _, kind := range [][2]string{{"series", "Sonarr"}, {"movie", "Radarr"}, {"artist", "Lidarr"}, {"author", "Readarr"}} {
		if p.has(kind[0]) {
			return kind[1]
		}
	}
	return cmp.Or(p.agent(), "Servarr")
}

// work is the title of what it is about.
func work(p payload) string {
	switch {
	case p.has("series"):
		return join(" ", p.text("series.title"), episodes(p.list("episodes")))
	case p.has("movie"):
		title := p.text("movie.title")
		if year := p.text("movie.year"); title != "" && year != "" && year != "0" {
			title += " (" + year + ")"
		}
		return title
	case p.has("artist"):
		return join(": ", p.text("artist.name"), p.text("album.title", "albums.0.title"))
	}
	return join(": ", p.text("author.name"), p.text("book.title", "books.0.title"))
}

// episodes is S01E02, or S01E02-E04 of several in a row.
func episodes(list []node) string {
	var names []string
	for _, e := range list {
		season, ok := e.number("seasonNumber")
		episode, ok2 := e.number("episodeNumber")
		if ok && ok2 {
			names = append(names, fmt.Sprintf("S%02.0fE%02.0f", season, episode))
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	last := names[len(names)-1]
	if season, _, _ := strings.Cut(names[0], "E"); strings.HasPrefix(last, season) {
		last = strings.TrimPrefix(last, season)
	}
	return names[0] + "-" + last
}

func grabbed(p payload) string {
	from := p.text("release.indexer")
	if from != "" {
		from = "from " + from
	}
	return lines(p.text("episodes.0.title"), join(", ", p.text("release.quality"), megabytes(p.node, "release.size"), from), p.text("message"))
}

func imported(p payload) string {
	for _, file := range []string{"episodeFile", "movieFile", "episodeFiles.0", "trackFiles.0", "bookFiles.0"} {
		if p.at(file).value != nil {
			return lines(p.text("episodes.0.title"), join(", ", p.text(file+".quality"), megabytes(p.node, file+".size")))
		}
	}
	return p.text("episodes.0.title")
}

func deleted(p payload) string {
	return lines(p.text("episodes.0.title"), sentence(p.text("deleteReason")))
}

func manual(p payload) string {
	var told []string
	for _, status := range p.list("downloadStatusMessages") {
		for _, message := range status.list("messages") {
			told = append(told, message.string())
		}
	}
	return lines(first(4, told, 0), p.text("downloadInfo.title"))
}

// servarrURL is the page of what it is about, if the application knows its own
// address, otherwise that of IMDb.
func servarrURL(p payload) string {
	base := strings.TrimSuffix(webURL(p.text("applicationUrl")), "/")
	switch {
	case p.text("eventType") == "Test":
		return base
	case base != "" && p.text("series.titleSlug") != "":
		return base + "/series/" + p.text("series.titleSlug")
	case base != "" && p.text("movie.tmdbId") != "":
		return base + "/movie/" + p.text("movie.tmdbId")
	case base != "":
		return base
	}
	if id := p.text("series.imdbId", "movie.imdbId"); strings.HasPrefix(id, "tt") {
		return "https://www.imdb.com/title/" + id + "/"
	}
	return ""
}
