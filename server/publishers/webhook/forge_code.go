package webhook

import (
	"cmp"
	"strings"
)

// The events of a forge that are about code: pushes, releases, builds.

// ref is a branch or tag without what Git puts before it, and which of them it is.
func ref(s string) (name, kind string) {
	if name, ok := strings.CutPrefix(s, "refs/tags/"); ok {
		return name, "tag"
	}
	return strings.TrimPrefix(s, "refs/heads/"), "branch"
}

func noCommit(id string) bool { return id != "" && strings.Trim(id, "0") == "" }

func pushed(f forge) Message {
	name, kind := ref(f.text("ref"))
	commits := f.list("commits")
	m := Message{Body: f.context(""), URL: f.text("compare", "compare_url"), Urgency: normal}
	switch {
	case f.flag("deleted") || noCommit(f.text("after")): // then there is no head commit
		m.Title, m.Urgency, m.URL = sentence(kind)+" deleted: "+name, low, ""
		return m
	case len(commits) == 0:
		m.Title = sentence(kind) + " pushed: " + name
		if f.flag("created") || noCommit(f.text("before")) {
			m.Title = sentence(kind) + " created: " + name
		}
		return m
	case len(commits) == 1:
		m.Title = f.repo() + ": " + firstLine(commits[0].text("message"))
		m.URL = cmp.Or(webURL(commits[0].text("url")), m.URL)
		m.Body = lines("Commit to "+name+" by "+author(commits[0], f.who()), f.fullRepo())
	default:
		total := len(commits)
		if n, ok := f.number("total_commits"); ok && n > float64(total) {
			total = int(min(n, 1e6))
		}
		m.Title = count(total, "commit") + " to " + f.repo() + " (" + name + ")"
		var messages []string
		for i := len(commits) - 1; i >= 0; i-- { // the latest first
			messages = append(messages, firstLine(commits[i].text("message")))
		}
		m.Body = lines(first(5, messages, total-len(commits)), f.context(""))
	}
	if f.flag("forced") {
		m.Body = lines("Force push", m.Body)
	}
	return m
}

func author(commit node, otherwise string) string {
	return cmp.Or(commit.text("author.name", "author.username"), otherwise)
}

func refCreated(f forge) Message { return f.branch("created") }

func refDeleted(f forge) Message { return f.branch("deleted") }

func (f forge) branch(done string) Message {
	name, kind := ref(f.text("ref"))
	return Message{Title: sentence(cmp.Or(f.text("ref_type"), kind)) + " " + done + ": " + name, Body: f.context(""), Urgency: low}
}

func release(f forge) Message {
	version, name := f.text("release.tag_name"), f.text("release.name")
	if name == version {
		name = ""
	}
	m := Message{
		Title:   f.repo() + " " + version + " released",
		Body:    lines(name, prose(f.text("release.body"), maxExcerpt), f.context("")),
		URL:     f.text("release.html_url"),
		Urgency: normal,
		Tag:     f.tag("release", version),
	}
	if f.action != "published" && f.action != "released" && f.action != "created" {
		m.Title, m.Urgency = f.done("release")+": "+f.repo()+" "+version, low
	}
	return m
}

// outcomes are how a build ended, and how it is told.
var outcomes = map[string]struct{ word, urgency string }{
	"success":         {"Passed", normal},
	"fixed":           {"Passed again", normal},
	"failure":         {"Failed", high},
	"error":           {"Failed", high},
	"startup_failure": {"Failed to start", high},
	"timed_out":       {"Timed out", high},
	"action_required": {"Needs approval", high},
	"cancelled":       {"Cancelled", low},
	"skipped":         {"Skipped", veryLow},
	"neutral":         {"Finished", low},
	"stale":           {"Stale", veryLow},
	"pending":         {"Pending", veryLow},
	"queued":          {"Queued", veryLow},
	"requested":       {"Queued", veryLow},
	"waiting":         {"Waiting", low},
	"in_progress":     {"Started", low},
	"inactive":        {"Inactive", veryLow},
}

// build is something that runs and ends; a later end takes the place of an earlier
// one of the same name on the same branch.
func (f forge) build(outcome, name, branch, details, url string) Message {
	o, known := outcomes[outcome]
	if !known {
		o.word, o.urgency = sentence(cmp.Or(outcome, "finished")), normal
	}
	where := f.repo()
	if branch != "" {
		where += " (" + branch + ")"
	}
	return Message{Title: o.word + ": " + join(" in ", cmp.Or(name, "build"), where), Body: lines(details, f.context("")), URL: url, Urgency: o.urgency, Tag: f.tag("build", name+" "+branch)}
}

func workflowRun(f forge) Message {
	run := f.at("workflow_run")
	message := firstLine(cmp.Or(run.text("display_title"), run.text("head_commit.message")))
	number := prefixed("Run ", run.text("run_number"))
	return f.build(run.text("conclusion", "status"), cmp.Or(run.text("name"), f.text("workflow.name")), run.text("head_branch"), join(": ", number, message), run.text("html_url"))
}

func workflowJob(f forge) Message {
	job := f.at("workflow_job")
	return f.build(job.text("conclusion", "status"), join(" / ", job.text("workflow_name"), job.text("name")), job.text("head_branch"), "", job.text("html_url"))
}

func checkRun(f forge) Message {
	run := f.at("check_run")
	details := cmp.Or(run.text("output.title"), prose(run.text("output.summary"), 200))
	return f.build(run.text("conclusion", "status"), run.text("name"), run.text("check_suite.head_branch"), details, run.text("html_url"))
}

func checkSuite(f forge) Message {
	suite := f.at("check_suite")
	return f.build(suite.text("conclusion", "status"), cmp.Or(suite.text("app.name"), "checks"), suite.text("head_branch"),
		firstLine(suite.text("head_commit.message")), "")
}

func commitStatus(f forge) Message {
	return f.build(f.text("state"), f.text("context"), f.text("branches.0.name"), f.text("description"), f.text("target_url"))
}

func deploymentStatus(f forge) Message {
	status := f.at("deployment_status")
	name := "deployment to " + cmp.Or(status.text("environment"), f.text("deployment.environment"))
	return f.build(status.text("state"), name, "", status.text("description"), cmp.Or(webURL(status.text("environment_url")), status.text("target_url")))
}

// actionRun is Forgejo's for a workflow that failed, or that passes again.
func actionRun(f forge) Message {
	outcome := map[string]string{"success": "success", "failure": "failure", "recovered": "fixed", "recover": "fixed"}[f.action]
	run := f.at("run")
	name := strings.TrimSuffix(strings.TrimSuffix(run.text("workflow_id"), ".yml"), ".yaml")
	f.payload.node = node{append(f.members(), member{"repository", run.at("repository")})}
	return f.build(cmp.Or(outcome, f.action), cmp.Or(name, run.text("title")), run.text("prettyref"), run.text("title"), run.text("html_url"))
}

func star(f forge) Message {
	m := Message{Title: "New star: " + f.repo(), Body: lines(f.context("")), Urgency: veryLow}
	if stars := f.text("repository.stargazers_count", "repository.stars_count"); stars != "" {
		m.Body = lines(f.context(""), stars+" in all")
	}
	if f.action == "deleted" {
		m.Title = "Star taken back: " + f.repo()
	}
	return m
}

func forked(f forge) Message {
	return Message{Title: "Forked: " + f.repo(), Body: lines(f.text("forkee.full_name"), f.context("")), URL: f.text("forkee.html_url"), Urgency: veryLow}
}

func pinged(f forge) Message {
	return Message{Title: "Webhook connected: " + cmp.Or(f.repo(), f.text("hook.type")), Body: f.text("zen"), Urgency: low}
}

func packaged(f forge) Message {
	p := f.at(f.event)
	return Message{
		Title:   f.done("package") + ": " + join(" ", p.text("name"), p.text("package_version.version", "version")),
		Body:    f.context(""),
		URL:     p.text("package_version.html_url", "html_url"),
		Urgency: low,
	}
}

// wiki: GitHub lists pages, Gitea names one.
func wiki(f forge) Message {
	page, done := f.text("pages.0.title", "page"), f.text("pages.0.action", "action")
	return Message{
		Title:   "Wiki page " + cmp.Or(done, "edited") + ": " + page,
		Body:    lines(f.text("pages.0.summary", "comment"), f.context("")),
		URL:     f.text("pages.0.html_url"),
		Urgency: low,
	}
}
