package webhook

import (
	"cmp"
	"strings"
)

// What GitHub and Gitea have in common: events about a repository, most of them in
// the same words.

// forgeEvent reads one kind of event.
type forgeEvent func(f forge) Message

// forge is an event of a repository.
type forge struct {
	payload
	product string // "github", in tags
	event   string // in GitHub's words
	action  string // "opened"; empty where there is but one
}

// forgeEvents are the events, by GitHub's names for them.
var forgeEvents = map[string]forgeEvent{
	"push":                        pushed,
	"create":                      refCreated,
	"delete":                      refDeleted,
	"issues":                      issue,
	"issue_comment":               issueComment,
	"pull_request":                pullRequest,
	"pull_request_review":         review,
	"pull_request_review_comment": reviewComment,
	"discussion":                  discussion,
	"discussion_comment":          discussionComment,
	"commit_comment":              commitComment,
	"release":                     release,
	"workflow_run":                workflowRun,
	"workflow_job":                workflowJob,
	"check_run":                   checkRun,
	"check_suite":                 checkSuite,
	"status":                      commitStatus,
	"deployment_status":           deploymentStatus,
	"star":                        star,
	"watch":                       star,
	"fork":                        forked,
	"ping":                        pinged,
	"package":                     packaged,
	"registry_package":            packaged,
	"gollum":                      wiki,
	"wiki":                        wiki,
	"dependabot_alert":            securityAlert,
	"code_scanning_alert":         securityAlert,
	"secret_scanning_alert":       securityAlert,
	"action_run":                  actionRun,
}

func (f forge) message() Message {
	read, known := forgeEvents[f.event]
	if !known {
		read = otherEvent
	}
	m := read(f)
	m.URL = cmp.Or(webURL(m.URL), webURL(f.text("repository.html_url", "organization.html_url")))
	return m
}

// forgeEventOf guesses the event of a payload that came without headers.
func forgeEventOf(p payload) string {
	for _, guess := range []struct {
		event   string
		members []string
	}{
		{"ping", []string{"zen"}},
		{"workflow_run", []string{"workflow_run"}},
		{"workflow_job", []string{"workflow_job"}},
		{"check_run", []string{"check_run"}},
		{"check_suite", []string{"check_suite"}},
		{"deployment_status", []string{"deployment_status"}},
		{"pull_request_review_comment", []string{"pull_request", "comment"}},
		{"pull_request_review", []string{"pull_request", "review"}},
		{"issue_comment", []string{"issue", "comment"}},
		{"discussion_comment", []string{"discussion", "comment"}},
		{"pull_request", []string{"pull_request"}},
		{"issues", []string{"issue"}},
		{"discussion", []string{"discussion"}},
		{"release", []string{"release"}},
		{"dependabot_alert", []string{"alert"}},
		{"fork", []string{"forkee"}},
		{"package", []string{"package"}},
		{"registry_package", []string{"registry_package"}},
		{"gollum", []string{"pages"}},
		{"status", []string{"context", "state"}},
		{"push", []string{"ref", "before", "after"}},
		{"create", []string{"ref", "ref_type", "master_branch"}},
		{"delete", []string{"ref", "ref_type"}},
		{"action_run", []string{"run"}},
		{"star", []string{"starred_at"}},
		{"commit_comment", []string{"comment"}},
	} {
		if p.has(guess.members...) {
			return guess.event
		}
	}
	return ""
}

// repo is the repository's name without its owner.
func (f forge) repo() string {
	return cmp.Or(f.text("repository.name", "repository.full_name"), f.text("organization.login"))
}

func (f forge) fullRepo() string {
	return cmp.Or(f.text("repository.full_name"), f.repo())
}

// who did it.
func (f forge) who() string {
	return f.text("sender.login", "sender.username", "pusher.name", "pusher.username", "pusher.login")
}

// context is where it happened and who did it: "octo-org/octo-repo #3, octocat".
func (f forge) context(number string) string {
	return join(", ", join(" ", f.fullRepo(), prefixed("#", number)), f.who())
}

// tag is one for the thing of that kind in this repository.
func (f forge) tag(kind, of string) string { return tag(f.product, f.fullRepo(), kind, of) }

// maxExcerpt is how many characters of what people wrote are shown.
const maxExcerpt = 300

// done is what was done to a thing: "Issue opened".
func (f forge) done(thing string) string {
	return sentence(strings.TrimSpace(thing + " " + strings.ReplaceAll(f.action, "_", " ")))
}

// quiet are the actions on issues and pull requests that change details only.
func (f forge) quiet() string {
	switch f.action {
	case "edited", "labeled", "unlabeled", "label_updated", "label_cleared", "milestoned", "demilestoned", "locked", "unlocked",
		"pinned", "unpinned", "synchronize", "synchronized", "unassigned", "auto_merge_enabled", "auto_merge_disabled":
		return low
	}
	return normal
}

func issue(f forge) Message {
	return f.thread("issue", "Issue")
}

func discussion(f forge) Message {
	return f.thread("discussion", "Discussion")
}

// thread is something with a title that people talk about.
func (f forge) thread(member, name string) Message {
	number := f.text(member+".number", "number")
	m := Message{
		Title:   f.done(name) + ": " + f.text(member+".title"),
		Body:    f.context(number),
		URL:     f.text(member + ".html_url"),
		Urgency: f.quiet(),
		Tag:     f.tag(member, number),
	}
	if f.action == "opened" || f.action == "created" {
		m.Body = lines(m.Body, prose(f.text(member+".body"), maxExcerpt))
	}
	return m
}

func pullRequest(f forge) Message {
	if f.action == "closed" && f.flag("pull_request.merged") {
		f.action = "merged"
	}
	switch f.action {
	case "synchronize", "synchronized":
		f.action = "updated"
	case "ready_for_review":
		f.action = "is ready for review"
	case "review_requested":
		f.action = "wants a review"
	}
	m := f.thread("pull_request", "Pull request")
	m.Title = strings.Replace(m.Title, "Pull request ", "PR ", 1)
	if f.action == "updated" {
		m.Urgency = low
	}
	return m
}

func review(f forge) Message {
	state := strings.ToLower(f.text("review.state", "review.type"))
	title := "Reviewed"
	switch {
	case strings.Contains(state, "approved"):
		title = "Approved"
	case strings.Contains(state, "changes_requested"), strings.Contains(state, "rejected"):
		title = "Changes requested"
	}
	return f.comment(title, "pull_request", "review")
}

func reviewComment(f forge) Message { return f.comment("Review comment", "pull_request", "comment") }

func issueComment(f forge) Message {
	if f.has("pull_request") {
		return f.comment("Comment", "pull_request", "comment")
	}
	return f.comment("Comment", "issue", "comment")
}

func discussionComment(f forge) Message { return f.comment("Comment", "discussion", "comment") }

// comment is what somebody wrote about a thing.
func (f forge) comment(title, thing, member string) Message {
	m := Message{
		Title:   title + ": " + f.text(thing+".title"),
		Body:    lines(f.context(f.text(thing+".number", "number")), prose(f.text(member+".body", member+".content"), maxExcerpt)),
		URL:     f.text(member+".html_url", thing+".html_url"),
		Urgency: normal,
	}
	if f.action == "edited" || f.action == "deleted" {
		m.Title, m.Urgency = strings.Replace(m.Title, ":", " "+f.action+":", 1), low
	}
	return m
}

func commitComment(f forge) Message {
	commit := f.text("comment.commit_id")
	return Message{
		Title:   "Comment on " + commit[:min(len(commit), 7)] + " in " + f.repo(),
		Body:    lines(prose(f.text("comment.body"), maxExcerpt), f.context("")),
		URL:     f.text("comment.html_url"),
		Urgency: normal,
	}
}

func securityAlert(f forge) Message {
	number := f.text("alert.number")
	what := f.text("alert.security_advisory.summary", "alert.rule.description", "alert.secret_type_display_name", "alert.secret_type")
	m := Message{
		Title:   "Security: " + cmp.Or(what, f.repo()),
		Body:    lines(f.context(number), sentence(strings.ReplaceAll(f.action, "_", " "))),
		URL:     f.text("alert.html_url"),
		Urgency: high,
		Tag:     f.tag(f.event, number),
	}
	switch f.action {
	case "fixed", "resolved", "dismissed", "auto_dismissed", "closed_by_user", "revoked":
		m.Title, m.Urgency = "Resolved, "+m.Title, normal
	}
	return m
}

// otherEvent is one that nothing more is known about.
func otherEvent(f forge) Message {
	event := cmp.Or(f.event, "event")
	name := f.text(event+".title", event+".name")
	if name == f.repo() {
		name = ""
	}
	return Message{
		Title:   join(": ", f.done(event), name, f.repo()),
		Body:    f.context(""),
		URL:     f.text(event + ".html_url"),
		Urgency: low,
	}
}
