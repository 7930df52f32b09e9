package openapi

func sessions() []operation {
	input := fields("What to sign in with.", []field{
		must("token", text("An admin token, or a read token to look only.")),
	}, refusesOthers())
	who := fields("Who is signed in.", []field{
		must("scope", oneOf("What they may do: what the token may.", "admin", "read")),
		must("name", text("The token's name.")),
	})
	cookie := object{{"Set-Cookie", object{{"description", "The cookie `recado_session`."}, {"schema", object{{"type", "string"}}}}}}
	signedIn, signedOut, known := none(204, "Signed in."), none(204, "Signed out."), json200("Somebody is.", who, object{{"scope", "admin"}, {"name", "admin"}})
	signedIn.headers, signedOut.headers, known.headers = cookie, cookie, cookie
	wrong := operation{form: problems}.unauthorized()
	wrong.description = "The token is wrong, revoked or expired."
	return ofV1(tagSessions, "session", []operation{
		{method: "GET", path: "/v1/session", id: "getSession", summary: "Who is signed in?",
			answers: []answer{known, none(204, "Nobody is, or no longer.")}},
		{method: "POST", path: "/v1/session", id: "signIn", summary: "Sign in",
			text:    "Gives a cookie that stands for the token, as long as it is used once in 30 days and the token is not revoked. A session that the request came with ends.",
			body:    &body{schema: input, example: object{{"token", "rcd_4Yq0cN8vX2bLrT7mZpKe1WdHsJ6uGa9fRi3oBtEyVnC"}}},
			answers: []answer{signedIn, wrong, problem(403, "It is a publish token, or the request comes from a page of another site, or from one without https where `base_url` has it.")}},
		{method: "DELETE", path: "/v1/session", id: "signOut", summary: "Sign out",
			answers: []answer{signedOut, problem(403, "The request comes from a page of another site.")}},
	})
}
