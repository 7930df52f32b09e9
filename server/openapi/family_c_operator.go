package openapi

import "strings"

func hasVariable(path, name string) bool { return strings.Contains(path, "{"+name+"}") }

func subscriptions() []operation {
	const one = "/v1/subscriptions/{id}"
	change := fields("What to change; what is left out stays.", []field{
		may("label", text("What to call it, at most 100 characters.", member{"maxLength", 100})),
		may("user", text("Whom it belongs to; empty = nobody known.", member{"maxLength", 100})),
		may("categories", names("Names of the categories it is in from now on.")),
	}, refusesOthers())
	return ofV1(tagSubscriptions, "subscription", []operation{
		{method: "GET", path: "/v1/subscriptions", id: "listSubscriptions", summary: "List subscriptions", scope: read,
			text: "Living ones, newest first.",
			parameters: append([]object{
				inQuery("category", "Only those in this category.", object{{"type", "string"}}),
				inQuery("user", "Only this user's.", object{{"type", "string"}}),
				inQuery("service", "Only those of this push service.", object{{"type", "string"}}),
				inQuery("key", "Only those that are bound to the VAPID key with this id.", object{{"type", "string"}}),
				inQuery("q", "Only those with this in label, user, service or the name of their browser (`Firefox 140 on Android`), whatever its case.", object{{"type", "string"}}),
				inQuery("silent", "Only those that have stopped receiving: their last three deliveries or more failed, or three or more were sent since they last displayed one, the first of them seven days ago.", object{{"type", "boolean"}, {"default", false}}),
			}, limitAndAfter()...),
			answers: []answer{json200("A page.", page("Subscription"), pageOf(sampleDeviceOf())), problem(422, "A parameter is wrong.")}},
		{method: "GET", path: one, id: "getSubscription", summary: "One subscription", scope: read,
			answers: []answer{json200("As it stands now.", ref("Subscription"), sampleDeviceOf()), unknown("subscription")}},
		{method: "PATCH", path: one, id: "changeSubscription", summary: "Change label, user or categories", scope: admin,
			body:    &body{schema: change, example: object{{"label", "Kitchen tablet"}, {"categories", []string{"ops"}}}},
			answers: []answer{json200("Changed.", ref("Subscription"), sampleDeviceOf()), unknown("subscription")}},
		{method: "DELETE", path: one, id: "removeSubscription", summary: "Remove a subscription", scope: admin,
			text:    "It stops receiving at once; its deliveries stay in the history, and `GET` still finds it, with `removed_at`.",
			answers: []answer{none(204, "Gone."), unknown("subscription")}},
	})
}

func invites() []operation {
	input := fields("An invite.", []field{
		may("user", text("Whom subscriptions made with it belong to; empty = nobody.", member{"maxLength", 100})),
		may("categories", names("Names of categories: allowed, and joined when the subscriber names none.")),
		may("uses", whole("How many subscriptions it is good for.", 1, 1000000, byDefault(1))),
		may("expires_at", text("When it stops working: RFC 3339 in any zone. Left out: never.", member{"format", "date-time"})),
	}, refusesOthers())
	return ofV1(tagInvites, "invite", []operation{
		{method: "GET", path: "/v1/invites", id: "listInvites", summary: "List invites", scope: admin,
			parameters: limitAndAfter(),
			answers:    []answer{json200("A page, without their links.", page("Invite"), pageOf(sampleInvite())), problem(422, "A parameter is wrong.")}},
		{method: "POST", path: "/v1/invites", id: "createInvite", summary: "Make an invite", scope: admin,
			body: &body{schema: input, example: object{{"user", "ana"}, {"categories", []string{"ops"}}, {"uses", 3}}},
			answers: []answer{jsonAnswer(201, "Made. The link is shown this once.",
				withField(withField(invite(), must("url", text("The link, to hand out.", member{"format", "uri"}))),
					must("qr", text("The link as a QR code for a phone to read: an SVG picture."))),
				sampleInvite().with(member{"url", "https://push.example/?invite=3mVhT0qYx8Zk2LrB5nWcQd"}, member{"qr", "<svg xmlns=\"http://www.w3.org/2000/svg\" …></svg>"}))}},
		{method: "DELETE", path: "/v1/invites/{id}", id: "deleteInvite", summary: "Take an invite back", scope: admin,
			text:    "Subscriptions made with it stay.",
			answers: []answer{none(204, "Gone."), unknown("invite")}},
	})
}

func tokens() []operation {
	input := fields("A token.", []field{
		must("name", text("What you call it, 1 to 100 characters.", member{"minLength", 1}, member{"maxLength", 100})),
		must("scope", oneOf("What it may do.", "admin", "publish", "read")),
		may("categories", names("Names that a publish token is limited to; left out = any.")),
		may("style", oneOf("What it looks like: some senders check that. `recado`: rcd_ and 43 characters, `ntfy`: tk_ and 29, `gotify`: A and 14.", "recado", "ntfy", "gotify").with(byDefault("recado"))),
		may("expires_at", text("When it stops working: RFC 3339 in any zone. Left out: never.", member{"format", "date-time"})),
	}, refusesOthers())
	return ofV1(tagTokens, "token", []operation{
		{method: "GET", path: "/v1/tokens", id: "listTokens", summary: "List tokens", scope: admin,
			parameters: limitAndAfter(),
			answers:    []answer{json200("A page.", page("Token"), pageOf(sampleToken())), problem(422, "A parameter is wrong.")}},
		{method: "POST", path: "/v1/tokens", id: "createToken", summary: "Make a token", scope: admin,
			body: &body{schema: input, example: object{{"name", "grafana"}, {"scope", "publish"}, {"categories", []string{"ops"}}}},
			answers: []answer{jsonAnswer(201, "Made. The token is shown this once.",
				withField(token(), must("token", text("The secret: send it as `Authorization: Bearer …`."))),
				sampleToken().with(member{"token", "rcd_4Yq0cN8vX2bLrT7mZpKe1WdHsJ6uGa9fRi3oBtEyVnC"}))}},
		{method: "DELETE", path: "/v1/tokens/{id}", id: "revokeToken", summary: "Revoke a token", scope: admin,
			answers: []answer{none(204, "It does not work any more."), unknown("token"),
				problem(409, "It comes from `access.admin_token`, or is the last admin token.")}},
	})
}

func keys() []operation {
	all := ofV1(tagKeys, "key", []operation{
		{method: "GET", path: "/v1/keys", id: "listKeys", summary: "List VAPID keys", scope: admin,
			parameters: limitAndAfter(),
			answers:    []answer{json200("A page.", page("Key"), pageOf(sampleVAPID())), problem(422, "A parameter is wrong.")}},
		{method: "POST", path: "/v1/keys/rotate", id: "rotateKeys", summary: "Make a new key", scope: admin,
			text:    "New subscriptions use it; those there are keep theirs until their browser comes again.",
			answers: []answer{jsonAnswer(201, "Made.", ref("Key"), sampleVAPID())}},
		{method: "DELETE", path: "/v1/keys/{id}", id: "retireKey", summary: "Retire a key", scope: admin,
			answers: []answer{none(204, "Gone."), unknown("key"), problem(409, "Subscriptions are bound to it, or it is the only one.")}},
	})
	all[2].parameters = []object{inPath("id", "The key's id.", object{{"type", "string"}})}
	return all
}

// withField is an object's schema with one more field.
func withField(schema object, f field) object {
	out := schema.with()
	for i, m := range out {
		switch m.name {
		case "required":
			out[i].value = append(m.value.([]string), f.name)
		case "properties":
			out[i].value = m.value.(object).with(member{f.name, f.schema})
		}
	}
	return out
}

func operating() []operation {
	reasons := fields("Whether it can, and why not.", []field{must("message", text("`ok`, or a sentence with the reasons.")), must("reasons", list("Each reason; empty when it is ready.", object{{"type", "string"}}))})
	both := func(example string) object {
		return append(plain(example), member{"application/json", object{{"schema", reasons}}})
	}
	ready := answer{status: 200, description: "It can.", content: both("ok")}
	notReady := answer{status: 503, description: "Not ready, and why: a line for each reason.", headers: object{retryAfter()},
		content: both("not ready\nstorage: it cannot be read or written")}
	return []operation{
		{method: "GET", path: "/v1/stats", id: "stats", tag: tagOperation, summary: "How the server is doing", scope: read, form: problems,
			answers: []answer{json200("Now.", ref("Stats"))}},
		{method: "GET", path: "/healthz", id: "healthz", tag: tagOperation, summary: "Is the process alive?", form: bare,
			answers: []answer{text200("It is.", "ok")}},
		{method: "GET", path: "/readyz", id: "readyz", tag: tagOperation, summary: "Can it do its work?", form: bare,
			text:    "For load balancers and monitors: storage can be written, and the queue moves. With `Accept: application/json` the answer is JSON.",
			answers: []answer{ready, notReady}},
	}
}

// scraping is /metrics where it has no listener of its own.
func scraping() operation {
	return operation{method: "GET", path: "/metrics", id: "metrics", tag: tagOperation, summary: "What Prometheus scrapes", scope: read,
		text: "Counters, gauges and histograms in the format that the scraper asks for, compressed if it takes that. With `metrics.listen` it is on that listener instead, without a token.",
		answers: []answer{{status: 200, description: "As it is now.", content: object{{"text/plain", object{
			{"schema", object{{"type", "string"}}}, {"example", "# HELP recado_ready 1 if the server can do its work, as /readyz has it; 0 if not.\n# TYPE recado_ready gauge\nrecado_ready 1\n"}}}}}}}
}

func meta() []operation {
	etag := object{header("ETag", "Names these bytes: send it as If-None-Match to be told 304.", object{{"type", "string"}})}
	same := answer{status: 304, description: "Unchanged.", headers: etag}
	file := func(media string, schema object) []answer {
		return []answer{{status: 200, description: "The file.", headers: etag, content: object{{media, object{{"schema", schema}}}}}, same}
	}
	return []operation{
		{method: "GET", path: "/openapi.json", id: "openapi", tag: tagMeta, summary: "This document", form: bare,
			text: "OpenAPI 3.1.", answers: file("application/json", kind("object", "An OpenAPI document.", member{"additionalProperties", true}))},
		{method: "GET", path: "/docs", id: "docs", tag: tagMeta, summary: "This document, for people", form: bare,
			answers: file("text/html; charset=utf-8", object{{"type", "string"}})},
	}
}
