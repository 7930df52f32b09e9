package openapi

import "slices"

// foreign are the routes of publishers that speak something else.
func foreign() []operation { return slices.Concat(ofNtfy(), ofGotify()) }

const ntfyText = "Everything but the text stands in headers or in the query, by any of ntfy's names: `X-Title`, `Title`, `ti` or `t`; `X-Message`, `Message`, `m`; `X-Priority`, `Priority`, `prio`, `p`; `X-Tags`, `Tags`, `Tag`, `ta`; `X-Delay`, `Delay`, `X-At`, `At`, `X-In`, `In`; `X-Actions`, `Actions`, `Action`; `X-Attach`, `Attach`, `a`; `X-Filename`, `Filename`, `File`, `f`; `X-Markdown`, `Markdown`, `md`; `X-Sequence-ID`, `Sequence-ID`, `sid`. A header comes before the query, and may hold encoded words (RFC 2047)."

const ntfyAuth = "The token is sent as Bearer, as the password of Basic, or as `?auth=`, which holds a whole `Authorization` in base64url. The topic is the category of its name, which is made when it is first used, unless the token is limited to categories."

func ofNtfy() []operation {
	publishAt := func(method, path, id, summary string, b *body) operation {
		return operation{method: method, path: path, id: id, tag: tagNtfy, summary: summary, scope: publish, form: ntfyErrors,
			text: ntfyAuth + "\n\n" + ntfyText, parameters: append([]object{topicInPath()}, ntfyParameters()...), body: b, answers: ntfyAnswers()}
	}
	atRoot := func(method, id string) operation {
		return operation{method: method, path: "/", id: id, tag: tagNtfy, summary: "Publish JSON as to ntfy", scope: publish, form: ntfyErrors,
			text:       ntfyAuth + " What is missing in the JSON is looked for in the headers and in the query.",
			parameters: []object{authInQuery()},
			body: &body{schema: ref("NtfyInput"), example: object{
				{"topic", "ops"}, {"title", "Disk full"}, {"message", "sda1 at 95 %"}, {"priority", 4}, {"tags", []string{"warning"}}, {"click", "https://nas.example/"},
			}},
			answers: ntfyAnswers()}
	}
	text := func() *body {
		return &body{media: "text/plain", schema: object{{"type", "string"}}, example: "Backup done", optional: true}
	}
	all := []operation{
		publishAt("POST", "/{topic}", "ntfyPost", "Publish as to ntfy", text()),
		publishAt("PUT", "/{topic}", "ntfyPut", "Publish as to ntfy, with PUT", text()),
		publishAt("GET", "/{topic}/publish", "ntfyPublish", "Publish with GET", nil),
		publishAt("GET", "/{topic}/send", "ntfySend", "Publish with GET, in another word", nil),
		publishAt("GET", "/{topic}/trigger", "ntfyTrigger", "Publish with GET, in a third one", nil),
		atRoot("POST", "ntfyPostJSON"), atRoot("PUT", "ntfyPutJSON"),
		{method: "GET", path: "/v1/health", id: "ntfyHealth", tag: tagNtfy, summary: "Is it there?", form: bare,
			answers: []answer{json200("It is.", fields("It is.", []field{must("healthy", flag("Always true."))}), object{{"healthy", true}})}},
	}
	return all
}

func topicInPath() object {
	return inPath("topic", "The topic: no other route's first segment.", object{{"type", "string"}, {"pattern", "^[-_A-Za-z0-9]{1,64}$"}})
}

func authInQuery() object {
	return inQuery("auth", "A whole `Authorization`, in base64url.", object{{"type", "string"}})
}

func ntfyParameters() []object {
	text := object{{"type", "string"}}
	return []object{
		inQuery("title", "The headline.", text),
		inQuery("message", "The text, if there is no body; `\\n` is a line end.", text),
		inQuery("priority", "1 (very-low) to 5 (high, and it stays until the person acts), or min, low, default, high, max.", text),
		inQuery("tags", "Separated by commas. The names of emojis become those, before the title.", text),
		inQuery("click", "What a click opens.", text),
		inQuery("icon", "A small picture: an http or https URL.", text),
		inQuery("actions", "Buttons: `view, Open, https://nas.example/; …`, or a list in JSON. A browser can do `view` alone; others are only warned of.", text),
		inQuery("delay", "When to send it: seconds since 1970, a duration such as `30m`, RFC 3339, or words such as `tomorrow, 10am`, on the server's clocks; at most a year ahead.", text),
		inQuery("markdown", "`yes`: the text is Markdown. Its marks are taken away.", text),
		inQuery("attach", "A file: an http or https URL. A picture is shown, anything else is a link.", text),
		inQuery("filename", "What the file is called.", text),
		inQuery("sid", "The name of a series in which each message replaces the one before.", text),
		authInQuery(),
	}
}

func ntfyAnswers() []answer {
	return []answer{
		json200("Accepted: from now on it is durable.", ref("NtfyMessage"), object{
			{"id", sampleID}, {"time", 1795417200}, {"expires", 1795503600}, {"event", "message"}, {"topic", "ops"},
			{"title", "Disk full"}, {"message", "sda1 at 95 %"}, {"priority", 4}, {"tags", []string{"warning"}}, {"click", "https://nas.example/"},
		}),
		operation{form: ntfyErrors}.error(400, "A parameter or the JSON is wrong; `code` is ntfy's."),
		operation{form: ntfyErrors}.forbidden().saying("There is no token, or it may not publish there."),
	}
}

func ntfyInput() object {
	return fields("A message. Numbers may be strings, lists may be text with commas.", []field{
		must("topic", text("Where to publish it.", member{"pattern", "^[-_A-Za-z0-9]{1,64}$"})),
		may("message", text("The text; left out: `triggered`.")),
		may("title", text("The headline.")),
		may("priority", kind([]string{"integer", "string"}, "1 (very-low) to 5 (high), or min, low, default, high, max; 0 = none.")),
		may("tags", list("The names of emojis become those, before the title.", object{{"type", "string"}})),
		may("click", text("What a click opens.")),
		may("icon", text("A small picture: an http or https URL.")),
		may("actions", list("Buttons.", ref("NtfyAction"), member{"maxItems", 10})),
		may("attach", text("A file: an http or https URL.")),
		may("filename", text("What the file is called.")),
		may("markdown", flag("The text is Markdown.")),
		may("delay", text("When to send it.")),
		may("sequence_id", text("The name of a series in which each message replaces the one before.")),
	}, ignoresOthers())
}

func ntfyAction() object {
	return fields("A button. A browser can do `view` alone.", []field{
		may("id", text("Its name.")),
		must("action", oneOf("What it does.", "view", "http", "broadcast", "copy")),
		must("label", text("What stands on it.")),
		may("clear", flag("The notification goes away with it.")),
		may("url", text("What it opens.")),
	}, ignoresOthers())
}

func ntfyMessage() object {
	return fields("A message that was published.", []field{
		must("id", id("The notification's id, for `/v1/pushnotification`.")),
		must("time", count("When it is sent, in seconds since 1970.")),
		must("expires", count("When it is not tried any more.")),
		must("event", oneOf("What happened.", "message")),
		must("topic", text("The topic.")),
		may("title", text("The headline.")),
		must("message", text("The text.")),
		may("priority", whole("1 to 5.", 1, 5)),
		may("tags", names("The tags.")),
		may("click", text("What a click opens.")),
		may("icon", text("A small picture.")),
		may("actions", list("The buttons.", ref("NtfyAction"))),
		may("attachment", fields("A file.", []field{must("name", text("What it is called.")), must("url", text("Where it is."))})),
		may("content_type", oneOf("`text/markdown` if it is that.", "text/markdown")),
	})
}

func ntfyError() object {
	return fields("What is wrong.", []field{
		must("code", whole("ntfy's number for it.", 40000, 50399)),
		must("http", whole("The HTTP status.", 400, 599)),
		must("error", text("A sentence for people.")),
		may("link", text("Where ntfy explains it.", member{"format", "uri"})),
	})
}

func ofGotify() []operation {
	return []operation{
		{method: "POST", path: "/message", id: "gotifyMessage", tag: tagGotify, summary: "Publish as to Gotify", scope: publish, form: gotifyErrors,
			text: "The token is sent as `?token=`, `X-Gotify-Key` or Bearer. The message goes to everyone that the token may publish to, or to the categories that `?category=` names. The fields of a form may stand in the query as well.",
			parameters: []object{
				inQuery("token", "The token.", object{{"type", "string"}}),
				{{"name", "X-Gotify-Key"}, {"in", "header"}, {"description", "The token."}, {"schema", object{{"type", "string"}}}},
				inQuery("category", "A category; may be repeated.", object{{"type", "array"}, {"items", object{{"type", "string"}}}}),
			},
			body: &body{schema: ref("GotifyInput"), form: ref("GotifyForm"),
				example: object{{"title", "Disk full"}, {"message", "sda1 at 95 %"}, {"priority", 8}}},
			answers: []answer{
				json200("Accepted: from now on it is durable.", ref("GotifyMessage"), object{
					{"id", 812}, {"appid", 3}, {"title", "Disk full"}, {"message", "sda1 at 95 %"}, {"priority", 8}, {"date", "2026-11-23T07:00:00.000Z"},
				}),
				operation{form: gotifyErrors}.error(400, "There is no message, a field is of another type, or a category does not exist."),
			}},
		{method: "GET", path: "/version", id: "gotifyVersion", tag: tagGotify, summary: "Which version is it?", form: bare,
			answers: []answer{json200("recado's.", fields("The version.", []field{
				must("version", text("recado's version.")), must("commit", text("Empty.")), must("buildDate", text("Empty.")),
			})), operation{form: gotifyErrors}.tooMany()}},
		{method: "GET", path: "/health", id: "gotifyHealth", tag: tagGotify, summary: "Is it well?", form: bare,
			answers: []answer{json200("It is.", ref("GotifyHealth")), {status: 503, description: "It is not.",
				headers: object{retryAfter()}, content: object{{"application/json", object{{"schema", ref("GotifyHealth")}}}}}}},
	}
}

func gotifyFields() []field {
	return []field{
		must("message", text("The text.")),
		may("title", text("The headline.")),
		may("priority", kind("integer", "0 very-low, 1 to 3 low, 4 to 7 normal, 8 to 10 high; left out: normal.")),
	}
}

func gotifyInput() object {
	return fields("A message.", append(gotifyFields(),
		may("extras", kind("object", "`client::display` (contentType) and `client::notification` (click.url, bigImageUrl).", member{"additionalProperties", true})),
	), ignoresOthers())
}

func gotifyMessage() object {
	return fields("A message that was published.", []field{
		must("id", count("Its number.")),
		must("appid", count("The number of the token.")),
		must("message", text("The text.")),
		must("title", text("The headline; may be empty.")),
		must("priority", kind("integer", "The priority.")),
		may("extras", kind("object", "As they came.", member{"additionalProperties", true})),
		must("date", moment("When it was accepted.")),
	})
}

func gotifyHealth() object {
	return fields("How it is.", []field{
		must("health", oneOf("The server.", "green", "orange")),
		must("database", oneOf("Its storage.", "green", "red")),
	})
}

func gotifyError() object {
	return fields("What is wrong.", []field{
		must("error", text("The status in words.")),
		must("errorCode", whole("The HTTP status.", 400, 599)),
		must("errorDescription", text("A sentence for people.")),
	})
}
