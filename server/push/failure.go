package push

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
)

// failure is the Result of a request without an answer. Each may succeed later:
// the network is down, a name does not resolve, a certificate has expired.
func failure(ctx context.Context, err error, secrets []string) Result {
	return Result{Class: Retry, Reason: cleanText(failureReason(ctx, err), secrets)}
}

func failureReason(ctx context.Context, err error) string {
	var (
		blocked *BlockedAddrError
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		alert   tls.AlertError
		record  tls.RecordHeaderError
		unknown x509.UnknownAuthorityError
		timeout net.Error
	)
	switch {
	case errors.As(err, &blocked):
		return blocked.Error()
	case errors.Is(err, errNotProcessed):
		return errNotProcessed.Error()
	case ctx.Err() != nil:
		if errors.Is(context.Cause(ctx), errNoAnswer) {
			return errNoAnswer.Error()
		}
		return "given up before the push service answered"
	case errors.As(err, &dns):
		return "the host name cannot be resolved: " + dns.Err
	case errors.As(err, &cert), errors.As(err, &unknown):
		return "the push service's certificate is not valid: " + err.Error()
	case errors.As(err, &alert), errors.As(err, &record):
		return "no secure connection to the push service: " + err.Error()
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return errNoAnswer.Error()
	}
	return "no answer from the push service: " + err.Error()
}
