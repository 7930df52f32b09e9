package push

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// headerValues are the values that every request of a Sender shares.
type headerValues struct {
	encoding, contentType, userAgent, noCache, cache []string
}

func newHeaderValues(userAgent string) headerValues {
	return headerValues{
		encoding:    []string{"aes128gcm"},
		contentType: []string{"application/octet-stream"},
		userAgent:   []string{userAgent},
		noCache:     []string{"no-cache"},
		cache:       []string{"cache"},
	}
}

// maxTTL is RFC 8030 §5.2's largest value that a service must understand.
const maxTTL = 1<<31 - 1

// request builds the POST of RFC 8030 §5 by hand, since the endpoint is parsed
// already and most headers never change.
func (s *Sender) request(ctx context.Context, to Endpoint, t *token, m Message, body []byte) *http.Request {
	ttl := min(max(int64(m.TTL/time.Second), 0), maxTTL)
	header := make(http.Header, 9)
	header["Authorization"] = t.header
	header["Content-Encoding"] = s.headers.encoding
	header["Content-Type"] = s.headers.contentType
	header["User-Agent"] = s.headers.userAgent
	header["TTL"] = []string{strconv.FormatInt(ttl, 10)}
	if m.Urgency != "" && m.Urgency != "normal" {
		header["Urgency"] = []string{m.Urgency}
	}
	if m.Topic != "" {
		header["Topic"] = []string{m.Topic}
	}
	if isWindows(to.Service) {
		if ttl == 0 {
			header["X-WNS-Cache-Policy"] = s.headers.noCache
		} else {
			header["X-WNS-Cache-Policy"] = s.headers.cache
		}
	}
	r := &http.Request{
		Method:        http.MethodPost,
		URL:           to.parsed,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Host:          to.parsed.Host,
		ContentLength: int64(len(body)),
	}
	attachBody(r, body)
	return r.WithContext(ctx)
}

// errNotProcessed comes out of RoundTrip when a push service left the message
// unprocessed twice.
var errNotProcessed = errors.New("the push service closes its connections before taking the message")

// attachBody lets the transport send the message a second time, which it does
// only when HTTP/2 says that the first was not processed (GOAWAY or
// REFUSED_STREAM, RFC 9113 §8.7), or nothing had been written. That happens
// whenever a busy service renews its connections. A third time would wait
// seconds with a slot in hand; a retry by the caller does not.
func attachBody(r *http.Request, body []byte) {
	sends := new(atomic.Int32)
	again := func() (io.ReadCloser, error) {
		if sends.Load() >= 2 {
			return nil, errNotProcessed
		}
		return &messageBody{unread: body, sends: sends}, nil
	}
	r.Body = &messageBody{unread: body, sends: sends}
	r.GetBody = again
}

// messageBody counts how often the message is really read for sending; the
// transport also asks for bodies that it then does not use.
type messageBody struct {
	unread []byte
	sends  *atomic.Int32
	begun  bool
}

func (b *messageBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.sends.Add(1)
	}
	n := copy(p, b.unread)
	b.unread = b.unread[n:]
	if len(b.unread) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (b *messageBody) Close() error { return nil }
