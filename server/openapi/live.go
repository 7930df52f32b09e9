package openapi

func watching() []operation {
	upgrade := object{
		header("Upgrade", "`websocket`.", object{{"type", "string"}}),
		header("Connection", "`Upgrade`.", object{{"type", "string"}}),
	}
	begun := none(101, "The frames follow.")
	begun.headers = upgrade.with(member{"Sec-WebSocket-Accept", object{{"description", "As RFC 6455 has it."}, {"required", true}, {"schema", object{{"type", "string"}}}}})
	needed := problem(426, "The request does not ask for a WebSocket of version 13.")
	needed.headers = object{
		{"Upgrade", object{{"description", "`websocket`."}, {"schema", object{{"type", "string"}}}}},
		{"Connection", object{{"description", "`Upgrade`."}, {"schema", object{{"type", "string"}}}}},
		{"Sec-WebSocket-Version", object{{"description", "The version that is spoken."}, {"schema", object{{"type", "string"}}}}},
	}
	foreign := operation{form: problems}.forbidden()
	foreign.description = "The token or session may not do this, or the request comes from a page of another site than `base_url`."
	return ofV1(tagOperation, "notification", []operation{
		{method: "GET", path: "/v1/deliveries/live", id: "watch", summary: "Watch deliveries as they happen", scope: read, text: watchingText,
			parameters: []object{
				inQuery("since", "Begin after this `seq`; left out: with what happens from now on.", object{{"type", "integer"}, {"minimum", 0}}),
				inQuery("notification", "Only this notification's deliveries.", object{{"type", "string"}, {"format", "uuid"}}),
				inQuery("event", "Only these events, with commas between them.", object{{"type", "string"}}),
				inQuery("category", "Only deliveries of notifications to this category, or to everyone.", object{{"type", "string"}}),
			},
			answers: []answer{begun, needed, foreign,
				problem(400, "`Sec-WebSocket-Key` is missing or is not 16 bytes in base64."),
				problem(422, "A parameter is wrong.")}},
	})
}

const watchingText = "A **WebSocket** (RFC 6455). Text frames of JSON come from the server, the first of them " +
	"`{\"type\": \"hello\", \"seq\": 812, \"version\": \"…\"}`: where the log stands.\n\n" +
	"`{\"type\": \"deliveries\", \"items\": […]}` tells of at most 500 changes, at most every 50 ms. An item is a delivery as it stood right after the " +
	"change, with `event`, `at` and the notification's `title`. Events are `sent`, `retrying`, `failed`, `gone`, `expired`, `canceled`, `displayed`, " +
	"`clicked` and `closed`. Every change has a new, higher `seq`; items come in its order, each once. " +
	"`{\"type\": \"notification\", \"id\": …, \"state\": …, \"counts\": {…}}` says how far a notification is.\n\n" +
	"With `since` what has changed after that comes first, as it stands now, and then what happens, without a gap between the two: after a break, send the " +
	"`seq` of the last item that came (or that of `hello`, if none did and you did not send `since`).\n\n" +
	"`{\"type\": \"skipped\", \"count\": 1200}` stands in the place of items that are missing: this viewer, or the server, could not keep up, or they are " +
	"kept no longer. A `count` of null: nobody has counted.\n\n" +
	"The client may send `{\"type\": \"filter\", \"notification\": …, \"event\": […], \"category\": …}`, each of the last three null for any: it holds for what " +
	"comes from then on. Anything else ends the connection with 1003 or 1008. The server pings every 30 s; it ends the connection with 1001 when it shuts " +
	"down, with 1008 when the token or session has ended. At most 1,000 may watch at a time; one more is answered 503."
