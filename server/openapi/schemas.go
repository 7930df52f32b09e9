package openapi

// schemas are the named ones, those that several operations share.
func schemas() object {
	return object{
		{"Error", errorSchema()},
		{"SizeError", fields("What is wrong, and by how much.", []field{
			must("message", text("A sentence for people.")), must("size", octets("What was sent, in bytes.")), must("limit", octets("What is taken, in bytes.")),
		})},
		{"Problem", fields("What is wrong (RFC 9457).", problemFields())},
		{"SizeProblem", fields("What is too large (RFC 9457).", append(problemFields()[:4:4],
			must("size", octets("What was sent, in bytes.")), must("limit", octets("What is taken, in bytes."))))},
		{"PublicKey", fields("The VAPID key to subscribe with.", []field{
			must("public_key", text("The `applicationServerKey` of `pushManager.subscribe`: 65 bytes in base64url (RFC 8292).", example(sampleKey))),
		})},
		{"SubscriptionID", fields("The subscription.", []field{
			must("id", id("Its id, and the right to unsubscribe it: keep it with the subscription.")),
		})},
		{"PushSubscription", pushSubscription()},
		{"Message", message()},
		{"NotificationInput", notificationInput()},
		{"Target", targetInput()},
		{"Action", action()},
		{"Published", published()},
		{"Notification", notification()},
		{"Counts", counts()},
		{"NtfyInput", ntfyInput()},
		{"NtfyAction", ntfyAction()},
		{"NtfyMessage", ntfyMessage()},
		{"NtfyError", ntfyError()},
		{"GotifyInput", gotifyInput()},
		{"GotifyForm", fields("A message as a form.", gotifyFields(), ignoresOthers())},
		{"GotifyMessage", gotifyMessage()},
		{"GotifyHealth", gotifyHealth()},
		{"GotifyError", gotifyError()},
		{"Delivery", delivery()},
		{"Subscription", subscription()},
		{"Category", category()},
		{"Invite", invite()},
		{"Token", token()},
		{"Key", key()},
		{"Webhook", webhook()},
		{"Stats", stats()},
		{"Totals", totals()},
		{"EventTotals", eventTotals("How many deliveries changed so.", object{{"type", "integer"}, {"minimum", 0}})},
		{"EventRates", eventTotals("Changes of deliveries a second.", object{{"type", "number"}, {"minimum", 0}})},
	}
}

func octets(description string) object { return count(description) }

func errorSchema() object {
	return fields("What is wrong.", []field{must("message", text("A sentence for people that names the field."))})
}

func problemFields() []field {
	return []field{
		must("type", text("What kind of problem: `about:blank` when the status says it all.", member{"format", "uri-reference"})),
		must("title", text("The status in words.")),
		must("status", whole("The HTTP status.", 400, 599)),
		must("detail", text("A sentence for people.")),
		may("errors", list("The fields that are wrong, all of them.", fields("One of them.", []field{
			must("field", text("Its name, with its path: `actions[0].title`.")),
			must("message", text("What is wrong with it; reads on after the field's name.")),
		}))),
		may("request_id", text("Of a 5xx: what the lines of the log about this request have.")),
	}
}

// content are the fields of what a person sees. need turns each into a field.
func content(need func(string, object) field) []field {
	url := func(description string) object {
		return text(description + " An absolute http or https URL; empty = none.")
	}
	return []field{
		need("title", text("The headline.")),
		need("body", text("The text.")),
		need("url", url("What a click opens.")),
		need("icon", url("A small picture beside the text.")),
		need("image", url("A large picture.")),
		need("badge", url("A monochrome picture for the status bar.")),
		need("tag", text("Notifications with the same tag replace each other on a device.")),
		need("lang", text("The language of the text, such as en or pt-BR.", member{"maxLength", 35})),
		need("dir", oneOf("The direction of the text.", "", "auto", "ltr", "rtl")),
		need("silent", flag("No sound and no vibration.")),
		need("require_interaction", flag("Stays until the person acts, where the browser can.")),
		need("renotify", flag("Alerts again when it replaces another one of its tag.")),
		need("vibrate", list("Milliseconds of vibration and pause in turn.", object{{"type", "integer"}, {"minimum", 0}, {"maximum", 10000}}, member{"maxItems", 99})),
		need("actions", list("Buttons. Browsers show two or three.", ref("Action"), member{"maxItems", 10})),
		need("data", kind("object", "Anything for your own service worker.", member{"additionalProperties", true})),
	}
}

func action() object {
	return fields("A button on a notification.", []field{
		must("action", text("Its name, unlike the others'.")),
		must("title", text("What stands on it.")),
		may("icon", text("A picture: an absolute http or https URL; empty = none.")),
		may("url", text("What it opens: an absolute http or https URL; empty = the notification's.")),
	})
}

func targetInput() object {
	most := member{"maxItems", 1000}
	return fields("Who gets it: the union of categories, users and subscriptions, each subscription once, resolved when it is sent. Left out = everyone.", []field{
		may("all", flag("Everyone; then nothing else may be named.")),
		may("categories", names("Names of categories.").with(most)),
		may("users", names("Users that subscriptions belong to.").with(most)),
		may("subscriptions", list("Ids of subscriptions.", object{{"type", "string"}, {"format", "uuid"}}, most)),
	}, refusesOthers())
}

func counts() object {
	var all []field
	for _, f := range [][2]string{
		{"targeted", "Subscriptions in the audience, as far as it is read: always the sum of pending to canceled."},
		{"pending", "No outcome yet."},
		{"retrying", "To be tried again."},
		{"sent", "The push service accepted it."},
		{"failed", "The push service refused it."},
		{"gone", "The subscription no longer exists."},
		{"expired", "Its time ended first."},
		{"canceled", "Stopped before it was sent."},
		{"displayed", "Devices that showed it, as they report."},
		{"clicked", "Devices on which it was clicked."},
		{"closed", "Devices on which it was closed."},
	} {
		all = append(all, must(f[0], count(f[1])))
	}
	return fields("How far it is, in subscriptions.", all)
}
