package push

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Message is what is sent to one subscription.
type Message struct {
	Payload []byte        // plaintext, 0 to MaxPayload bytes
	TTL     time.Duration // what remains of it; sent in whole seconds
	Urgency string        // RFC 8030 §5.3; empty means normal
	Topic   string        // RFC 8030 §5.4; empty means none
}

// Target is whom it is sent to.
type Target struct {
	Endpoint string
	Keys     Keys
}

// Sender encrypts, signs and posts messages. It is safe for concurrent use.
type Sender struct {
	options    Options
	tokens     *tokens
	headers    headerValues
	answerTime time.Duration
}

// NewSender makes a Sender, to be closed in the end.
func NewSender(o Options) *Sender {
	o = o.withDefaults()
	return &Sender{options: o, tokens: newTokens(o.Subject), headers: newHeaderValues(o.UserAgent), answerTime: answerTime}
}

// Close closes the connections that are idle. Whoever calls Send ends it by its
// context, before.
func (s *Sender) Close() {
	if t, ok := s.options.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

const (
	maxAnswer = 8 << 10 // bytes of a body that are read
	// answerTime is how long a body may take once the status is known; after that
	// the status has to do.
	answerTime = 2 * time.Second
)

// Send sends one message, once, and says what came of it. It returns within the
// configured time limit, or when ctx ends, which gives a Result of class Retry
// without a Code: the message may then have arrived or not.
func (s *Sender) Send(ctx context.Context, key *Key, to Target, m Message) Result {
	if key == nil {
		return Result{Class: Rejected, Reason: "there is no VAPID key to send with"}
	}
	endpoint, err := s.options.Policy.Check(to.Endpoint)
	if err != nil {
		return Result{Class: Rejected, Reason: cleanText(err.Error(), nil)}
	}
	body, err := Encrypt(nil, to.Keys, m.Payload)
	if err != nil {
		return Result{Class: Rejected, Reason: cleanText(err.Error(), nil)}
	}
	start := s.options.Now()
	token, err := s.tokens.get(key, endpoint.Origin, start)
	if err != nil {
		return Result{Class: Rejected, Reason: cleanText(err.Error(), nil)}
	}

	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Timeout, errNoAnswer)
	defer cancel()
	response, err := s.options.Transport.RoundTrip(s.request(ctx, endpoint, token, m, body))
	now := s.options.Now()
	if err != nil {
		r := failure(ctx, err, secretsOf(to.Endpoint, endpoint, token))
		r.Latency = now.Sub(start)
		return r
	}
	answer := s.readAnswer(response, cancel)
	var secrets []string
	if response.StatusCode >= 300 {
		secrets = secretsOf(to.Endpoint, endpoint, token)
	}
	r := classify(endpoint.Service, response.StatusCode, response.Header, answer, now, secrets...)
	r.Latency = now.Sub(start)
	return r
}

// errNoAnswer tells the Sender's own time limit from the caller's.
var errNoAnswer = errors.New("the push service did not answer in time")

// readAnswer reads what fits of a body and closes it. A body that is longer or
// slower is cut off, which resets its stream instead of draining it.
func (s *Sender) readAnswer(response *http.Response, cancel context.CancelFunc) []byte {
	if response.Body == nil || response.Body == http.NoBody {
		return nil
	}
	defer response.Body.Close()
	stop := time.AfterFunc(s.answerTime, cancel)
	defer stop.Stop()
	if response.StatusCode < 300 {
		// A success says nothing in its body; reading it only lets HTTP/1.1 use
		// the connection again.
		_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // what came has to do
	return body
}
