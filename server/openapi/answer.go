package openapi

// The answers that many routes share.

// error is an error in the family's form.
func (o operation) error(status int, description string) answer {
	a := answer{status: status, description: description}
	schema, media := "Error", "application/json"
	switch o.form {
	case problems:
		schema, media = "Problem", "application/problem+json"
	case ntfyErrors:
		schema = "NtfyError"
	case gotifyErrors:
		schema = "GotifyError"
	}
	a.content = object{{media, object{{"schema", ref(schema)}}}}
	return a
}

func (o operation) tooLarge(description string) answer {
	a := o.error(413, description+" `size` and `limit` are bytes.")
	if o.form == messages {
		a.content = object{{"application/json", object{{"schema", ref("SizeError")}}}}
	} else {
		a.content = object{{"application/problem+json", object{{"schema", ref("SizeProblem")}}}}
	}
	return a
}

func (o operation) unauthorized() answer {
	a := o.error(401, "No token or session, or one that is wrong, revoked or expired.")
	if o.scope == optional {
		a.description = "A token that is wrong, revoked or expired."
	}
	a.headers = object{header("WWW-Authenticate", "What to send: a Bearer token (RFC 6750).", object{{"type", "string"}})}
	return a
}

// forbidden: a token of another scope is told by WWW-Authenticate which one it
// takes; other refusals have no such header.
func (o operation) forbidden() answer {
	a := o.error(403, "The token or session may not do this, or a page of another site makes use of the session.")
	if o.scope == optional {
		a.description = "The token may not do this."
	}
	a.headers = object{{"WWW-Authenticate", object{
		{"description", "The scope that is needed, when it is the scope that is wrong (RFC 6750)."}, {"schema", object{{"type", "string"}}},
	}}}
	return a
}

func (o operation) tooMany() answer {
	what := "Too many requests from this address: 6,000 a minute are let in without a token, 30 wrong tokens."
	if o.scope == optional {
		what = "Too many subscribes from this address: 600 a minute are let in."
	}
	a := o.error(429, what)
	a.headers = object{retryAfter()}
	return a
}

func (o operation) unavailable() answer {
	a := o.error(503, "Storage is away (a full disk, say). Nothing was changed; trying again later may work.")
	a.headers = object{retryAfter()}
	return a
}

func retryAfter() member {
	return header("Retry-After", "When to try again, in seconds.", object{{"type", "integer"}, {"minimum", 1}})
}

func header(name, description string, schema object) member {
	return member{name, object{{"description", description}, {"required", true}, {"schema", schema}}}
}

func location(of string) object {
	return object{header("Location", "The path of the "+of+".", object{{"type", "string"}})}
}

func json200(description string, schema object, examples ...any) answer {
	return jsonAnswer(200, description, schema, examples...)
}

func jsonAnswer(status int, description string, schema object, examples ...any) answer {
	media := object{{"schema", schema}}
	for _, e := range examples {
		media = append(media, member{"example", e})
	}
	return answer{status: status, description: description, content: object{{"application/json", media}}}
}

func text200(description, example string) answer {
	return answer{status: 200, description: description, content: plain(example)}
}

func plain(example string) object {
	return object{{"text/plain; charset=utf-8", object{{"schema", object{{"type", "string"}}}, {"example", example}}}}
}

func none(status int, description string) answer {
	return answer{status: status, description: description}
}

// Parameters.

func inPath(name, description string, schema object) object {
	return object{{"name", name}, {"in", "path"}, {"required", true}, {"description", description}, {"schema", schema}}
}

func inQuery(name, description string, schema object) object {
	return object{{"name", name}, {"in", "query"}, {"description", description}, {"schema", schema}}
}

func idInPath(name, of string) object {
	return inPath(name, "The "+of+"'s id.", object{{"type", "string"}, {"format", "uuid"}})
}

func idempotencyKey() object {
	return object{{"name", "Idempotency-Key"}, {"in", "header"},
		{"description", "Makes repeating the request safe: for 24 hours the same key of the same token with the same bytes answers with the notification that the first made."},
		{"schema", object{{"type", "string"}, {"maxLength", 255}}}}
}

func limitAndAfter() []object {
	return []object{
		inQuery("limit", "How many items at most.", object{{"type", "integer"}, {"minimum", 1}, {"maximum", 500}, {"default", 50}}),
		inQuery("after", "The `next` of the page before.", object{{"type", "string"}}),
	}
}
