// Package schedule says when repeating notifications are due: the times of a
// five-field cron expression on the clocks of a time zone.
//
// An expression is minute, hour, day of month, month and day of week, as in
// crontab(5): numbers, names (JAN–DEC, SUN–SAT), lists, ranges and steps; Sunday
// is 0 or 7. When neither day field begins with *, a day that matches either of
// them matches.
//
// On a day when the clocks change, every local time that matches runs once: one
// that does not exist at the next that does, one that happens twice at the first.
// So runs that the change moves to one instant are one run, and the hour that
// happens twice has the runs of one hour.
//
// Every answer takes microseconds: there is no expression and no time that lets a
// search run on.
package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Cron implements storage.Runs.
type Cron struct{}

// Next is the first run after t, in UTC. It is zero when there is none, and for
// what Check refuses.
func (Cron) Next(repeat, timeZone string, t time.Time) time.Time {
	e, zone, err := parse(repeat, timeZone)
	if err != nil {
		return time.Time{}
	}
	return e.nextRun(zone, t)
}

// Last is the last run that is not after t but after since, in UTC. It is zero
// when there is none, and for what Check refuses.
func (Cron) Last(repeat, timeZone string, since, t time.Time) time.Time {
	e, zone, err := parse(repeat, timeZone)
	if err != nil {
		return time.Time{}
	}
	return e.lastRun(zone, since, t)
}

// Check says what is wrong with an expression or its time zone (an IANA name;
// empty = UTC), as an *Error. An expression that no date ever matches is wrong.
func Check(repeat, timeZone string) error {
	_, _, err := parse(repeat, timeZone)
	return err
}

// Upcoming lists the first n runs after from, in UTC; fewer if there are no more.
func Upcoming(repeat, timeZone string, from time.Time, n int) ([]time.Time, error) {
	e, zone, err := parse(repeat, timeZone)
	if err != nil {
		return nil, err
	}
	var runs []time.Time
	for len(runs) < n {
		from = e.nextRun(zone, from)
		if from.IsZero() {
			break
		}
		runs = append(runs, from)
	}
	return runs, nil
}

// Error says which field is wrong: repeat or time_zone.
type Error struct {
	Field   string
	Message string // a sentence's rest, without the field
}

func (e *Error) Error() string { return e.Field + " " + e.Message }

func parse(repeat, timeZone string) (expression, *time.Location, error) {
	e, problem := parseExpression(repeat)
	if problem == "" && !e.possible() {
		problem = "never comes: no date matches it"
	}
	if problem != "" {
		return e, nil, &Error{"repeat", problem}
	}
	// "Local" and "localtime" are this machine's zone, which is not the publisher's
	// to know, and changes when the machine does.
	if len(timeZone) > 64 || strings.EqualFold(timeZone, "local") || strings.EqualFold(timeZone, "localtime") {
		return e, nil, unknownZone(timeZone)
	}
	zone, err := time.LoadLocation(timeZone)
	if err != nil {
		return e, nil, unknownZone(timeZone)
	}
	return e, zone, nil
}

func unknownZone(name string) error {
	return &Error{"time_zone", fmt.Sprintf("is no time zone: %.64q; give a name such as Europe/Berlin", name)}
}

func (e expression) nextRun(zone *time.Location, t time.Time) time.Time {
	if !sane(t) {
		return time.Time{}
	}
	wall, ok := e.next(latest(t, zone))
	if !ok {
		return time.Time{}
	}
	return instant(wall, zone)
}

func (e expression) lastRun(zone *time.Location, since, t time.Time) time.Time {
	if !sane(t) {
		return time.Time{}
	}
	wall, ok := e.last(latest(t, zone))
	if !ok {
		return time.Time{}
	}
	run := instant(wall, zone)
	if !run.After(since) {
		return time.Time{}
	}
	return run
}

// sane reports whether calendars reach as far as t: years that JSON can write.
func sane(t time.Time) bool {
	return t.Year() >= 0 && t.Year() < 9999-horizon
}
