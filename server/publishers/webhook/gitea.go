package webhook

import (
	"cmp"
	"strings"
)

// gitea is a webhook of Gitea or Forgejo, which send GitHub's and Gogs' headers as
// well.
func gitea() sender {
	return sender{
		name:  "Gitea",
		knows: func(p payload) bool { return p.value != nil && giteaHeader(p) != "" || giteaShaped(p) },
		read: func(p payload) Message {
			event := giteaHeader(p)
			if event == "" {
				event = forgeEventOf(p)
			}
			f := forge{payload: p, product: "gitea", event: event, action: line(p.text("action"))}
			f.event, f.action = giteaEvent(event, f.action)
			m := f.message()
			if p.header.Get("X-Forgejo-Event") != "" {
				m.Sender = "Forgejo"
			}
			return m
		},
	}
}

// giteaHeader is the event; its type is more exact where both are there.
func giteaHeader(p payload) string {
	return line(cmp.Or(p.header.Get("X-Forgejo-Event-Type"), p.header.Get("X-Forgejo-Event"),
		p.header.Get("X-Gitea-Event-Type"), p.header.Get("X-Gitea-Event"), p.header.Get("X-Gogs-Event")))
}

// giteaShaped: its people have a username beside their login, which GitHub's have
// not.
func giteaShaped(p payload) bool {
	return p.has("repository", "sender") && p.at("sender").has("username") || p.has("run", "prior_status")
}

// giteaEvents are its names for what GitHub calls otherwise, with the action that the
// name tells.
var giteaEvents = map[string][2]string{
	"issue_assign":                 {"issues", "assigned"},
	"issue_label":                  {"issues", "labeled"},
	"issue_milestone":              {"issues", "milestoned"},
	"pull_request_assign":          {"pull_request", "assigned"},
	"pull_request_label":           {"pull_request", "labeled"},
	"pull_request_milestone":       {"pull_request", "milestoned"},
	"pull_request_sync":            {"pull_request", "synchronize"},
	"pull_request_review_request":  {"pull_request", "review_requested"},
	"pull_request_comment":         {"issue_comment", ""},
	"pull_request_approved":        {"pull_request_review", ""},
	"pull_request_rejected":        {"pull_request_review", ""},
	"pull_request_review_approved": {"pull_request_review", ""},
	"pull_request_review_rejected": {"pull_request_review", ""},
	"pull_request_review_comment":  {"pull_request_review", ""},
}

func giteaEvent(event, action string) (string, string) {
	if after, ok := strings.CutPrefix(event, "action_run_"); ok { // Forgejo: one event for each outcome
		return "action_run", cmp.Or(action, after)
	}
	if as, ok := giteaEvents[event]; ok {
		return as[0], cmp.Or(action, as[1])
	}
	return event, action
}
