package openapi

const (
	pathNotifications = "/v1/pushnotification"
	pathNotification  = pathNotifications + "/{id}"
	pathCategories    = pathNotifications + "/categories"
)

// problem is an error of /v1.
func problem(status int, description string) answer {
	return operation{form: problems}.error(status, description)
}

func unknown(what string) answer { return problem(404, "There is no such "+what+".") }

func notifications() []operation {
	all := []operation{
		{method: "GET", path: pathNotifications, id: "listNotifications", summary: "List notifications", scope: read,
			text: "Scheduled and delivered alike, newest first. The runs of a repeating one are listed too, each with its `parent_id`.",
			parameters: append([]object{
				inQuery("state", "Only those in one of these states, separated by commas.", object{{"type", "string"}, {"examples", []string{"scheduled,sending"}}}),
				inQuery("category", "Only those that address this category.", object{{"type", "string"}}),
				inQuery("parent", "Only the runs of this repeating notification.", object{{"type", "string"}, {"format", "uuid"}}),
			}, limitAndAfter()...),
			answers: []answer{json200("A page.", page("Notification"), pageOf(sampleNotification())), problem(422, "A parameter is wrong.")}},
		{method: "POST", path: pathNotifications, id: "createNotification", summary: "Publish, now or later", scope: publish,
			text:       "Answered as soon as it is durable; how far it is, `GET` says. The push message has room for 3993 bytes, above 2641 a warning says that Firefox on Android may refuse it.",
			parameters: []object{idempotencyKey()},
			body:       &body{schema: ref("NotificationInput"), example: sampleInput()},
			answers: []answer{
				made(201, "Made.", "Notification", "notification", sampleNotification()),
				made(200, "The same Idempotency-Key and bytes came before: this is what they made.", "Notification", "notification", sampleNotification()),
				problem(409, "The Idempotency-Key was used before with other bytes."), tooLargeNotification(),
			}},
		{method: "POST", path: pathNotifications + "/preview", id: "previewNotification", summary: "What would become of it", scope: publish,
			text:    "Takes what makes a notification, and stores and sends nothing. That it is too large is no error here: `size` is above `limit` then.",
			body:    &body{schema: ref("NotificationInput"), example: sampleInput()},
			answers: []answer{json200("As things stand now.", preview(), samplePreview())}},
		{method: "GET", path: pathNotification, id: "getNotification", summary: "One notification", scope: readOwn,
			answers: []answer{json200("As it stands now.", ref("Notification"), sampleNotification()), unknown("notification")}},
		{method: "PUT", path: pathNotification, id: "replaceNotification", summary: "Replace a scheduled one", scope: publish,
			text: "What is left out gets its default, not its former value.",
			body: &body{schema: ref("NotificationInput"), example: sampleInput()},
			answers: []answer{
				json200("Replaced.", ref("Notification"), sampleNotification()), unknown("notification"),
				problem(409, "It is no longer scheduled."), tooLargeNotification(),
			}},
		{method: "POST", path: pathNotification + "/cancel", id: "cancelNotification", summary: "Stop a scheduled or sending one", scope: publish,
			text:    "What is under way to a push service may still arrive. A repeating one ends; its runs go on.",
			answers: []answer{json200("Canceled.", ref("Notification"), sampleNotification()), unknown("notification"), problem(409, "It has ended already.")}},
		{method: "DELETE", path: pathNotification, id: "deleteNotification", summary: "Remove it with its deliveries", scope: publish,
			text:    "Stops it if need be.",
			answers: []answer{none(204, "Gone."), unknown("notification")}},
		{method: "GET", path: pathNotification + "/deliveries", id: "listDeliveries", summary: "List its deliveries", scope: readOwn,
			text: "What became of it, device by device: those of the newest subscriptions first. Devices without an outcome are in none of them, only in `counts.pending`.",
			parameters: append([]object{
				inQuery("status", "Only those with this status.", oneOf("", "retrying", "sent", "failed", "gone", "expired", "canceled")),
				inQuery("subscription", "Only the one to this subscription.", object{{"type", "string"}, {"format", "uuid"}}),
			}, limitAndAfter()...),
			answers: []answer{json200("A page.", page("Delivery"), pageOf(sampleDelivery())), unknown("notification"), problem(422, "A parameter is wrong.")}},
	}
	return ofV1(tagNotifications, "notification", all)
}

func tooLargeNotification() answer {
	return operation{form: problems}.tooLarge("The body is larger than 64 KiB, or the notification does not fit into a push message.")
}

func sampleInput() object {
	return object{
		{"title", "Backup finished"}, {"body", "42 GB in 18 minutes"}, {"url", "https://nas.example/"},
		{"target", object{{"categories", []string{"ops"}}}}, {"repeat", "0 7 * * 1"}, {"time_zone", "Europe/Lisbon"},
	}
}

// made answers with a resource and where it is.
func made(status int, description, schema, what string, example any) answer {
	a := jsonAnswer(status, description, ref(schema), example)
	a.headers = location(what)
	return a
}

// ofV1 says what all operations of a resource have in common.
func ofV1(tag, what string, all []operation) []operation {
	for i := range all {
		all[i].tag, all[i].form = tag, problems
		for _, p := range []string{"id", "categoryId"} {
			if hasVariable(all[i].path, p) {
				all[i].parameters = append([]object{idInPath(p, what)}, all[i].parameters...)
			}
		}
	}
	return all
}

func categories() []operation {
	sample := object{{"name", "ops"}, {"description", "Servers and backups"}, {"public", false}}
	return ofV1(tagCategories, "category", []operation{
		{method: "GET", path: pathCategories, id: "listCategories", summary: "List categories", scope: read,
			parameters: limitAndAfter(),
			answers:    []answer{json200("A page.", page("Category"), pageOf(sampleCategory())), problem(422, "A parameter is wrong.")}},
		{method: "POST", path: pathCategories, id: "createCategory", summary: "Make a category", scope: admin,
			body:    &body{schema: categoryInput(), example: sample},
			answers: []answer{made(201, "Made.", "Category", "category", sampleCategory()), problem(409, "The name is taken.")}},
		{method: "PUT", path: pathCategories + "/{categoryId}", id: "replaceCategory", summary: "Replace a category", scope: admin,
			text:    "What addresses a renamed one goes with it: subscriptions, invites, tokens and notifications that are not sent yet.",
			body:    &body{schema: categoryInput(), example: sample},
			answers: []answer{json200("Replaced.", ref("Category"), sampleCategory()), unknown("category"), problem(409, "The name is taken.")}},
		{method: "DELETE", path: pathCategories + "/{categoryId}", id: "deleteCategory", summary: "Remove a category", scope: admin,
			text:    "Subscriptions stay, without it.",
			answers: []answer{none(204, "Gone."), unknown("category"), problem(409, "A scheduled notification addresses it alone.")}},
	})
}
