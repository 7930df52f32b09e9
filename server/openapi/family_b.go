package openapi

func familyB() []operation {
	return []operation{
		{method: "GET", path: "/subscription", id: "publicKeyB", tag: tagB, summary: "The key to subscribe with",
			answers: []answer{json200("The newest key.", ref("PublicKey"))}},
		{method: "POST", path: "/subscription", id: "subscribeB", tag: tagB, summary: "Subscribe a browser", scope: optional,
			text: "As `POST /api/subscribe`. The subscription may be wrapped in `subscription_token`, as an object or as a string that holds its JSON.",
			body: &body{schema: object{{"anyOf", []object{subscriptionToken(), ref("PushSubscription")}}},
				example: object{{"subscription_token", sampleSubscription()}}},
			answers: []answer{
				jsonAnswer(201, "Stored.", ref("SubscriptionID"), object{{"id", sampleDevice}}),
				operation{}.error(400, "A field is wrong; an unknown category; a host that `push.allowed_hosts` leaves out."),
				(operation{}).forbidden().saying("An invite or an admin token is needed, or the invite is used up."),
			}},
		{method: "DELETE", path: "/subscription/{id}", id: "unsubscribeB", tag: tagB, summary: "Unsubscribe",
			text:       "The id is the right to do it.",
			parameters: []object{inPath("id", "The id that subscribing answered.", object{{"type", "string"}})},
			answers:    []answer{none(204, "It does not receive any more."), operation{}.error(404, "There is no such subscription.")}},
		{method: "POST", path: "/push", id: "pushB", tag: tagB, summary: "Publish to everyone", scope: publish,
			text:       "As `POST /api/notify`; a token that is limited to categories cannot use it.",
			parameters: publishParameters(),
			body: &body{schema: fields("The message. One of title, body, url and message has to be there.", []field{
				may("title", text("The headline.")),
				may("body", text("The text.")),
				may("url", text("What a click opens: an absolute http or https URL.")),
				may("message", text("Another name of body.")),
			}, ignoresOthers()), example: object{{"message", "Dinner is ready"}}},
			answers: publishAnswers()},
		{method: "POST", path: "/push_v1", id: "pushTestB", tag: tagB, summary: "Test one subscription", scope: publish,
			text:    "Sends one push to a subscription that need not be stored, keeps nothing of it, and waits for the push service. A token that is limited to categories cannot use it.",
			body:    &body{schema: pushTest(), example: object{{"sub_token", sampleSubscription()}, {"body", "It works"}}},
			answers: pushTestAnswers()},
	}
}

func subscriptionToken() object {
	return fields("A subscription in its wrapping.", []field{
		must("subscription_token", objectOrText("The PushSubscription.")),
	}, ignoresOthers())
}

func objectOrText(description string) object {
	return object{{"description", description + " An object, or a string that holds its JSON."},
		{"anyOf", []object{ref("PushSubscription"), {{"type", "string"}}}}}
}

func pushTest() object {
	return fields("Whom to test, and with what.", []field{
		must("sub_token", objectOrText("The PushSubscription.")),
		may("title", text("The headline.")),
		may("body", text("The text.", byDefault("Push Test v1"))),
		may("url", text("What a click opens: an absolute http or https URL.")),
	}, ignoresOthers())
}

func pushTestAnswers() []answer {
	failed := func(status int, description string) answer {
		return jsonAnswer(status, description, fields("Why not.", []field{must("failed", text("A sentence for people."))}))
	}
	return []answer{
		json200("The push service accepted it.", fields("It did.", []field{must("success", flag("Always true."))}), object{{"success", true}}),
		failed(400, "The body is no JSON object, or a field is wrong."),
		failed(502, "The push service refused it, or could not be reached."),
	}
}
