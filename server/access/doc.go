// Package access decides who may do what: which token or session a request
// carries and what it grants, which address it comes from, and how often that
// address may ask.
//
// # Promises
//
// A token or a session's cookie is only ever looked up by its SHA-256; neither
// it nor its hash is in an error or a log. A request that carries a token is
// answered by that token alone: a wrong one is 401 also where none is needed, so
// that a mistake in a script is seen on the first call and not on the day the
// route is closed. Its cookie is not looked at then, nor is it where no token is
// needed.
//
// A session may do what its token may, and ends with it; where it counts, only
// recado's own pages can use it.
//
// What the limits remember is bounded, whatever the number of addresses that
// ask. Errors meant for a client are *Error; any other error is the store's.
package access
