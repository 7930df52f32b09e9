package delivery

import (
	"context"
	"time"

	"recado/server/push"
	"recado/storage"
)

// job is an attempt with what its notification's attempts share.
type job struct {
	storage.Attempt
	payload  *push.Payload
	queuedAt time.Time
}

func (e *Engine) jobs(attempts []storage.Attempt) []job {
	now := e.Now()
	payloads := make(map[*storage.Notification]*push.Payload)
	jobs := make([]job, len(attempts))
	for i, a := range attempts {
		p := payloads[a.Notification]
		if p == nil {
			made := e.Composer.payload(a.Notification)
			p = &made
			payloads[a.Notification] = p
		}
		jobs[i] = job{Attempt: a, payload: p, queuedAt: now}
	}
	return jobs
}

// outcome is the job's outcome without a further request.
func (j *job) outcome(event storage.Event, at time.Time) storage.Outcome {
	return storage.Outcome{
		NotificationKey: j.Notification.Key,
		SubscriptionKey: j.Subscription.Key,
		Lease:           j.Lease,
		Since:           j.Subscription.Since,
		Attempts:        j.Attempts,
		Event:           event,
		At:              at,
	}
}

// work makes attempts until the shutdown.
func (e *Engine) work(ctx context.Context) {
	for {
		j, ok := e.lanes.take(e.Now)
		if !ok {
			return
		}
		e.attempt(ctx, &j)
	}
}

// attempt makes one attempt and sees its outcome into the settler before its
// place is free again: so no more outcomes than places and one settle batch can
// ever be lost with the process.
func (e *Engine) attempt(ctx context.Context, j *job) {
	started := e.Now()
	result, keyID := e.send(ctx, j, started)
	ended := e.Now()
	if result == nil || ctx.Err() == nil || result.Code != 0 {
		e.settler.submit(e.judge(j, result, keyID, ended))
	} // else: cut off by the shutdown; the next run tries again
	f := e.lanes.done(j.Subscription.Service, result, started, ended)
	for _, d := range f.shed {
		o := d.outcome(storage.EventRetrying, ended)
		o.RetryAt = d.until
		e.settler.submit(o)
	}
	if f.alert != nil {
		e.alerts.raise(ended, *f.alert)
	}
	e.start(f.start)
	if f.low && e.starved.Load() {
		poke(e.room)
	}
	if f.idle {
		e.settler.hurry()
	}
}

// send makes the request, and once more with another key when the push service
// refuses the subscription's own. nil: there was no time left for a request.
func (e *Engine) send(ctx context.Context, j *job, now time.Time) (*push.Result, string) {
	deadline := j.Notification.Deadline()
	if limit := j.limit(); !now.Before(limit) {
		return nil, ""
	}
	to := push.Target{
		Endpoint: j.Subscription.Endpoint,
		Keys:     push.Keys{P256dh: j.Subscription.P256dh, Auth: j.Subscription.Auth},
	}
	message := push.Message{
		Payload: e.Composer.finish(j.payload, j.Notification.Key, j.Subscription),
		TTL:     max(0, deadline.Sub(now)),
		Urgency: j.Notification.Urgency,
		Topic:   j.Notification.Topic,
	}
	key, err := e.keyring.key(ctx, j.Subscription.KeyID)
	if err != nil {
		return &push.Result{Class: push.Retry, Reason: "VAPID keys cannot be read from storage"}, ""
	}
	result := push.Result{Class: push.Unauthorized, Reason: "the VAPID key it was subscribed with is no longer here"}
	if key != nil {
		result = e.Sender.Send(ctx, key, to, message)
	}
	if result.Class != push.Unauthorized {
		return &result, ""
	}
	other, err := e.keyring.other(ctx, j.Subscription.KeyID)
	if err != nil || other == nil {
		return &result, ""
	}
	if second := e.Sender.Send(ctx, other, to, message); second.Class == push.Sent {
		return &second, other.ID()
	}
	return &result, ""
}

// limit is when the attempt may no longer be made.
func (j *job) limit() time.Time {
	if j.Attempts == 0 {
		return j.Notification.FirstTryDeadline()
	}
	return j.Notification.Deadline()
}

// judge turns a result into an outcome.
func (e *Engine) judge(j *job, r *push.Result, keyID string, at time.Time) storage.Outcome {
	if r == nil {
		o := j.outcome(storage.EventExpired, at)
		o.Error = "its time ended before it could be sent"
		return o
	}
	o := j.outcome(storage.EventFailed, at)
	o.Attempts++
	o.Code, o.Error, o.Latency, o.KeyID = r.Code, r.Reason, r.Latency, keyID
	switch r.Class {
	case push.Sent:
		o.Event, o.Error = storage.EventSent, ""
	case push.Gone:
		o.Event = storage.EventGone
	case push.Retry, push.Overloaded:
		o.Event = storage.EventRetrying
		due, ok := e.Retry.Next(o.Attempts, r.RetryAfter, at, j.Notification.Deadline(), e.random())
		if !ok {
			o.Event = storage.EventExpired
		}
		o.RetryAt = due
	}
	return o
}
