package ntfy

import (
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	now := noon(t) // Wednesday 2026-03-25 12:00 in Berlin; the clocks go forward on the 29th
	for s, want := range map[string]string{
		// Durations.
		"30m": "2026-03-25 12:30", "90min": "2026-03-25 13:30", "3h": "2026-03-25 15:00", "1h30m": "2026-03-25 13:30",
		"2 days": "2026-03-27 12:00", "2days": "2026-03-27 12:00", "1 Hour": "2026-03-25 13:00", "45 secs": "2026-03-25 12:00",
		"20 minutes": "2026-03-25 12:20", "1d": "2026-03-26 12:00", "in 2 hours": "2026-03-25 14:00", "in two hours and 5 minutes": "2026-03-25 14:05",
		"half an hour": "2026-03-25 12:30", "in an hour": "2026-03-25 13:00", "a week": "2026-04-01 13:00", "1 month": "2026-04-24 13:00", "0.5h": "2026-03-25 12:30",
		// Moments.
		"1774440000": "2026-03-25 13:00", "2026-03-26T08:00:00Z": "2026-03-26 09:00", "2026-03-26t08:00:00+05:00": "2026-03-26 04:00",
		// Times of day: the next one.
		"1pm": "2026-03-25 13:00", "10am": "2026-03-26 10:00", "8:30pm": "2026-03-25 20:30", "8:30 pm": "2026-03-25 20:30", "12am": "2026-03-26 00:00",
		"12pm": "2026-03-26 12:00", "17:45": "2026-03-25 17:45", "00:00": "2026-03-26 00:00", "at 5 p.m.": "2026-03-25 17:00", "noon": "2026-03-26 12:00",
		"this evening": "2026-03-25 18:00", "tonight": "2026-03-25 23:00", "midnight": "2026-03-26 00:00", "this afternoon": "2026-03-25 15:00", "5p": "2026-03-25 17:00",
		// Days.
		"tomorrow": "2026-03-26 12:00", "tomorrow, 10am": "2026-03-26 10:00", "tomorrow 3pm": "2026-03-26 15:00", "10am tomorrow": "2026-03-26 10:00", "tomorrow morning": "2026-03-26 08:00",
		"Tuesday, 7am": "2026-03-31 07:00", "tue 7am": "2026-03-31 07:00", "next friday at 18:00": "2026-03-27 18:00", "monday": "2026-03-30 12:00",
		"wednesday, 11am": "2026-04-01 11:00", "wednesday, 1pm": "2026-03-25 13:00", "today 6pm": "2026-03-25 18:00", "tonight at 9pm": "2026-03-25 21:00", "9pm tonight": "2026-03-25 21:00",
		"sunday 2:30": "2026-03-29 03:30", // a time that the clocks skip
		// Dates.
		"april 3": "2026-04-03 12:00", "April 3rd, 9am": "2026-04-03 09:00", "3 april 9am": "2026-04-03 09:00", "the 3rd of April": "2026-04-03 12:00", "jan 2": "2027-01-02 12:00", "2026-12-24 18:00": "2026-12-24 18:00",
		"march 25 1pm": "2026-03-25 13:00",
	} {
		at, err := delayed(s, now)
		if err != nil {
			t.Errorf("%q: %v", s, err)
		} else if got := at.In(now.Location()).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
	for _, s := range []string{
		"", " ", ",", "whenever", "25:00", "10:5", "13pm", "0am", "tomorrow tomorrow", "10am 11am", "at", "in", "5", "five", "99999999999999999999",
		"today 11am", "2 hours tomorrow", "1 2 3", "april 32", "-1h", "0s", "yesterday", "9999999 hours", "400 days", "next", "30 parsecs", "10:30:99",
	} {
		if at, err := delayed(s, now); err == nil {
			t.Errorf("%q: %v", s, at)
		}
	}
}

// What is said in words is said on the clocks of now's zone.
func TestDelayZone(t *testing.T) {
	at, err := delayed("tomorrow, 10am", time.Date(2026, 3, 25, 23, 30, 0, 0, time.UTC))
	if err != nil || at.Format(time.RFC3339) != "2026-03-26T10:00:00Z" {
		t.Errorf("%v, %v", at, err)
	}
}
