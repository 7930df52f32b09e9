package schedule

import (
	"fmt"
	"math/bits"
	"regexp"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

const (
	// maxLength leaves room for every minute of an hour and every hour of a day as
	// lists.
	maxLength = 512
	// horizon is how many years a search goes on: 29 February falls on the same day
	// of the week after at most 40, around a year such as 2100.
	horizon = 41
)

// expression is a cron expression: bit n of a field is set when n matches.
type expression struct {
	minute, hour, day, month, weekday uint64
	// both: a date must match the day of month and the day of week; otherwise one of
	// them is enough.
	both bool
}

// field is one of the five, at its place in what gronx calls segments.
type field struct {
	name     string
	segment  int
	from, to int
	element  *regexp.Regexp
}

var (
	number   = regexp.MustCompile(`^(\*|\d{1,2}(-\d{1,2})?)(/\d{1,2})?$`)
	month    = named(`JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC`)
	weekday  = named(`SUN|MON|TUE|WED|THU|FRI|SAT`)
	segments = [5]field{
		{"minute", 1, 0, 59, number},
		{"hour", 2, 0, 23, number},
		{"day of month", 3, 1, 31, number},
		{"month", 4, 1, 12, month},
		{"day of week", 5, 0, 7, weekday},
	}
)

// named is number, with names besides.
func named(names string) *regexp.Regexp {
	one := `(\d{1,2}|` + names + `)`
	return regexp.MustCompile(`^(\*|` + one + `(-` + one + `)?)(/\d{1,2})?$`)
}

// parseExpression returns what is wrong with text, or "". gronx knows what an
// element means, but not where it may stand: it reads a sixth field as seconds or
// a year, names in any field, and checks of a list only what it comes across.
func parseExpression(text string) (e expression, problem string) {
	if len(text) > maxLength {
		return e, fmt.Sprintf("is too long: %d characters, and %d are enough", len(text), maxLength)
	}
	fields := strings.Fields(strings.ToUpper(text))
	if len(fields) != len(segments) {
		return e, fmt.Sprintf("has %d fields and needs five: minute, hour, day of month, month, day of week", len(fields))
	}
	for i, s := range segments {
		for element := range strings.SplitSeq(fields[i], ",") {
			if !s.element.MatchString(element) {
				return e, fmt.Sprintf("has a wrong %s: %.40q", s.name, element)
			}
		}
	}
	plain, err := gronx.Segments(strings.Join(fields, " "))
	if err != nil {
		return e, "is no cron expression"
	}
	for i, mask := range [5]*uint64{&e.minute, &e.hour, &e.day, &e.month, &e.weekday} {
		s := segments[i]
		for element := range strings.SplitSeq(plain[s.segment], ",") {
			if !s.matches(element, mask) {
				return e, fmt.Sprintf("has a wrong %s: %.40q is not within %d to %d", s.name, element, s.from, s.to)
			}
		}
	}
	e.both = strings.HasPrefix(fields[2], "*") || strings.HasPrefix(fields[4], "*")
	return e, ""
}

// matches adds what an element of a list matches to mask. It reports false when
// the element, or what its step begins with, matches nothing.
func (s field) matches(element string, mask *uint64) bool {
	base, _, stepped := strings.Cut(element, "/")
	var ignored uint64
	if stepped && !s.matches(base, &ignored) {
		return false
	}
	var found uint64
	for n := s.from; n <= s.to; n++ {
		checker := gronx.SegmentChecker{}
		checker.SetRef(s.sample(n))
		due, err := checker.CheckDue(element, s.segment)
		if err != nil {
			return false
		}
		if due {
			found |= 1 << n
		}
	}
	*mask |= found
	return found != 0
}

// sample is a time whose field is n.
func (s field) sample(n int) time.Time {
	switch s.segment {
	case 1:
		return time.Date(2000, 1, 1, 0, n, 0, 0, time.UTC)
	case 2:
		return time.Date(2000, 1, 1, n, 0, 0, 0, time.UTC)
	case 3:
		return time.Date(2000, 1, n, 0, 0, 0, 0, time.UTC)
	case 4:
		return time.Date(2000, time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	default:
		return time.Date(2000, 1, 2+n, 0, 0, 0, 0, time.UTC) // a Sunday, and on to the next
	}
}

// possible reports whether any date matches.
func (e *expression) possible() bool {
	_, ok := e.next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	return ok
}

func has(mask uint64, n int) bool { return mask>>n&1 == 1 }

func (e *expression) matchesDate(t time.Time) bool {
	day, weekday := has(e.day, t.Day()), has(e.weekday, int(t.Weekday()))
	if e.both {
		return day && weekday
	}
	return day || weekday
}

// next is the first matching wall clock after t. Wall clocks are times in UTC
// that read as the clock does.
func (e *expression) next(t time.Time) (time.Time, bool) {
	t = t.Truncate(time.Minute).Add(time.Minute)
	for end := t.AddDate(horizon, 0, 0); t.Before(end); {
		year, mon, day := t.Date()
		if !has(e.month, int(mon)) {
			t = time.Date(year, mon+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if !e.matchesDate(t) {
			t = time.Date(year, mon, day+1, 0, 0, 0, 0, time.UTC)
			continue
		}
		hours := e.hour >> t.Hour() << t.Hour()
		if hours == 0 {
			t = time.Date(year, mon, day+1, 0, 0, 0, 0, time.UTC)
			continue
		}
		hour, minutes := bits.TrailingZeros64(hours), e.minute
		if hour == t.Hour() {
			minutes = minutes >> t.Minute() << t.Minute()
		}
		if minutes == 0 {
			t = time.Date(year, mon, day, hour+1, 0, 0, 0, time.UTC)
			continue
		}
		return time.Date(year, mon, day, hour, bits.TrailingZeros64(minutes), 0, 0, time.UTC), true
	}
	return time.Time{}, false
}

// last is the last matching wall clock that is not after t.
func (e *expression) last(t time.Time) (time.Time, bool) {
	for end := t.AddDate(-horizon, 0, 0); t.After(end); {
		year, mon, day := t.Date()
		if !has(e.month, int(mon)) {
			t = time.Date(year, mon, 1, 0, -1, 0, 0, time.UTC)
			continue
		}
		if !e.matchesDate(t) {
			t = time.Date(year, mon, day, 0, -1, 0, 0, time.UTC)
			continue
		}
		hours := e.hour & (1<<(t.Hour()+1) - 1)
		if hours == 0 {
			t = time.Date(year, mon, day, 0, -1, 0, 0, time.UTC)
			continue
		}
		hour, minutes := bits.Len64(hours)-1, e.minute
		if hour == t.Hour() {
			minutes &= 1<<(t.Minute()+1) - 1
		}
		if minutes == 0 {
			t = time.Date(year, mon, day, hour, -1, 0, 0, time.UTC)
			continue
		}
		return time.Date(year, mon, day, hour, bits.Len64(minutes)-1, 0, 0, time.UTC), true
	}
	return time.Time{}, false
}
