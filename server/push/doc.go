// Package push speaks Web Push to push services: it encrypts a message for one
// subscription (RFC 8291 over RFC 8188), signs for its sender (RFC 8292), posts
// it (RFC 8030) and says what the answer means.
//
// It promises:
//
//   - An endpoint comes from a stranger. It is parsed and judged by a [Policy]
//     before a byte is sent, and the address it resolves to is judged again at
//     the moment of connecting, so that no name can lead into a private network.
//   - A [Sender] sends a message once. Only what a push service has provably not
//     processed is sent a second time by itself; every other doubt is a [Result]
//     of class [Retry] for the caller to decide about.
//   - Nothing a push service answers, however slow or large, costs more than
//     8 KiB of memory or more time than the configured limit.
//   - No error and no [Result] names an endpoint, a token or a key.
//
// The package keeps no state beyond connections and signed VAPID tokens, and
// imports nothing else of this module.
package push
