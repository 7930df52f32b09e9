package webhook

import (
	"strings"
	"testing"
)

const hello = `"repository":{"name":"hello","full_name":"ana/hello","html_url":"https://git.lan/ana/hello"},"sender":{"login":"ana"}`

func gh(name, kind, body, want string) event {
	return event{name, "X-GitHub-Event: " + kind, body, want}
}

func TestGitHub(t *testing.T) {
	const issue1 = `"issue":{"number":1,"title":"It leaks","html_url":"https://git.lan/ana/hello/issues/1","body":"See **there** <!-- template -->"}`
	const pr2 = `"number":2,"pull_request":{"number":2,"title":"Stop it","html_url":"https://git.lan/ana/hello/pull/2","body":"b"}`
	const issueURL, prURL, repoURL = "https://git.lan/ana/hello/issues/1", "https://git.lan/ana/hello/pull/2", "https://git.lan/ana/hello"
	readEvents(t, []event{
		gh("ping", "ping", `{"zen":"Keep it logically awesome.","hook_id":1,"hook":{"type":"Repository"},`+hello+`}`, "Webhook connected: hello | Keep it logically awesome. | "+repoURL+" | low"),
		gh("one commit", "push", `{"ref":"refs/heads/main","before":"1","after":"2","compare":"https://git.lan/c","commits":[{"id":"2","message":"Fix the leak\n\nIt leaked.","url":"https://git.lan/2","author":{"name":"Ana"}}],`+hello+`}`,
			"hello: Fix the leak | Commit to main by Ana / ana/hello | https://git.lan/2 | normal"),
		gh("commits by force", "push", `{"ref":"refs/heads/main","forced":true,"compare":"https://git.lan/c","commits":[{"message":"one"},{"message":"two"}],`+hello+`}`,
			"2 commits to hello (main) | Force push / two / one / ana/hello, ana | https://git.lan/c | normal"),
		gh("a branch deleted", "push", `{"ref":"refs/heads/old","after":"0000000000000000000000000000000000000000","deleted":true,"head_commit":null,"commits":[],`+hello+`}`, "Branch deleted: old | ana/hello, ana | "+repoURL+" | low"),
		gh("a branch made", "push", `{"ref":"refs/heads/new","before":"0000000000000000000000000000000000000000","created":true,"commits":[],`+hello+`}`, "Branch created: new | ana/hello, ana | "+repoURL+" | normal"),
		gh("create", "create", `{"ref":"v1","ref_type":"tag",`+hello+`}`, "Tag created: v1 | ana/hello, ana | "+repoURL+" | low"),
		gh("delete", "delete", `{"ref":"old","ref_type":"branch",`+hello+`}`, "Branch deleted: old | ana/hello, ana | "+repoURL+" | low"),
		gh("an issue closed", "issues", `{"action":"closed",`+issue1+`,`+hello+`}`, "Issue closed: It leaks | ana/hello #1, ana | "+issueURL+" | normal"),
		gh("an issue labeled", "issues", `{"action":"labeled",`+issue1+`,`+hello+`}`, "Issue labeled: It leaks | ana/hello #1, ana | "+issueURL+" | low"),
		gh("a comment", "issue_comment", `{"action":"created",`+issue1+`,"comment":{"body":"> quoted\n\nMe [too](https://x.lan)","html_url":"https://git.lan/c1"},`+hello+`}`, "Comment: It leaks | ana/hello #1, ana / quoted / Me too | https://git.lan/c1 | normal"),
		gh("a pull request merged", "pull_request", `{"action":"closed","number":2,"pull_request":{"number":2,"title":"Stop it","merged":true,"html_url":"`+prURL+`"},`+hello+`}`, "PR merged: Stop it | ana/hello #2, ana | "+prURL+" | normal"),
		gh("a review wanted", "pull_request", `{"action":"review_requested",`+pr2+`,`+hello+`}`, "PR wants a review: Stop it | ana/hello #2, ana | "+prURL+" | normal"),
		gh("more commits", "pull_request", `{"action":"synchronize",`+pr2+`,`+hello+`}`, "PR updated: Stop it | ana/hello #2, ana | "+prURL+" | low"),
		gh("approved", "pull_request_review", `{"action":"submitted",`+pr2+`,"review":{"state":"approved","body":"Nice","html_url":"https://git.lan/r"},`+hello+`}`, "Approved: Stop it | ana/hello #2, ana / Nice | https://git.lan/r | normal"),
		gh("changes requested", "pull_request_review", `{"action":"submitted",`+pr2+`,"review":{"state":"changes_requested","body":null},`+hello+`}`, "Changes requested: Stop it | ana/hello #2, ana | "+prURL+" | normal"),
		gh("a release", "release", `{"action":"published","release":{"tag_name":"v1.2","name":"Spring","body":"# New\n- faster","html_url":"https://git.lan/r/1"},`+hello+`}`, "hello v1.2 released | Spring / New / • faster / ana/hello, ana | https://git.lan/r/1 | normal"),
		gh("a workflow", "workflow_run", `{"action":"completed","workflow_run":{"name":"CI","conclusion":"failure","head_branch":"main","run_number":7,"display_title":"Fix","html_url":"https://git.lan/a/7"},`+hello+`}`, "Failed: CI in hello (main) | Run 7: Fix / ana/hello, ana | https://git.lan/a/7 | high"),
		gh("a workflow under way", "workflow_run", `{"action":"in_progress","workflow_run":{"name":"CI","conclusion":null,"status":"in_progress","head_branch":"main"},`+hello+`}`, "Started: CI in hello (main) | ana/hello, ana | "+repoURL+" | low"),
		gh("a check", "check_run", `{"action":"completed","check_run":{"name":"lint","conclusion":"timed_out","output":{"title":"Took too long"},"check_suite":{"head_branch":"main"}},`+hello+`}`, "Timed out: lint in hello (main) | Took too long / ana/hello, ana | "+repoURL+" | high"),
		gh("a status", "status", `{"state":"error","context":"ci/drone","description":"broken","branches":[{"name":"main"}],"target_url":"https://ci.lan/1",`+hello+`}`, "Failed: ci/drone in hello (main) | broken / ana/hello, ana | https://ci.lan/1 | high"),
		gh("a deployment", "deployment_status", `{"action":"created","deployment_status":{"state":"success","environment":"production","environment_url":"https://app.lan"},`+hello+`}`, "Passed: deployment to production in hello | ana/hello, ana | https://app.lan | normal"),
		gh("a star", "star", `{"action":"created","starred_at":"x","repository":{"name":"hello","full_name":"ana/hello","stargazers_count":51},"sender":{"login":"bia"}}`, "New star: hello | ana/hello, bia / 51 in all |  | very-low"),
		gh("a fork", "fork", `{"forkee":{"full_name":"bia/hello","html_url":"https://git.lan/bia/hello"},`+hello+`}`, "Forked: hello | bia/hello / ana/hello, ana | https://git.lan/bia/hello | very-low"),
		gh("a discussion", "discussion", `{"action":"created","discussion":{"number":3,"title":"Ideas","body":"b","html_url":"https://git.lan/d/3"},`+hello+`}`, "Discussion created: Ideas | ana/hello #3, ana / b | https://git.lan/d/3 | normal"),
		gh("a vulnerability", "dependabot_alert", `{"action":"created","alert":{"number":4,"html_url":"https://git.lan/s/4","security_advisory":{"summary":"Prototype pollution in x"}},`+hello+`}`, "Security: Prototype pollution in x | ana/hello #4, ana / Created | https://git.lan/s/4 | high"),
		gh("its end", "dependabot_alert", `{"action":"fixed","alert":{"number":4,"security_advisory":{"summary":"Prototype pollution in x"}},`+hello+`}`, "Resolved, Security: Prototype pollution in x | ana/hello #4, ana / Fixed | "+repoURL+" | normal"),
		gh("a wiki page", "gollum", `{"pages":[{"title":"Home","action":"edited","html_url":"https://git.lan/w"}],`+hello+`}`, "Wiki page edited: Home | ana/hello, ana | https://git.lan/w | low"),
		gh("a package", "package", `{"action":"published","package":{"name":"web","package_version":{"version":"1.0","html_url":"https://git.lan/p"}},`+hello+`}`, "Package published: web 1.0 | ana/hello, ana | https://git.lan/p | low"),
		gh("another event", "merge_group", `{"action":"checks_requested","merge_group":{"head_sha":"1"},`+hello+`}`, "Merge group checks requested: hello | ana/hello, ana | "+repoURL+" | low"),
		gh("an organization's", "membership", `{"action":"added","organization":{"login":"octo"},"sender":{"login":"ana"}}`, "Membership added: octo | octo, ana |  | low"),
		gh("a form", "ping\nContent-Type: application/x-www-form-urlencoded", "payload=%7B%22zen%22%3A%22Half+measures%22%2C%22hook%22%3A%7B%22type%22%3A%22Repository%22%7D%7D", "Webhook connected: Repository | Half measures |  | low"),
		gh("a long title", "issues", `{"action":"opened","issue":{"number":1,"title":"`+strings.Repeat("very ", 20)+`long","body":"b"},`+hello+`}`,
			"Issue opened: very very very very very very very very very… | Issue opened: "+strings.Repeat("very ", 20)+"long / ana/hello #1, ana / b | "+repoURL+" | normal"),
	})
}

func TestGitea(t *testing.T) {
	const people = `"repository":{"name":"hello","full_name":"ana/hello","html_url":"https://git.lan/ana/hello"},"sender":{"login":"ana","username":"ana"}`
	const pr2 = `"number":2,"pull_request":{"number":2,"title":"Stop it","html_url":"https://git.lan/ana/hello/pulls/2"}`
	gitea := func(name, of, kind, body, want string) event {
		return event{name, "X-Gitea-Event: " + of + "\nX-Gitea-Event-Type: " + kind + "\nX-GitHub-Event: " + of, body, want}
	}
	const prURL = "https://git.lan/ana/hello/pulls/2"
	readEvents(t, []event{
		gitea("many commits", "push", "push", `{"ref":"refs/heads/main","compare_url":"https://git.lan/c","total_commits":30,"commits":[{"message":"a"},{"message":"b"}],`+people+`}`, "30 commits to hello (main) | b / a / and 28 more / ana/hello, ana | https://git.lan/c | normal"),
		gitea("approved", "pull_request_approved", "pull_request_review_approved", `{"action":"reviewed",`+pr2+`,"review":{"type":"pull_request_review_approved","content":"Nice"},`+people+`}`, "Approved: Stop it | ana/hello #2, ana / Nice | "+prURL+" | normal"),
		gitea("rejected", "pull_request_rejected", "pull_request_review_rejected", `{"action":"reviewed",`+pr2+`,"review":{"type":"pull_request_review_rejected","content":"No"},`+people+`}`, "Changes requested: Stop it | ana/hello #2, ana / No | "+prURL+" | normal"),
		gitea("a comment on a pull request", "issue_comment", "pull_request_comment", `{"action":"created","is_pull":true,"issue":{"number":2,"title":"Stop it"},"comment":{"body":"Hm","html_url":"https://git.lan/c1"},`+people+`}`, "Comment: Stop it | ana/hello #2, ana / Hm | https://git.lan/c1 | normal"),
		gitea("synchronized", "pull_request", "pull_request_sync", `{"action":"synchronized",`+pr2+`,`+people+`}`, "PR updated: Stop it | ana/hello #2, ana | "+prURL+" | low"),
		gitea("a wiki page", "wiki", "wiki", `{"action":"created","page":"Home","comment":"first",`+people+`}`, "Wiki page created: Home | first / ana/hello, ana | https://git.lan/ana/hello | low"),
		gitea("a repository", "repository", "repository", `{"action":"created",`+people+`}`, "Repository created: hello | ana/hello, ana | https://git.lan/ana/hello | low"),
		{"Forgejo's failed run", "X-Forgejo-Event: action_run_failure\nX-Gitea-Event: action_run_failure\nX-GitHub-Event: action_run_failure",
			`{"action":"failure","run":{"title":"Fix","workflow_id":"ci.yml","prettyref":"main","html_url":"https://git.lan/a/1","repository":{"name":"hello","full_name":"ana/hello"}},"prior_status":"success"}`,
			"Failed: ci in hello (main) | Fix / ana/hello | https://git.lan/a/1 | high"},
		{"and its recovery", "X-Forgejo-Event: action_run_recover", `{"action":"recovered","run":{"title":"Fix","workflow_id":"ci.yml","prettyref":"main","repository":{"name":"hello","full_name":"ana/hello"}},"prior_status":"failure"}`,
			"Passed again: ci in hello (main) | Fix / ana/hello |  | normal"},
	})
	readEvents(t, []event{{"Gogs", "X-Gogs-Event: create", `{"ref":"v1","ref_type":"tag","repository":{"full_name":"ana/hello"}}`, "Tag created: v1 | ana/hello |  | low"}})
	for header, want := range map[string]string{"X-Gitea-Event": "Gitea", "X-Forgejo-Event": "Forgejo", "X-GitHub-Event": "GitHub"} {
		r := Request{Header: map[string][]string{}, Body: []byte(`{"ref":"v1","ref_type":"tag",` + hello + `}`)}
		r.Header.Set("X-GitHub-Event", "create")
		r.Header.Set(header, "create")
		if m, err := Read(r); err != nil || m.Sender != want {
			t.Errorf("%s is read as %q, %v", header, m.Sender, err)
		}
	}
}
