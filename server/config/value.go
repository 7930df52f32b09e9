package config

import (
	"errors"
	"fmt"
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// oneText is a key whose value is a string that parse understands.
func oneText[T any](name string, dst *T, parse func(string) (T, error)) key {
	return key{name, text, func(value any) error {
		s, ok := value.(string)
		if !ok {
			return errors.New("must be a string in quotes")
		}
		v, err := parse(s)
		if err != nil {
			return err
		}
		*dst = v
		return nil
	}}
}

// manyTexts is a key whose value is a list of strings that parse understands.
func manyTexts[T any](name string, dst *[]T, parse func(string) (T, error)) key {
	return key{name, texts, func(value any) error {
		list, ok := value.([]any)
		if !ok {
			return errors.New("must be a list of strings, such as [\"a\", \"b\"]")
		}
		var out []T
		for i, item := range list {
			s, ok := item.(string)
			if !ok {
				return fmt.Errorf("must be a list of strings, and entry %d is none", i+1)
			}
			v, err := parse(s)
			if err != nil {
				return fmt.Errorf("has a bad entry %d: it %w", i+1, err)
			}
			out = append(out, v)
		}
		*dst = out
		return nil
	}}
}

func atLeastOne(k key) key {
	set := k.set
	k.set = func(value any) error {
		if list, ok := value.([]any); ok && len(list) == 0 {
			return errors.New("must name at least one host; \"*\" stands for any public host")
		}
		return set(value)
	}
	return k
}

func yesNo(name string, dst *bool) key {
	return key{name, truth, func(value any) error {
		b, ok := value.(bool)
		if !ok {
			return errors.New("must be true or false")
		}
		*dst = b
		return nil
	}}
}

func number(name string, dst *int, least, most int64) key {
	return key{name, whole, func(value any) error {
		n, ok := value.(int64)
		if !ok || n < least || n > most {
			return fmt.Errorf("must be a whole number from %d to %d", least, most)
		}
		*dst = int(n)
		return nil
	}}
}

// fromText turns what an environment variable or a flag says into the value
// that the file would have for it.
func fromText(k kind, s string) any {
	switch k {
	case texts:
		list := []any{}
		for item := range strings.SplitSeq(s, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		return list
	case whole:
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
	case truth:
		if b, err := strconv.ParseBool(s); err == nil {
			return b
		}
	}
	return s
}

// optional lets the empty string pass beside what parse accepts.
func optional(parse func(string) (string, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		if s == "" {
			return "", nil
		}
		return parse(s)
	}
}

func choice(names ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !slices.Contains(names, s) {
			return "", fmt.Errorf("must be %s, not %s", strings.Join(names, " or "), quote(s))
		}
		return s, nil
	}
}

func between(least, most time.Duration) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		switch {
		case err != nil:
			return 0, fmt.Errorf("must be a duration such as \"90s\", \"15m\" or \"24h\", not %s", quote(s))
		case d < least && most == math.MaxInt64:
			return 0, fmt.Errorf("must be at least %s, not %s", brief(least), s)
		case d < least || d > most:
			return 0, fmt.Errorf("must be from %s to %s, not %s", brief(least), brief(most), s)
		}
		return d, nil
	}
}

// brief writes a duration as an operator would: 24h, not 24h0m0s.
func brief(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "m0s")
	if s != d.String() {
		s += "m"
	}
	if short, ok := strings.CutSuffix(s, "h0m"); ok {
		s = short + "h"
	}
	return s
}

func hostPort(s string) (string, error) {
	host, port, ok := cutPort(s)
	if !ok || (host != "" && !isHost(host)) {
		return "", fmt.Errorf("must be host:port, such as 127.0.0.1:8080 or :8080, not %s", quote(s))
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("must end in a port from 0 to 65535, not %s", quote(s))
	}
	return s, nil
}

// cutPort splits host:port; an IPv6 address stands in brackets.
func cutPort(s string) (host, port string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", "", false
	}
	host, port = s[:i], s[i+1:]
	if inner, found := strings.CutPrefix(host, "["); found {
		inner, found = strings.CutSuffix(inner, "]")
		a, err := netip.ParseAddr(inner)
		return inner, port, found && err == nil && a.Is6()
	}
	return host, port, !strings.Contains(host, ":")
}

func loopbackHostPort(s string) (string, error) {
	if _, err := hostPort(s); err != nil {
		return "", err
	}
	host, _, _ := cutPort(s)
	if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) {
		return "", fmt.Errorf("must be a loopback address such as 127.0.0.1:6060, because profiles show secrets, not %s", quote(s))
	}
	return s, nil
}

// webOrigin accepts an origin and gives it the spelling of RFC 6454 §6.2, which
// is how a browser writes it into Origin: lower case, no default port.
func webOrigin(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("must be an absolute http or https URL, such as https://push.example.com, not %s", quote(s))
	}
	if u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return "", errors.New("must be scheme and host alone: no user, path, query or fragment")
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if !isHost(host) || strings.HasSuffix(u.Host, ":") {
		return "", fmt.Errorf("must name a host, such as https://push.example.com, not %s", quote(s))
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
		return "", fmt.Errorf("must have a port from 1 to 65535, not %s", quote(port))
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if (u.Scheme == "http" && port != "80" || u.Scheme == "https" && port != "443") && port != "" {
		host += ":" + port
	}
	return u.Scheme + "://" + host, nil
}

func corsOrigin(s string) (string, error) {
	if s == "*" {
		return s, nil
	}
	return webOrigin(s)
}

func network(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("must be an address or a network such as 10.0.0.0/8, not %s", quote(s))
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// hostPattern accepts a host of push services, "*." and a domain, or "*".
func hostPattern(s string) (string, error) {
	s = strings.ToLower(s)
	host := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if strings.HasPrefix(s, "[") != strings.HasSuffix(s, "]") {
		host = ""
	}
	if s != "*" && !isHost(strings.TrimPrefix(host, "*.")) {
		return "", fmt.Errorf("must be a host such as push.example.com, *.example.com or *, without scheme, port or path, not %s", quote(s))
	}
	return host, nil
}

// isHost accepts an IP literal without brackets or a name of the DNS.
func isHost(s string) bool {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Zone() == ""
	}
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notHostRune) {
			return false
		}
	}
	return true
}

// notHostRune allows the underscore, which container networks use in names.
func notHostRune(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// subject accepts a contact as RFC 8292 §2.1 wants it.
func subject(s string) (string, error) {
	bad := fmt.Errorf("must be a contact such as mailto:you@example.com or https://example.com/contact, without spaces, not %s", quote(s))
	if !plain(s) || strings.ContainsAny(s, " <>\"") {
		return "", bad
	}
	if address, ok := strings.CutPrefix(s, "mailto:"); ok {
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			return "", bad
		}
		return s, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || !isHost(u.Hostname()) || u.User != nil {
		return "", bad
	}
	return s, nil
}

// token accepts what can stand in an Authorization header. Its value is a
// secret and is in no error.
func token(s string) (string, error) {
	if len(s) < 8 || len(s) > 255 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("must be 8 to 255 visible ASCII characters without spaces; `openssl rand -hex 32` makes a good one")
	}
	return s, nil
}

func filePath(s string) (string, error) {
	if s == "" || strings.ContainsRune(s, 0) {
		return "", errors.New("must be a path")
	}
	return s, nil
}

func title(s string) (string, error) {
	if s == "" || !plain(s) || utf8.RuneCountInString(s) > 100 {
		return "", errors.New("must be one line of 1 to 100 characters")
	}
	return s, nil
}

func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// quote shows a value in an error, never more of it than helps.
func quote(s string) string {
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "") + "…"
	}
	return strconv.Quote(s)
}
