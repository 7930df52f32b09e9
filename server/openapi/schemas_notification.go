package openapi

const (
	sampleKey    = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	sampleID     = "01983f5a-7c1e-7d3a-9b60-2f1f8e5a4c10"
	sampleDevice = "5b0f7f0e-4f3c-4a63-9a57-1d6f0e7b1c11"
)

func asMay(name string, schema object) field { return may(name, schema) }

// delivering are the fields of how and when it is sent.
func delivering() []field {
	return []field{
		may("ttl", whole("Seconds that a push service may keep it for a device that is away. Left out: `push.ttl`, 24 h unless configured.", 0, 2419200)),
		may("urgency", oneOf("How much it may cost a device's battery (RFC 8030 §5.3).", "very-low", "low", "normal", "high").with(byDefault("normal"))),
		may("topic", text("1 to 32 characters of base64url; empty = none. One still waiting at the push service is replaced by the next of its topic (RFC 8030 §5.4).", member{"pattern", `^[-_A-Za-z0-9]{0,32}$`})),
		may("target", ref("Target")),
		may("scheduled_at", text("When to send it, at most a year ahead: RFC 3339 in any zone. Left out or past: now.", member{"format", "date-time"})),
		may("repeat", text("Send it again and again: five-field cron (minute, hour, day of month, month, day of week) in `time_zone`. Each run is a notification of its own. A local time that does not exist on a day of change runs once, at the next existing one; one that happens twice runs once.", example("0 8 * * 1-5"))),
		may("time_zone", text("The IANA name of the zone that `repeat` is in; without it a warning says that it has no effect.", byDefault("UTC"), example("America/Sao_Paulo"))),
		may("expires_at", text("When it is worthless: it is not sent later than that.", member{"format", "date-time"})),
	}
}

func message() object {
	return fields("A notification. Everything is optional, but title, body or url has to be there.",
		append(content(asMay), delivering()...), ignoresOthers())
}

func notificationInput() object {
	of := append(content(asMay), delivering()...)
	of[0].required = true
	return fields("A notification as you write it.", of, refusesOthers())
}

func preview() object {
	return fields("What would become of a notification.", []field{
		must("size", count("Bytes that it takes of a push message, in the largest form that would be sent.")),
		must("limit", count("Bytes that a push message has room for.")),
		must("targeted", count("Living subscriptions that its target means now, each once.")),
		must("warnings", names("What you should know although it is no error.")),
		must("runs", list("The next runs of a repeating one, three at most.", object{{"type", "string"}, {"format", "date-time"}, {"pattern", timeForm}})),
	})
}

func published() object {
	all := []field{
		must("id", id("The notification's id.")),
		must("message", text("`N notification(s) sent`.")),
	}
	for _, f := range [][2]string{
		{"targeted", "Subscriptions in the audience, as far as it is read."}, {"sent", "The push service accepted it."},
		{"retrying", "To be tried again."}, {"failed", "The push service refused it."}, {"gone", "The subscription no longer exists."},
		{"expired", "Its time ended first."}, {"canceled", "Stopped before it was sent."}, {"pending", "No outcome yet."},
	} {
		all = append(all, must(f[0], count(f[1])))
	}
	return fields("What became of it so far.", append(all, must("warnings", names("What you should know although it is no error."))))
}

func notification() object {
	all := []field{
		must("id", id("UUID version 7: it sorts by time.")),
		must("state", oneOf("`scheduled` waits for its time (a repeating one stays so), `sending` is under way, `sent` is done, `canceled` was stopped, `expired` reached nobody before its time ended.",
			"scheduled", "sending", "sent", "canceled", "expired")),
	}
	all = append(all, content(must)...)
	return fields("A notification and how far it is.", append(all,
		must("ttl", whole("Seconds that a push service may keep it.", 0, 2419200)),
		must("urgency", oneOf("How much it may cost a device's battery.", "very-low", "low", "normal", "high")),
		must("topic", text("Empty = none.")),
		must("target", targetOutput()),
		must("scheduled_at", momentOrNull("When it is, or was, to be sent; null = at once.")),
		must("repeat", text("Five-field cron in `time_zone`; empty = once.")),
		must("time_zone", text("The IANA name of the zone that `repeat` is in.")),
		must("expires_at", momentOrNull("When it is worthless; null = when its ttl ends.")),
		must("parent_id", idOrNull("The repeating notification that this is a run of.")),
		must("next_at", momentOrNull("The next run of a repeating one; null = none.")),
		must("created_at", moment("When it was accepted.")),
		must("started_at", momentOrNull("When sending began.")),
		must("finished_at", momentOrNull("When nothing was pending or retrying any more.")),
		must("warnings", names("What you should know although it is no error.")),
		must("counts", ref("Counts")),
	))
}

func targetOutput() object {
	return fields("Who gets it; all three empty = everyone.", []field{
		must("categories", names("Names of categories.")),
		must("users", names("Users that subscriptions belong to.")),
		must("subscriptions", list("Ids of subscriptions.", object{{"type", "string"}, {"format", "uuid"}})),
	})
}

func delivery() object {
	return fields("One notification to one subscription, once it has an outcome.", []field{
		must("seq", count("Grows with every change of any delivery.")),
		must("notification_id", id("The notification.")),
		must("subscription_id", id("The subscription.")),
		must("label", text("The subscription's label.")),
		must("service", text("The push service: host, or host:port.", example("updates.push.services.mozilla.com"))),
		must("status", oneOf("`sent`: the push service accepted it. `retrying`: to be tried again. `failed`: it was refused. `gone`: the subscription no longer exists. `expired`: its time ended first. `canceled`: stopped before.", "retrying", "sent", "failed", "gone", "expired", "canceled")),
		must("attempts", count("Requests to the push service so far.")),
		must("code", kind(orNull("integer"), "The push service's last answer, an HTTP status; null = none.")),
		must("error", text("Why it failed or is retried, at most 1 KiB; empty = it did not.")),
		must("retry_at", momentOrNull("When it is tried again.")),
		must("sent_at", momentOrNull("When the push service accepted it.")),
		must("displayed_at", momentOrNull("When the device showed it.")),
		must("clicked_at", momentOrNull("When it was clicked.")),
		must("closed_at", momentOrNull("When it was closed.")),
		must("latency_ms", kind(orNull("integer"), "Milliseconds from the last request to its answer; null = none.")),
	})
}
