package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func vapidSubject(_ context.Context, p *Patient) []Finding {
	subject, warning := p.Config.VAPIDSubject()
	if warning != "" {
		return []Finding{warn(warning, `set vapid.subject = "mailto:you@your.domain"`)}
	}
	if strings.ContainsAny(subject, " <>") {
		return []Finding{warn("vapid.subject has spaces or brackets in it, which Apple refuses", `write it as "mailto:you@your.domain", nothing else`)}
	}
	return fine("push services can ask " + subject)
}

// baseURL looks whether browsers can subscribe at the address, and whether it is this server's.
func baseURL(ctx context.Context, p *Patient) []Finding {
	address, err := url.Parse(p.Config.BaseURL)
	if err != nil {
		return []Finding{problem("base_url is no address: "+err.Error(), "set base_url to the address that browsers use")}
	}
	var found []Finding
	if address.Scheme != "https" && !local(address.Hostname()) {
		found = append(found, problem("base_url is http: browsers allow Web Push over https only",
			"put recado behind a proxy with TLS (docs/proxies.md), or set tls.cert_file and tls.key_file; then set base_url"))
	}
	if p.Offline {
		return orFine(found, p.Config.BaseURL+" (not asked: --offline)")
	}
	answer, err := get(ctx, p.Client, p.Config.BaseURL+"/healthz")
	switch {
	case err != nil && !p.Running && local(address.Hostname()):
		return append(found, Finding{Level: Skipped, Message: p.Config.BaseURL + " does not answer, and no server runs"})
	case err != nil:
		return append(found, problem(p.Config.BaseURL+" does not answer: "+plain(err), "check that the server runs, the name resolves here and the proxy forwards to "+p.Config.Listen))
	case answer.StatusCode != http.StatusOK:
		return append(found, problem(fmt.Sprintf("%s/healthz answers %s instead of 200", p.Config.BaseURL, answer.Status), "check that base_url leads to recado and the proxy forwards every path"))
	}
	found = append(found, clock(answer.Header.Get("Date"), p.Now(), p.Config.BaseURL)...)
	return orFine(found, p.Config.BaseURL+" answers")
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// maxSkew is how wrong the clock may be: VAPID tokens are refused when it is
// hours, Retry-After and schedules suffer before that.
const maxSkew = time.Minute

func clock(date string, now time.Time, who string) []Finding {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return nil
	}
	if skew := now.Sub(theirs); skew.Abs() > maxSkew {
		return []Finding{problem(fmt.Sprintf("this machine's clock and that of %s are %s apart", who, skew.Abs().Round(time.Second)),
			"let the clock be set from the network: timedatectl set-ntp true")}
	}
	return nil
}

// expiresSoon is when a certificate should have been renewed: Let's Encrypt's are
// renewed 30 days before their end.
const expiresSoon = 14 * 24 * time.Hour

func certificate(ctx context.Context, p *Patient) []Finding {
	if file := p.Config.TLS.CertFile; file != "" {
		pair, err := tls.LoadX509KeyPair(file, p.Config.TLS.KeyFile)
		if err != nil {
			return []Finding{problem("tls.cert_file and tls.key_file cannot be used: "+err.Error(), "name the PEM files of a certificate with its chain, and of its key")}
		}
		return expiry(pair.Leaf, p.Now(), file)
	}
	address, err := url.Parse(p.Config.BaseURL)
	if err != nil || address.Scheme != "https" {
		return skip("base_url is not https")
	}
	if p.Offline {
		return skip("not asked: --offline")
	}
	answer, err := get(ctx, p.Client, p.Config.BaseURL+"/healthz")
	if err != nil {
		var invalid *tls.CertificateVerificationError
		if errors.As(err, &invalid) {
			return []Finding{problem("the certificate of "+address.Host+" is not trusted: "+invalid.Err.Error(), "renew it, and serve it with its chain")}
		}
		return skip(address.Host + " does not answer")
	}
	if answer.TLS == nil || len(answer.TLS.PeerCertificates) == 0 {
		return skip("none was seen")
	}
	return expiry(answer.TLS.PeerCertificates[0], p.Now(), address.Host)
}

func expiry(leaf *x509.Certificate, now time.Time, what string) []Finding {
	left := leaf.NotAfter.Sub(now)
	days := int(left / (24 * time.Hour))
	switch {
	case left <= 0:
		return []Finding{problem(fmt.Sprintf("the certificate of %s ended %d days ago", what, -days), "renew it")}
	case left < expiresSoon:
		return []Finding{warn(fmt.Sprintf("the certificate of %s ends in %d days", what, days), "renew it, and look why that did not happen by itself")}
	}
	return fine(fmt.Sprintf("the certificate of %s is good for %d more days", what, days))
}

// vendors are the hosts whose push services most browsers use.
func vendors() []string {
	return []string{"fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "wns2-par02p.notify.windows.com"}
}

// pushServices looks whether each vendor can be reached: any answer will do.
func pushServices(ctx context.Context, p *Patient) []Finding {
	if p.Offline {
		return skip("not asked: --offline")
	}
	var found []Finding
	for _, host := range vendors() {
		answer, err := get(ctx, p.Client, "https://"+host+"/")
		if err != nil {
			found = append(found, problem(host+" cannot be reached: "+plain(err), "allow this machine to open https connections to it (DNS, firewall)"))
			continue
		}
		found = append(found, clock(answer.Header.Get("Date"), p.Now(), host)...)
	}
	return orFine(found, "all of them answer")
}

// get asks for headers; the body is of no interest.
func get(ctx context.Context, client *http.Client, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	return answer, answer.Body.Close()
}

// plain is an error without the address that *url.Error repeats.
func plain(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}
