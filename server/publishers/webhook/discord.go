package webhook

import (
	"cmp"
	"regexp"

	"recado/server/publishers"
)

// discord is anything that can send to a Discord webhook.
func discord() sender {
	return sender{
		name: "Discord",
		knows: func(p payload) bool {
			return len(p.list("embeds")) > 0 || p.text("content") != "" && (p.has("username") || p.has("avatar_url") || p.has("embeds") || p.has("allowed_mentions"))
		},
		read: readDiscord,
	}
}

// mention is of a person, a role, a channel or an emoji that only Discord knows.
var mention = regexp.MustCompile(`<(@[!&]?|#|a?:\w+:)\d+>\s*`)

func discordText(s string) string { return prose(mention.ReplaceAllString(s, ""), 600) }

func readDiscord(p payload) Message {
	content := discordText(p.text("content"))
	m := Message{Urgency: normal, Sender: line(p.text("username"))}
	var about []string
	for _, e := range p.list("embeds") {
		title := discordText(e.text("title", "author.name"))
		if m.Title == "" {
			m.Title, m.URL = title, e.text("url", "author.url")
			title = ""
		}
		about = append(about, title, discordText(e.text("description")))
		for _, f := range e.list("fields") {
			about = append(about, join(": ", discordText(f.text("name")), line(discordText(f.text("value")))))
		}
	}
	if m.Title == "" {
		m.Title = cmp.Or(firstLine(content), m.Sender)
		if content == m.Title {
			content = ""
		}
	}
	m.Body = publishers.Clip(lines(content, lines(about...)), 1000)
	return m
}
