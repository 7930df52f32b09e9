package openapi

func pushSubscription() object {
	return fields("A `PushSubscription` as `JSON.stringify` gives it, and what recado adds to it.", []field{
		must("endpoint", text("Where the push service takes messages: https, at a host of `push.allowed_hosts`.", member{"format", "uri"})),
		may("expirationTime", kind([]string{"number", "null"}, "When it ends by itself, in milliseconds since 1970.")),
		must("keys", fields("The browser's keys (RFC 8291).", []field{
			must("p256dh", text("A point on P-256, 65 bytes in base64url.")),
			must("auth", text("16 bytes in base64url.")),
		}, ignoresOthers())),
		may("label", text("What to call the device, at most 100 characters.", member{"maxLength", 100})),
		may("categories", names("Names of categories to be in; left out: those it is in already. Ones that are not public take an invite or an admin token.")),
		may("user", text("Whom it belongs to; takes an invite that says so or an admin token.", member{"maxLength", 100})),
		may("invite", text("The secret of an invite's link, where one is needed.")),
		may("public_key", text("The VAPID key it was subscribed with; left out: the one of `GET /api/subscribe`.")),
		may("replaces", text("The id or the endpoint of the subscription that this one takes the place of: its id, label, user and categories go on.")),
		may("declarative", flag("The browser shows Declarative Web Push by itself.")),
	}, ignoresOthers())
}

func sampleSubscription() object {
	return object{
		{"endpoint", "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABo"},
		{"expirationTime", nil},
		{"keys", object{
			{"p256dh", "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"},
			{"auth", "BTBZMqHH6r4Tts7J_aSIgg"},
		}},
		{"label", "Kitchen tablet"},
		{"categories", []string{"door"}},
	}
}

func subscribing() []operation {
	return []operation{
		{method: "GET", path: "/api", id: "hello", tag: tagSubscribe, summary: "Is it there?", form: bare,
			text:    "Answers `ok`.",
			answers: []answer{text200("It is.", "ok"), operation{}.tooMany()}},
		{method: "GET", path: "/api/subscribe", id: "publicKey", tag: tagSubscribe, summary: "The key to subscribe with",
			text:    "Pass it to `pushManager.subscribe` as `applicationServerKey`.",
			answers: []answer{json200("The newest key.", ref("PublicKey"))}},
		{method: "POST", path: "/api/subscribe", id: "subscribe", tag: tagSubscribe, summary: "Subscribe a browser", scope: optional,
			text: "The same endpoint again answers the same id, changes what is given and keeps what is left out: send it at every load of your page. While `access.subscribe` is `invite`, a new endpoint needs an invite.",
			body: &body{schema: ref("PushSubscription"), example: sampleSubscription()},
			answers: []answer{
				json200("Stored.", ref("SubscriptionID"), object{{"id", sampleDevice}}),
				operation{}.error(400, "A field is wrong; an unknown category; a host that `push.allowed_hosts` leaves out."),
				(operation{}).forbidden().saying("An invite or an admin token is needed, or the invite is used up."),
			}},
		{method: "POST", path: "/api/unsubscribe", id: "unsubscribe", tag: tagSubscribe, summary: "Unsubscribe",
			text: "Whether there was such a subscription is not told. The endpoint and its keys are wiped at once.",
			body: &body{schema: fields("Which one; at least one of the two.", []field{
				may("client_uuid", text("The id that subscribing answered.")),
				may("endpoint", text("Its endpoint.")),
			}, ignoresOthers()), example: object{{"client_uuid", sampleDevice}}},
			answers: []answer{
				json200("It does not receive any more.", errorSchema(), object{{"message", "unsubscribed"}}),
				operation{}.error(400, "Neither id nor endpoint."),
			}},
		{method: "GET", path: "/api/categories", id: "publicCategories", tag: tagSubscribe, summary: "Categories anyone may join",
			answers: []answer{json200("The public ones.", fields("The list.", []field{
				must("items", list("By name.", fields("A category.", []field{
					must("id", id("Its id.")), must("name", text("What subscriptions call it.")), must("description", text("A line for subscribers.")),
				}))),
			}))}},
		{method: "POST", path: "/api/receipt", id: "receipt", tag: tagSubscribe, summary: "Report what became of a message",
			text: "Service workers send it. The receipt is unguessable and good for its one delivery; a late or repeated one counts once.",
			body: &body{schema: fields("The report.", []field{
				must("receipt", text("The `receipt` of the message.")),
				must("event", oneOf("What happened.", "displayed", "clicked", "closed")),
				may("action", text("Which button was pressed; empty = the notification itself.")),
			}, ignoresOthers()), example: object{{"receipt", "Zk3V…"}, {"event", "displayed"}}},
			answers: []answer{none(204, "Noted."), operation{}.error(400, "No receipt of this server, or another event.")}},
	}
}

func publishing() []operation {
	return []operation{{method: "POST", path: "/api/notify", id: "notify", tag: tagPublish, summary: "Publish a message", scope: publish,
		text:       "To everyone, or to `target`. What is answered with 200 or 202 is durable. Waits for outcomes for a while; what has none by then is still sent. While `access.publish` is `open` it needs no token. The push message has room for 3993 bytes.",
		parameters: publishParameters(),
		body: &body{schema: ref("Message"), example: object{
			{"title", "Door left open"}, {"body", "Front door, for 10 minutes"}, {"url", "https://home.example/door"},
		}},
		answers: publishAnswers(),
	}}
}

func publishParameters() []object {
	return []object{
		inQuery("wait", "How long to wait for outcomes: seconds or a duration such as `1.5s`, at most 30s; `0` does not wait.", object{{"type", "string"}, {"default", "5s"}}),
		idempotencyKey(),
	}
}

func publishAnswers() []answer {
	both := func(status int, description, line string) answer {
		content := object{{"application/json", object{{"schema", ref("Published")}, {"example", samplePublished()}}}}
		a := answer{status: status, description: description, headers: location("notification")}
		a.content = append(plain(line), content...)
		return a
	}
	return []answer{
		both(200, "Nothing is pending or retrying. JSON if `Accept` asks for application/json, otherwise a line of text.", "2 notification(s) sent"),
		both(202, "Accepted, and not all of it has its outcome yet.", "0 notification(s) sent"),
		operation{}.error(400, "The body is empty, no JSON object, or a field is wrong."),
		operation{}.error(409, "The Idempotency-Key was used before with other bytes."),
		operation{}.tooLarge("The body is larger than 64 KiB, or the notification does not fit into a push message."),
	}
}

// saying is the answer with another description.
func (a answer) saying(description string) answer {
	a.description = description
	return a
}
