package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"recado/server/access"
	"recado/server/api"
	"recado/server/config"
	"recado/server/console"
	"recado/server/publishers/webhook"
	"recado/server/push"
	"recado/server/schedule"
	"recado/storage"
)

// What parts need of each other without knowing it.

// checkRepeat is schedule.Check with the errors of package api.
func checkRepeat(repeat, timeZone string) error {
	err := schedule.Check(repeat, timeZone)
	var wrong *schedule.Error
	if errors.As(err, &wrong) {
		return &api.FieldError{Field: wrong.Field, Message: wrong.Message}
	}
	return err
}

// webhooks are those of the configuration.
func webhooks(all map[string]config.Webhook) (map[string]api.Webhook, error) {
	made := make(map[string]api.Webhook, len(all))
	for name, w := range all {
		template, err := webhook.NewTemplate(w.Fields())
		if err != nil {
			return nil, fmt.Errorf("webhook.%s: %w", name, err)
		}
		made[name] = api.Webhook{Name: name, Fields: w.Fields(), Template: template, Categories: w.Categories, Secret: w.Secret}
	}
	return made, nil
}

// newKey makes a VAPID key, without its time.
func newKey() (storage.VAPIDKey, error) {
	key, err := push.GenerateKey()
	if err != nil {
		return storage.VAPIDKey{}, err
	}
	return storage.VAPIDKey{ID: key.ID(), Public: key.Public(), Private: key.Private()}, nil
}

// sendTest sends one message with the newest key, past the queue.
func (s *server) sendTest(ctx context.Context, t api.TestPush) (ok bool, why string) {
	stored, err := s.Store.NewestKey(ctx)
	if err != nil {
		s.Logger.WarnContext(ctx, "a test push had no key", "error", err)
		return false, "there is no VAPID key that could be read"
	}
	key, err := push.NewKey(stored.Private)
	if err != nil {
		s.Logger.ErrorContext(ctx, "the newest VAPID key is broken", "key", stored.ID, "error", err)
		return false, "the newest VAPID key cannot be used"
	}
	content := push.Content{Title: t.Content.Title, Body: t.Content.Body, URL: t.Content.URL}
	if content.Title == "" {
		content.Title = s.Config.InstanceName
	}
	payload := push.NewPayload(content, s.Config.BaseURL)
	message := push.Message{Payload: payload.Usual(""), TTL: s.Config.Push.TTL}
	if t.Declarative {
		message.Payload = payload.Declarative("")
	}
	result := s.sender.Send(ctx, key, push.Target{
		Endpoint: t.Endpoint, Keys: push.Keys{P256dh: t.Keys.P256dh, Auth: t.Keys.Auth},
	}, message)
	return result.Class == push.Sent, result.Reason
}

// liveLog is the endpoint of the live log, with the errors of package api.
func (s *server) liveLog() http.Handler {
	return console.NewLiveLog(console.LiveOptions{
		Hub: s.hub, Origin: s.Config.BaseURL, Admitted: s.admitted,
		Fail: func(w http.ResponseWriter, r *http.Request, err error) {
			var no *console.Refusal
			if errors.As(err, &no) {
				told := &api.Error{Status: no.Status, Message: no.Message, RetryAfter: no.RetryAfter}
				for _, f := range no.Fields {
					told.Fields = append(told.Fields, api.FieldError(f))
				}
				err = told
			}
			s.api.Problem(w, r, err)
		},
	})
}

// admitted asks the guard of the live log once more: a token may have been revoked
// since it let a request in, and a session have ended.
func (s *server) admitted(r *http.Request) bool {
	yes := true
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	gate := s.auth.Gate(func(_ http.ResponseWriter, _ *http.Request, err error) {
		var no *access.Error
		// That storage is away, or that it was asked too often, is no reason.
		yes = !errors.As(err, &no) || no.Status == http.StatusTooManyRequests
	})
	guard(gate, read, next).ServeHTTP(unheard{}, r)
	return yes
}

// unheard is an answer that nobody gets.
type unheard struct{}

func (unheard) Header() http.Header         { return http.Header{} }
func (unheard) Write(b []byte) (int, error) { return len(b), nil }
func (unheard) WriteHeader(int)             {}
