package secrettest

import "regexp"

// Shapes finds what looks like a secret, for where nobody knows which there are:
// tokens, private keys, signed VAPID tokens, and endpoints of push services.
func Shapes(s string) (found []string) {
	for _, shape := range []string{
		`\brcd_[0-9A-Za-z]{43}\b`, `\btk_[0-9A-Za-z]{29}\b`, `recado_session=\w+`, `PRIVATE KEY`,
		`\beyJ[\w-]{10,}\.[\w-]+`, // a JSON object in base64url, as JWTs begin
		`https?://[^\s"/]+/(push|wpush|fcm|send|hook)/[^\s"]{12,}`,
	} {
		found = append(found, regexp.MustCompile(shape).FindAllString(s, -1)...)
	}
	return found
}
