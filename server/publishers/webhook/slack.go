package webhook

import (
	"cmp"

	"recado/server/publishers"
)

// slack is anything that can send to an incoming webhook of Slack, Mattermost,
// Rocket.Chat or Synology Chat.
func slack() sender {
	return sender{
		name: "Slack",
		knows: func(p payload) bool {
			return p.text("text") != "" && (len(p.members()) == 1 || p.has("channel") || p.has("username") || p.has("attachments") ||
				p.has("blocks") || p.has("icon_emoji")) || p.at("attachments.0").has("fallback") || p.at("blocks.0").has("type")
		},
		read: readSlack,
	}
}

func readSlack(p payload) Message {
	text := prose(p.text("text"), 600)
	m := Message{Urgency: normal, Sender: line(p.text("username"))}
	var about []string
	for _, a := range p.list("attachments") {
		title := prose(a.text("title", "pretext"), 200)
		if m.Title == "" {
			m.Title, m.URL = title, a.text("title_link")
			title = ""
		}
		about = append(about, title, prose(a.text("text", "fallback"), 600))
		for _, f := range a.list("fields") {
			about = append(about, join(": ", line(f.text("title")), line(prose(f.text("value"), 200))))
		}
	}
	for _, b := range p.list("blocks") {
		words := prose(b.text("text.text"), 600)
		if b.text("type") == "header" && m.Title == "" {
			m.Title, words = words, ""
		}
		about = append(about, words)
		for _, f := range b.list("fields") {
			about = append(about, line(prose(f.text("text"), 200)))
		}
	}
	if m.Title == "" {
		m.Title = cmp.Or(firstLine(text), firstLine(lines(about...)), m.Sender)
	}
	m.Body = publishers.Clip(lines(text, lines(about...)), 1000)
	if m.Body == m.Title {
		m.Body = ""
	}
	return m
}
