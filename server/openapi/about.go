package openapi

func info(version string) object {
	return object{
		{"title", "recado"},
		{"version", version},
		{"summary", "A self-hosted Web Push appliance: subscribe, publish, follow."},
		{"description", introduction},
		{"license", object{{"name", "MIT"}, {"identifier", "MIT"}}},
	}
}

const introduction = `recado sends notifications to browsers by Web Push. **Subscriptions** are browsers that asked for them, **categories** are named groups that subscriptions join, a **notification** is one message to publish, now or later, and a **delivery** is one notification to one subscription.

**Three families.** ` + "`/api`" + ` is for pages, service workers and simple publishers. ` + "`/subscription`, `/push` and `/push_v1`" + ` are a second spelling of the same, for clients that were written for it. ` + "`/v1`" + ` is the whole: every notification, category, subscription, invite, token and key as a resource.

**JSON** is UTF-8 in snake_case. Times are RFC 3339 in UTC with milliseconds. A body is at most 64 KiB, nested at most 32 deep. Unknown fields are ignored outside of ` + "`/v1`" + ` and refused there. null is as good as leaving a field out.

**Publishers** that speak ntfy's or Gotify's language are understood in it, and answered in it; their bodies may have 1 MiB.

**Tokens** are sent as ` + "`Authorization: Bearer …`" + `. Their scope is ` + "`admin`" + ` (everything), ` + "`publish`" + ` or ` + "`read`" + `. A publish token that is limited to categories has to say in ` + "`target`" + ` which of them it means: a message without a target is for everyone, and 403. Webhooks and senders that know Gotify cannot say whom they mean; from them, naming no category means all that the token is limited to.

**Errors** outside of ` + "`/v1`" + ` are ` + "`{\"message\": \"…\"}`" + `; in ` + "`/v1`" + ` they are ` + "`application/problem+json`" + ` (RFC 9457), with all bad fields at once in ` + "`errors`" + `. A path that exists answers 405 with ` + "`Allow`" + ` to a method that it does not have; 429 and 503 say in ` + "`Retry-After`" + ` when to come back.

**Lists** of ` + "`/v1`" + ` are pages, newest first: ` + "`?limit=`" + ` says how many, ` + "`next`" + ` is what to send as ` + "`?after=`" + ` for the next page. What is added meanwhile neither moves nor repeats an item.

Every answer has an ` + "`X-Request-Id`" + `; what the log says of the request has it too, and so has the problem of a 5xx, as ` + "`request_id`" + `.

A slash at the end of a path makes no difference. HEAD is answered wherever GET is.`

// The tags are the headings of the page.
const (
	tagSubscribe     = "Subscribe"
	tagPublish       = "Publish"
	tagNtfy          = "As to ntfy"
	tagGotify        = "As to Gotify"
	tagB             = "Second spelling"
	tagNotifications = "Notifications"
	tagCategories    = "Categories"
	tagSubscriptions = "Subscriptions"
	tagInvites       = "Invites"
	tagTokens        = "Tokens"
	tagSessions      = "Sessions"
	tagKeys          = "Keys"
	tagWebhooks      = "Webhooks"
	tagOperation     = "Operation"
	tagMeta          = "This document"
)

func tags() []object {
	tag := func(name, description string) object { return object{{"name", name}, {"description", description}} }
	return []object{
		tag(tagSubscribe, "For pages and service workers, also of other sites that `access.cors_origins` names."),
		tag(tagPublish, "Send a message with one request, and learn at once what became of it."),
		tag(tagNtfy, "For senders that know ntfy: give them this server's address, a topic and a token."),
		tag(tagGotify, "For senders that know Gotify: give them this server's address and a token."),
		tag(tagB, "The same in other words, for clients that speak it already."),
		tag(tagNotifications, "Messages as resources: create, schedule, repeat, replace, cancel, follow."),
		tag(tagCategories, "Named groups that subscriptions join and notifications address."),
		tag(tagSubscriptions, "Who receives. Endpoints and keys are never shown."),
		tag(tagInvites, "Links that let people subscribe, with a user and categories of yours."),
		tag(tagTokens, "Credentials of publishers and operators."),
		tag(tagSessions, "How people sign in to the operator's page."),
		tag(tagKeys, "The VAPID keys that push services know this server by."),
		tag(tagWebhooks, "How what other products send becomes a message."),
		tag(tagOperation, "How the server is doing."),
		tag(tagMeta, "This page and what it is made of."),
	}
}
