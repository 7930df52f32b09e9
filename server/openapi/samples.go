package openapi

// The examples of answers, one for each kind of thing.

func sampleNotification() object {
	return object{
		{"id", sampleID}, {"state", "sending"}, {"title", "Disk full"}, {"body", "sda1 at 95 %"}, {"url", "https://nas.example/"},
		{"icon", ""}, {"image", ""}, {"badge", ""}, {"tag", "disk"}, {"lang", ""}, {"dir", ""},
		{"silent", false}, {"require_interaction", false}, {"renotify", false}, {"vibrate", []int{}},
		{"actions", []object{{{"action", "open"}, {"title", "Open"}, {"icon", ""}, {"url", "https://nas.example/disks"}}}},
		{"data", object{}}, {"ttl", 86400}, {"urgency", "normal"}, {"topic", ""},
		{"target", object{{"categories", []string{"ops"}}, {"users", []string{}}, {"subscriptions", []string{}}}},
		{"scheduled_at", nil}, {"repeat", ""}, {"time_zone", "UTC"}, {"expires_at", nil}, {"parent_id", nil}, {"next_at", nil},
		{"created_at", "2026-11-23T07:00:00.000Z"}, {"started_at", "2026-11-23T07:00:00.012Z"}, {"finished_at", nil}, {"warnings", []string{}},
		{"counts", object{
			{"targeted", 120}, {"pending", 20}, {"retrying", 1}, {"sent", 96}, {"failed", 1}, {"gone", 2}, {"expired", 0}, {"canceled", 0},
			{"displayed", 80}, {"clicked", 9}, {"closed", 11},
		}},
	}
}

func sampleDelivery() object {
	return object{
		{"seq", 812}, {"notification_id", sampleID}, {"subscription_id", sampleDevice}, {"label", "Kitchen tablet"},
		{"service", "updates.push.services.mozilla.com"}, {"status", "sent"}, {"attempts", 1}, {"code", 201}, {"error", ""},
		{"retry_at", nil}, {"sent_at", "2026-11-23T07:00:00.096Z"}, {"displayed_at", "2026-11-23T07:00:00.410Z"},
		{"clicked_at", nil}, {"closed_at", nil}, {"latency_ms", 84},
	}
}

func sampleDeviceOf() object {
	return object{
		{"id", sampleDevice}, {"label", "Kitchen tablet"}, {"user", "ana"}, {"categories", []string{"door"}},
		{"service", "updates.push.services.mozilla.com"}, {"user_agent", "Mozilla/5.0 (Android 16; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0"},
		{"key_id", "mXk2vQ"}, {"created_at", "2026-03-02T18:12:40.120Z"}, {"seen_at", "2026-11-22T20:41:07.003Z"},
		{"last_sent_at", "2026-11-23T07:00:00.096Z"}, {"last_displayed_at", "2026-11-23T07:00:00.410Z"}, {"failures", 0}, {"removed_at", nil},
	}
}

func sampleCategory() object {
	return object{{"id", "0c6f3a52-6d6e-4c1c-8a8e-4f0f4f6f1b7a"}, {"name", "ops"}, {"description", "Servers and backups"}, {"public", false}, {"subscribers", 12}}
}

func sampleInvite() object {
	return object{
		{"id", "7d0d4a37-5d0f-4a2a-9d7a-9b1f6a0b2c55"}, {"user", "ana"}, {"categories", []string{"ops"}}, {"uses", 3},
		{"created_at", "2026-11-23T07:00:00.000Z"}, {"expires_at", nil},
	}
}

func sampleToken() object {
	return object{
		{"id", "b1c1f0d2-40b3-4d83-a3b0-5d8f0b9a7e21"}, {"name", "grafana"}, {"scope", "publish"}, {"categories", []string{"ops"}}, {"style", "recado"},
		{"created_at", "2026-11-23T07:00:00.000Z"}, {"expires_at", nil}, {"last_used_at", nil},
	}
}

func sampleVAPID() object {
	return object{{"id", "mXk2vQ"}, {"public_key", sampleKey}, {"created_at", "2026-03-02T18:00:00.000Z"}, {"subscriptions", 120}}
}

func samplePublished() object {
	return object{
		{"id", sampleID}, {"message", "2 notification(s) sent"}, {"targeted", 2}, {"sent", 2}, {"retrying", 0}, {"failed", 0}, {"gone", 0},
		{"expired", 0}, {"canceled", 0}, {"pending", 0}, {"warnings", []string{}},
	}
}

func samplePreview() object {
	return object{{"size", 148}, {"limit", 3993}, {"targeted", 42}, {"warnings", []string{}},
		{"runs", []string{"2026-11-30T07:00:00.000Z", "2026-12-07T07:00:00.000Z", "2026-12-14T07:00:00.000Z"}}}
}

// sampleProblem is a 422.
func sampleProblem() object {
	return object{
		{"type", "about:blank"}, {"title", "Unprocessable Entity"}, {"status", 422}, {"detail", "ttl must be seconds from 0 to 2419200; title is required"},
		{"errors", []object{
			{{"field", "ttl"}, {"message", "must be seconds from 0 to 2419200"}},
			{{"field", "title"}, {"message", "is required"}},
		}},
	}
}

// pageOf is a page with one item.
func pageOf(item object) object {
	return object{{"items", []object{item}}, {"next", "c3Vic2NyaXB0aW9uczo0MQ"}}
}
