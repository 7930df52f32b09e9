package openapi

func hooks() []operation {
	preview := fields("What to try. A template that is left out is the webhook's.", append([]field{
		may("name", text("The webhook whose templates and last payload to take.")),
	}, append(templates(may),
		may("payload", object{{"description", "What to try it on: JSON as the sender would send it, or a string that holds text, a form or JSON. Left out: what came last for the webhook of that name since the server started."}}))...),
		refusesOthers())
	shown := append(fieldsOfMessage(), must("received_at", momentOrNull("When the payload came; null = it is the request's.")))
	return []operation{
		hook("/hook", "hook", "Publish whatever a webhook says", nil),
		hook("/hook/{token}", "hookToken", "The same, with the token in the address",
			[]object{inPath("token", "A token with the scope publish, for senders that can set no header. It is in no log of recado's.", object{{"type", "string"}})}),
		{method: "GET", path: "/v1/webhooks", id: "listWebhooks", tag: tagWebhooks, summary: "List the webhooks of the configuration", scope: admin, form: problems,
			parameters: limitAndAfter(),
			answers:    []answer{json200("A page, by name.", page("Webhook"), pageOf(sampleWebhook())), problem(422, "A parameter is wrong.")}},
		{method: "POST", path: "/v1/webhooks/preview", id: "previewWebhook", tag: tagWebhooks, summary: "Try templates", scope: admin, form: problems,
			text:    "Shows what templates make of a payload. Nothing is published. A template that fails is told in `errors`, with its line.",
			body:    &body{schema: preview, example: object{{"title", "{{.host}}: {{.event}}"}, {"payload", object{{"host", "nas"}, {"event", "disk full"}}}}},
			answers: []answer{json200("The message.", fields("What a person would see.", shown), sampleShown())}},
	}
}

func hook(path, name, summary string, inPath []object) operation {
	return operation{
		method: "POST", path: path, id: name, tag: tagWebhooks, summary: summary, scope: publish, form: anyBody,
		text: "Grafana, Alertmanager, Uptime Kuma, GitHub, Gitea and Forgejo, Sonarr and Radarr, Jellyfin, Proxmox, Healthchecks, Watchtower, Synology, Apprise (`json://`, `form://`) and what has the form of a message to Discord, Slack, Gotify or ntfy are recognised by payload and headers, whatever the Content-Type; anything else becomes readable text. A resolved alert replaces the firing one. Text is cut to fit; a body may be 1 MiB. A token that is limited to categories publishes to those when none is named.",
		parameters: append(inPath,
			object{{"name", "category"}, {"in", "query"}, {"description", "The category to publish to; several times for several. Left out: the webhook's, or everyone."},
				{"schema", object{{"type", "array"}, {"items", object{{"type", "string"}}}}}},
			inQuery("template", "The [webhook.NAME] of the configuration to read it by.", object{{"type", "string"}}),
			idempotencyKey()),
		body: &body{schema: object{}, form: object{}, example: object{{"title", "Disk full"}, {"message", "sda1 at 95 %"}}},
		answers: []answer{
			jsonAnswer(202, "Accepted: it is durable.", fields("The notification.", []field{must("id", id("Its id."))}), object{{"id", sampleID}}),
			operation{}.error(400, "Nothing to show, nested deeper than 32, an unknown category or template; or the template fails: then the message names it and its line."),
			(operation{}).forbidden().saying("The token may not publish to that category, or the request is not signed with the webhook's secret."),
			operation{}.error(409, "The Idempotency-Key was used before with other bytes."),
			operation{}.tooLarge("The body is larger than 1 MiB."),
			operation{}.error(415, "The body has a Content-Encoding."),
		},
	}
}

// templates are the fields that a webhook's templates are for.
func templates(need func(string, object) field) []field {
	var all []field
	for _, f := range [][2]string{
		{"title", "The headline."},
		{"body", "The text."},
		{"url", "What a click opens; what is no absolute http or https URL counts as none."},
		{"urgency", "`very-low`, `low`, `normal`, `high`, or what others call them."},
		{"tag", "Messages with the same one replace each other."},
	} {
		all = append(all, need(f[0], text("A Go template over the payload. "+f[1]+" Empty = as the sender is known.", member{"maxLength", 16384})))
	}
	return all
}

func fieldsOfMessage() []field {
	return []field{
		must("sender", text("The product that it comes from; empty = not known.")),
		must("title", text("The headline.")),
		must("body", text("The text.")),
		must("url", text("What a click opens; empty = nothing.")),
		must("urgency", oneOf("How urgent it is.", "very-low", "low", "normal", "high")),
		must("tag", text("Messages with the same one replace each other; empty = none.")),
	}
}

func webhook() object {
	return fields("A webhook of the configuration, `[webhook.NAME]`.", append(append([]field{
		must("name", text("What `?template=` calls it."))}, templates(must)...),
		must("categories", names("Categories that it publishes to where the request names none.")),
		must("has_secret", flag("Its sender has to sign its requests.")),
		must("last_received_at", momentOrNull("When something came for it last; null = nothing since the server started.")),
		must("last_sender", text("The product that it came from; empty = not known.")),
		must("last_error", text("What was wrong with its templates then, with the line; empty = nothing.")),
	))
}

func sampleWebhook() object {
	return object{
		{"name", "nas"}, {"title", "{{.host}}: {{.event}}"}, {"body", ""}, {"url", ""}, {"urgency", ""}, {"tag", ""},
		{"categories", []string{"ops"}}, {"has_secret", false},
		{"last_received_at", "2026-11-23T07:00:00.000Z"}, {"last_sender", ""}, {"last_error", ""},
	}
}

func sampleShown() object {
	return object{{"sender", ""}, {"title", "nas: disk full"}, {"body", ""}, {"url", ""}, {"urgency", "normal"}, {"tag", ""}, {"received_at", nil}}
}
