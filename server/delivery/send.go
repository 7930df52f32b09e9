package delivery

import (
	"context"
	"log/slog"
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
		Service:         j.Subscription.Service,
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
	r := e.send(ctx, j, started)
	ended := e.Now()
	if r.result == nil || ctx.Err() == nil || r.result.Code != 0 {
		o := e.judge(j, r, ended)
		e.logged(ctx, j, &o)
		e.settler.submit(ctx, o)
	} // else: cut off by the shutdown; the next run tries again
	answer := r.result
	if !r.asked {
		answer = nil
	}
	f := e.lanes.done(j.Subscription.Service, answer, started, ended)
	e.deferred(ctx, f.shed, ended)
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

// logged writes what came of an attempt to the log, at debug. It names no
// subscription: whoever knows its id may end it.
func (e *Engine) logged(ctx context.Context, j *job, o *storage.Outcome) {
	if !e.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("notification", j.Notification.ID.String()), slog.String("service", o.Service), slog.String("outcome", o.Event.String()),
		slog.Int("status", o.Code), slog.Int("attempt", o.Attempts), slog.Float64("duration_ms", float64(o.Latency.Microseconds())/1000),
	}
	if o.Error != "" {
		attrs = append(attrs, slog.String("error", o.Error))
	}
	e.Log.LogAttrs(ctx, slog.LevelDebug, "delivery", attrs...)
}

// deferred settles attempts that are not made now as retrying.
func (e *Engine) deferred(ctx context.Context, shed []deferred, at time.Time) {
	for _, d := range shed {
		o := d.outcome(storage.EventRetrying, at)
		o.RetryAt = d.until
		e.settler.submit(ctx, o)
	}
}

// sent is what came of an attempt.
type sent struct {
	result *push.Result // nil: there was no time left for a request
	asked  bool         // the push service was asked: the result says something about it
	keyID  string       // of the other key that worked
}

// send makes the request, and once more with another key when the push service
// refuses the subscription's own.
func (e *Engine) send(ctx context.Context, j *job, now time.Time) sent {
	if !now.Before(j.limit()) {
		return sent{}
	}
	to := push.Target{
		Endpoint: j.Subscription.Endpoint,
		Keys:     push.Keys{P256dh: j.Subscription.P256dh, Auth: j.Subscription.Auth},
	}
	message := push.Message{
		Payload: e.Composer.finish(j.payload, j.Notification.Key, j.Subscription),
		TTL:     max(0, j.Notification.Deadline().Sub(now)),
		Urgency: j.Notification.Urgency,
		Topic:   j.Notification.Topic,
	}
	key, err := e.keyring.key(ctx, j.Subscription.KeyID)
	if err != nil {
		return sent{result: &push.Result{Class: push.Retry, Reason: "VAPID keys cannot be read from storage"}}
	}
	first := sent{result: &push.Result{Class: push.Unauthorized, Reason: "the VAPID key it was subscribed with is no longer here"}}
	if key != nil {
		result := e.ask(ctx, j, key, to, message)
		first = sent{result: &result, asked: true}
	}
	if first.result.Class != push.Unauthorized {
		return first
	}
	other, err := e.keyring.other(ctx, j.Subscription.KeyID)
	if err != nil || other == nil {
		return first
	}
	second := e.ask(ctx, j, other, to, message)
	if second.Class == push.Sent {
		return sent{result: &second, asked: true, keyID: other.ID()}
	}
	if second.Class.Retryable() { // nothing is known about this key yet
		return sent{result: &second, asked: true}
	}
	return first
}

// ask makes one request, and tells of its answer.
func (e *Engine) ask(ctx context.Context, j *job, key *push.Key, to push.Target, m push.Message) push.Result {
	r := e.Sender.Send(ctx, key, to, m)
	e.OnAnswer(j.Subscription.Service, r.Code, r.Latency)
	return r
}

// limit is when the attempt may no longer be made.
func (j *job) limit() time.Time {
	if j.Attempts == 0 {
		return j.Notification.FirstTryDeadline()
	}
	return j.Notification.Deadline()
}

// judge turns a result into an outcome.
func (e *Engine) judge(j *job, s sent, at time.Time) storage.Outcome {
	r := s.result
	if r == nil {
		o := j.outcome(storage.EventExpired, at)
		o.Error = "its time ended before it could be sent"
		return o
	}
	o := j.outcome(storage.EventFailed, at)
	o.Attempts++
	o.Code, o.Error, o.KeyID = r.Code, r.Reason, s.keyID
	if s.asked {
		o.Latency = max(r.Latency, time.Millisecond) // 0 is none
	}
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
