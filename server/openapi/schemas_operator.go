package openapi

func subscription() object {
	return fields("One browser or app that receives.", []field{
		must("id", id("Its id.")),
		must("label", text("What its owner or the operator calls it.")),
		must("user", text("Whom it belongs to; empty = nobody known.")),
		must("categories", names("Names of the categories it joined.")),
		must("service", text("The push service: host, or host:port.")),
		must("user_agent", text("The browser, as it named itself.")),
		must("key_id", text("The VAPID key it was subscribed with.")),
		must("created_at", moment("When it subscribed.")),
		must("seen_at", moment("When its browser last came to sync.")),
		must("last_sent_at", momentOrNull("When a push service last accepted something for it; null = never, or not within what is kept.")),
		must("last_displayed_at", momentOrNull("When it last reported that it showed something; null likewise.")),
		must("failures", count("Deliveries that failed since the last one that was sent.")),
		must("removed_at", momentOrNull("When it ended; null = it lives.")),
	})
}

func category() object {
	return fields("A named group.", []field{
		must("id", id("Its id.")),
		must("name", text("What notifications and subscriptions call it.")),
		must("description", text("A line for subscribers.")),
		must("public", flag("Anyone may join it; otherwise it takes an invite or an admin token.")),
		must("subscribers", count("Living subscriptions in it.")),
	})
}

func categoryInput() object {
	return fields("A category.", []field{
		must("name", text("1 to 100 characters.", member{"minLength", 1}, member{"maxLength", 100})),
		may("description", text("A line for subscribers, at most 500 characters.", member{"maxLength", 500})),
		may("public", flag("Anyone may join it.")),
	}, refusesOthers())
}

func invite() object {
	return fields("A link that lets people subscribe.", []field{
		must("id", id("Its id.")),
		must("user", text("Whom subscriptions made with it belong to; empty = nobody.")),
		must("categories", names("Names of categories: allowed, and joined when the subscriber names none.")),
		must("uses", count("How many more times it works.")),
		must("created_at", moment("When it was made.")),
		must("expires_at", momentOrNull("When it stops working; null = never.")),
	})
}

func token() object {
	return fields("A credential. The secret itself is not kept.", []field{
		must("id", id("Its id.")),
		must("name", text("What you call it.")),
		must("scope", oneOf("What it may do.", "admin", "publish", "read")),
		must("categories", names("Names that a publish token is limited to; empty = any.")),
		must("style", oneOf("What it looks like.", "recado", "ntfy", "gotify")),
		must("created_at", moment("When it was made.")),
		must("expires_at", momentOrNull("When it stops working; null = never.")),
		must("last_used_at", momentOrNull("When it was last used, at most a minute late; null = never.")),
	})
}

func key() object {
	return fields("A VAPID key pair (RFC 8292); the private half is never shown.", []field{
		must("id", text("Derived from the public key.")),
		must("public_key", text("65 bytes in base64url.")),
		must("created_at", moment("When it was made or imported.")),
		must("subscriptions", count("Living subscriptions that are bound to it.")),
	})
}

func eventTotals(description string, each object) object {
	var all []field
	for _, event := range []string{"retrying", "sent", "failed", "gone", "expired", "canceled", "displayed", "clicked", "closed"} {
		all = append(all, must(event, each))
	}
	return fields(description, all)
}

func totals() object {
	return fields("Changes of deliveries until now.", []field{
		must("hour", ref("EventTotals")), must("day", ref("EventTotals")), must("week", ref("EventTotals")),
	})
}

func stats() object {
	return fields("How the server is doing.", []field{
		must("totals", ref("Totals")),
		must("rate", ref("EventRates")),
		must("queue", fields("What is to be sent.", []field{
			must("depth", count("Deliveries that are pending or retrying.")),
			must("oldest_due_at", momentOrNull("Since when the oldest of them is due; null = there is none.")),
		})),
		must("services", list("Push services that were used.", fields("One of them.", []field{
			must("service", text("Host, or host:port.")),
			must("state", oneOf("`slowed`: it asked for patience or failed. `paused`: it refused this server's key.", "ok", "slowed", "paused")),
			must("until", momentOrNull("When it is paused until.")),
			must("error", text("Why it is slowed or paused; empty = it is not.")),
			must("totals", ref("Totals")),
		}))),
		must("refused_hosts", list("Hosts that subscriptions were refused for, because `push.allowed_hosts` leaves them out.", fields("One of them.", []field{
			must("host", text("The host.")), must("count", count("How often.")), must("last_at", moment("When last.")),
		}))),
		must("alerts", list("What needs you.", fields("One of them.", []field{
			must("at", moment("When it was raised.")), must("kind", text("What kind it is.")), must("message", text("A sentence for people.")),
		}))),
		must("subscriptions", count("Living subscriptions.")),
		must("silent", count("Those of them that have stopped receiving: what `GET /v1/subscriptions?silent=true` lists.")),
		must("database", fields("The database.", []field{must("bytes", count("Its size on disk."))})),
		must("viewers", count("Viewers of the live log.")),
		must("version", text("recado's version.")),
	})
}
