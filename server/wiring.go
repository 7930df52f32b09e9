package server

import (
	"context"
	"errors"

	"recado/server/api"
	"recado/server/push"
	"recado/server/schedule"
	"recado/storage"
)

// What package api needs of packages that it does not know.

// checkRepeat is schedule.Check with the errors of package api.
func checkRepeat(repeat, timeZone string) error {
	err := schedule.Check(repeat, timeZone)
	var wrong *schedule.Error
	if errors.As(err, &wrong) {
		return &api.FieldError{Field: wrong.Field, Message: wrong.Message}
	}
	return err
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
		s.Logger.Warn("a test push had no key", "error", err)
		return false, "there is no VAPID key that could be read"
	}
	key, err := push.NewKey(stored.Private)
	if err != nil {
		s.Logger.Error("the newest VAPID key is broken", "key", stored.ID, "error", err)
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
