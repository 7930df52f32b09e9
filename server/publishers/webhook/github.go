package webhook

// github is a webhook of GitHub, as JSON or as a form.
func github() sender {
	return sender{
		name: "GitHub",
		knows: func(p payload) bool {
			return p.value != nil && p.header.Get("X-GitHub-Event") != "" || p.has("repository", "sender") || p.has("zen", "hook")
		},
		read: func(p payload) Message {
			event := p.header.Get("X-GitHub-Event")
			if event == "" {
				event = forgeEventOf(p)
			}
			return forge{payload: p, product: "github", event: line(event), action: line(p.text("action"))}.message()
		},
	}
}
