package ntfy

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// maxDelay is how far ahead a message may be scheduled.
const maxDelay = 366 * 24 * time.Hour

// delayed reads when a message is to be sent: seconds of the Unix epoch, a
// duration ("30m", "2 days"), a time as RFC 3339 writes it, or words ("tomorrow,
// 10am"), which are in now's zone. The error is an *Error.
func delayed(s string, now time.Time) (time.Time, error) {
	at, err := parseDelay(strings.ToLower(s), now)
	switch {
	case err != nil:
		return time.Time{}, errDelay(err.Error())
	case !at.After(now):
		return time.Time{}, errDelayTooSmall()
	case at.After(now.Add(maxDelay)):
		return time.Time{}, errDelayTooLarge()
	}
	return at, nil
}

func parseDelay(s string, now time.Time) (time.Time, error) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		if seconds < now.Unix() {
			return time.Time{}, errors.New("it is in the past")
		}
		// Large numbers would wrap around in a time.Time.
		return time.Unix(min(seconds, now.Add(2*maxDelay).Unix()), 0), nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		return now.Add(d), nil
	}
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err == nil {
		return at, nil
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	if len(words) == 0 || len(words) > maxWords {
		return time.Time{}, errors.New("it says no time")
	}
	p := phrase{words: words, now: now}
	return p.time()
}

// maxWords is more than any phrase has.
const maxWords = 12

// phrase is a time in words, of which those before next have been read.
type phrase struct {
	words []string
	next  int
	now   time.Time

	ahead     time.Duration // "in 2 hours"
	date      time.Time     // the start of a day; zero = none was named
	week      bool          // date is a day of the week: today's may be meant for the next one
	otherwise time.Duration // the time of day, since midnight, when none is named
	clock     time.Duration // the one that is
	clocked   bool
}

// time reads the whole phrase: in any order a span, a day and a time of day, each
// at most once, and words that only join them.
func (p *phrase) time() (time.Time, error) {
	for p.next < len(p.words) {
		if !p.filler() && !p.span() && !p.day() && !p.timeOfDay() {
			return time.Time{}, errors.New("it does not understand " + strconv.Quote(p.words[p.next]))
		}
	}
	if p.ahead > 0 {
		if p.clocked || !p.date.IsZero() {
			return time.Time{}, errors.New("it says both how long and when")
		}
		return p.now.Add(p.ahead), nil
	}
	if !p.clocked && p.date.IsZero() {
		return time.Time{}, errors.New("it says no time")
	}
	return p.moment(), nil
}

// moment puts day and time of day together: without a day the next such time,
// without a time the one that it is now.
func (p *phrase) moment() time.Time {
	date, clock := p.date, p.clock
	if date.IsZero() {
		date = midnight(p.now, 0)
	}
	if !p.clocked {
		clock = p.otherwise
	}
	at := onDay(date, clock)
	if !at.After(p.now) {
		switch {
		case p.week:
			at = onDay(midnight(date, 7), clock)
		case p.date.IsZero():
			at = onDay(midnight(date, 1), clock)
		}
	}
	return at
}

// onDay is a time on the clocks of that day, which may not have 24 hours.
func onDay(date time.Time, clock time.Duration) time.Time {
	y, m, d := date.Date()
	return time.Date(y, m, d, 0, 0, int(clock/time.Second), 0, date.Location())
}

// midnight is the start of t's day and some days more.
func midnight(t time.Time, days int) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, t.Location())
}

// sinceMidnight is what the clocks show, to the second.
func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour()*3600+t.Minute()*60+t.Second()) * time.Second
}

func (p *phrase) word(i int) string {
	if p.next+i < len(p.words) {
		return p.words[p.next+i]
	}
	return ""
}

func (p *phrase) filler() bool {
	switch p.word(0) {
	case "at", "on", "in", "within", "and", "the", "of", "this", "next", "for", "from", "now", "later", "o'clock":
		p.next++
		return true
	}
	return false
}

// span reads "2 hours", "90min", "an hour", "half an hour".
func (p *phrase) span() bool {
	if p.word(0) == "half" && (p.word(1) == "an" || p.word(1) == "a") && unit(p.word(2)) > 0 {
		p.ahead += unit(p.word(2)) / 2
		p.next += 3
		return true
	}
	number, rest := leadingNumber(p.word(0))
	if number < 0 {
		number, rest = numberWord(p.word(0)), ""
	}
	used := 1
	if rest == "" {
		rest, used = p.word(1), 2
	}
	if number < 0 || number > 1e6 || unit(rest) == 0 {
		return false
	}
	p.ahead += time.Duration(number) * unit(rest)
	p.next += used
	return true
}

// leadingNumber cuts "30min" into 30 and "min"; -1 when it begins with no number.
func leadingNumber(s string) (int, string) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n, err := strconv.Atoi(s[:digits])
	if err != nil {
		return -1, s
	}
	return n, s[digits:]
}

func numberWord(s string) int {
	if s == "a" || s == "an" {
		return 1
	}
	for i, name := range [...]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"} {
		if s == name {
			return i + 1
		}
	}
	return -1
}

func unit(s string) time.Duration {
	switch s {
	case "s", "sec", "secs", "second", "seconds":
		return time.Second
	case "m", "min", "mins", "minute", "minutes":
		return time.Minute
	case "h", "hr", "hrs", "hour", "hours":
		return time.Hour
	case "d", "day", "days":
		return 24 * time.Hour
	case "w", "week", "weeks":
		return 7 * 24 * time.Hour
	case "month", "months":
		return 30 * 24 * time.Hour
	}
	return 0
}

// day reads "today", "tomorrow", a day of the week, "march 3rd", "3 march" and
// "2030-03-03".
func (p *phrase) day() bool {
	if !p.date.IsZero() {
		return false
	}
	word, used := p.word(0), 1
	p.otherwise = sinceMidnight(p.now)
	switch {
	case word == "today":
		p.date = midnight(p.now, 0)
	case word == "tonight":
		p.date, p.otherwise = midnight(p.now, 0), 23*time.Hour
	case word == "tomorrow":
		p.date = midnight(p.now, 1)
	case weekday(word) >= 0:
		days := (weekday(word) - int(p.now.Weekday()) + 7) % 7
		p.date, p.week = midnight(p.now, days), true
	case month(word) > 0 && dayNumber(p.word(1)) > 0:
		p.setDate(month(word), dayNumber(p.word(1)))
		used = 2
	case dayNumber(word) > 0 && p.word(1) == "of" && month(p.word(2)) > 0:
		p.setDate(month(p.word(2)), dayNumber(word))
		used = 3
	case dayNumber(word) > 0 && month(p.word(1)) > 0:
		p.setDate(month(p.word(1)), dayNumber(word))
		used = 2
	default:
		date, err := time.ParseInLocation(time.DateOnly, word, p.now.Location())
		if err != nil {
			return false
		}
		p.date = date
	}
	p.next += used
	return true
}

// setDate is the next such day, today included.
func (p *phrase) setDate(m time.Month, day int) {
	p.date = time.Date(p.now.Year(), m, day, 0, 0, 0, 0, p.now.Location())
	if p.date.Before(midnight(p.now, 0)) {
		p.date = time.Date(p.now.Year()+1, m, day, 0, 0, 0, 0, p.now.Location())
	}
}

func weekday(s string) int {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if abbreviates(s, d.String()) {
			return int(d)
		}
	}
	return -1
}

func month(s string) time.Month {
	for m := time.January; m <= time.December; m++ {
		if abbreviates(s, m.String()) {
			return m
		}
	}
	return 0
}

// abbreviates: "tue", "tues" and "tuesday" all stand for Tuesday.
func abbreviates(s, name string) bool {
	s = strings.TrimSuffix(s, ".")
	return len(s) >= 3 && strings.HasPrefix(strings.ToLower(name), s)
}

// dayNumber reads "3", "3rd"; 0 for what is no day of a month.
func dayNumber(s string) int {
	n, rest := leadingNumber(s)
	switch rest {
	case "", "st", "nd", "rd", "th":
		if n >= 1 && n <= 31 {
			return n
		}
	}
	return 0
}

// timeOfDay reads "10am", "8:30 p.m.", "17:45", "noon", "evening".
func (p *phrase) timeOfDay() bool {
	if p.clocked {
		return false
	}
	used := 1
	switch word := p.word(0); word {
	case "midnight":
		p.clock = 0
	case "morning":
		p.clock = 8 * time.Hour
	case "noon", "midday":
		p.clock = 12 * time.Hour
	case "afternoon":
		p.clock = 15 * time.Hour
	case "evening":
		p.clock = 18 * time.Hour
	case "night":
		p.clock = 23 * time.Hour
	default:
		var ok bool
		if p.clock, ok = clock(word + p.word(1)); ok && half(p.word(1)) != "" {
			used = 2
		} else if p.clock, ok = clock(word); !ok {
			return false
		}
	}
	p.clocked = true
	p.next += used
	return true
}

// half is "am" or "pm", however it is written.
func half(s string) string {
	switch s := strings.ReplaceAll(s, ".", ""); s {
	case "am", "pm":
		return s
	case "a", "p":
		return s + "m"
	}
	return ""
}

// clock reads a time of day since midnight: "10am", "8:30pm", "17:45".
func clock(s string) (time.Duration, bool) {
	hour, rest := leadingNumber(s)
	minute := 0
	after, colon := strings.CutPrefix(rest, ":")
	if colon {
		if minute, rest = leadingNumber(after); len(after)-len(rest) != 2 {
			return 0, false
		}
	}
	switch which := half(rest); {
	case which != "" && hour >= 1 && hour <= 12:
		hour %= 12
		if which == "pm" {
			hour += 12
		}
	case rest != "" || !colon:
		return 0, false
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, true
}
