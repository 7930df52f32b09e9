package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		repeat, zone, field, says string // field "" = right
	}{
		{"* * * * *", "", "", ""},
		{"*/15 9-17 * * MON-FRI", "Europe/Berlin", "", ""},
		{"0 0 29 2 *", "UTC", "", ""},
		{"0 0 29 feb */3", "UTC", "", ""},
		{"0 0 30 2 MON", "UTC", "", ""}, // Mondays
		{"0,30 1,13 1-7,31 JAN-MAR,12 0-7", "America/New_York", "", ""},
		{" 5/20\t3 * * 7 ", "Asia/Kathmandu", "", ""},

		{"", "", "repeat", "has 0 fields and needs five"},
		{"* * * *", "", "repeat", "has 4 fields"},
		{"0 * * * * *", "", "repeat", "has 6 fields"},
		{"* * * * * 2030", "", "repeat", "has 6 fields"},
		{"@daily", "", "repeat", "has 1 fields"},
		{"60 * * * *", "", "repeat", `wrong minute: "60" is not within 0 to 59`},
		{"*,60 * * * *", "", "repeat", `wrong minute: "60"`},
		{"60/5 * * * *", "", "repeat", `wrong minute: "60/5"`},
		{"*/0 * * * *", "", "repeat", `wrong minute: "*/0"`},
		{"-1 * * * *", "", "repeat", `wrong minute: "-1"`},
		{"+1 * * * *", "", "repeat", `wrong minute: "+1"`},
		{"1-5-9 * * * *", "", "repeat", "wrong minute"},
		{"5-1 * * * *", "", "repeat", "wrong minute"},
		{"1,,2 * * * *", "", "repeat", "wrong minute"},
		{"MON * * * *", "", "repeat", `wrong minute: "MON"`},
		{"* 24 * * *", "", "repeat", "wrong hour"},
		{"* * 0 * *", "", "repeat", "wrong day of month"},
		{"* * 0/5 * *", "", "repeat", "wrong day of month"},
		{"* * L * *", "", "repeat", "wrong day of month"},
		{"* * ? * *", "", "repeat", "wrong day of month"},
		{"* * * SUN *", "", "repeat", `wrong month: "SUN"`},
		{"* * * 13 *", "", "repeat", "wrong month"},
		{"* * * * 8", "", "repeat", "wrong day of week"},
		{"* * * * JAN", "", "repeat", "wrong day of week"},
		{"* * * * FRI-MON", "", "repeat", "wrong day of week"},
		{"0 0 30 2 *", "", "repeat", "no date matches"},
		{"0 0 31 4 *", "", "repeat", "no date matches"},
		{"0 0 31 FEB,APR,JUN,SEP,NOV */2", "", "repeat", "no date matches"},
		{strings.Repeat("1,", 300) + "1 * * * *", "", "repeat", "too long"},

		{"* * * * *", "Europe/Berln", "time_zone", `"Europe/Berln"`},
		{"* * * * *", "Local", "time_zone", "is no time zone"},
		{"* * * * *", "localtime", "time_zone", "is no time zone"},
		{"* * * * *", "../../etc/passwd", "time_zone", "is no time zone"},
		{"* * * * *", "+02:00", "time_zone", "is no time zone"},
	}
	for _, tt := range tests {
		err := Check(tt.repeat, tt.zone)
		if tt.field == "" {
			if err != nil {
				t.Errorf("%q: %v", tt.repeat, err)
			}
			continue
		}
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Field != tt.field || !strings.Contains(wrong.Message, tt.says) {
			t.Errorf("%q in %q: %v, want %s … %s", tt.repeat, tt.zone, err, tt.field, tt.says)
		}
		if next := (Cron{}).Next(tt.repeat, tt.zone, time.Unix(0, 0)); !next.IsZero() {
			t.Errorf("%q in %q: next %v, though it is wrong", tt.repeat, tt.zone, next)
		}
	}
}

// local writes a run as its zone's clocks show it.
const local = "2006-01-02 15:04 -0700"

func TestDaysOfChange(t *testing.T) {
	tests := []struct {
		name, repeat, zone, from string
		want                     []string
	}{
		{"missing 02:30 runs at 03:00", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
			[]string{"2026-03-08 03:00 -0400", "2026-03-09 02:30 -0400"}},
		{"double 01:30 runs once, the first", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z",
			[]string{"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"}},
		{"hourly goes on, the double hour once", "0 * * * *", "America/New_York", "2026-11-01T04:30:00Z",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 02:00 -0500", "2026-11-01 03:00 -0500"}},
		{"the missing hour and the next are one run", "0 * * * *", "America/New_York", "2026-03-08T06:30:00Z",
			[]string{"2026-03-08 03:00 -0400", "2026-03-08 04:00 -0400"}},
		{"asked within the second of a double hour", "30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z",
			[]string{"2026-11-02 01:30 -0500"}},
		{"Berlin's missing hour", "15,45 2 * * SUN", "Europe/Berlin", "2026-03-28T00:00:00Z",
			[]string{"2026-03-29 03:00 +0200", "2026-04-05 02:15 +0200", "2026-04-05 02:45 +0200"}},
		{"Berlin's double hour", "30 2 25 10 *", "Europe/Berlin", "2026-10-24T00:00:00Z",
			[]string{"2026-10-25 02:30 +0200", "2027-10-25 02:30 +0200"}},
		{"midnight that does not exist", "0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z",
			[]string{"2018-11-04 01:00 -0200", "2018-11-05 00:00 -0200"}},
		{"the date that the change back repeats", "30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00:00Z",
			[]string{"2018-02-17 23:30 -0200", "2018-02-18 23:30 -0300"}},
		{"half an hour missing", "10,40 2 4 10 *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
			[]string{"2026-10-04 02:30 +1100", "2026-10-04 02:40 +1100", "2027-10-04 02:10 +1100"}},
		{"half an hour twice", "15,45 1 * * *", "Australia/Lord_Howe", "2026-04-04T13:00:00Z",
			[]string{"2026-04-05 01:15 +1100", "2026-04-05 01:45 +1100", "2026-04-06 01:15 +1030"}},
		{"45 minutes off", "0 6 * * *", "Asia/Kathmandu", "2026-01-01T00:15:00Z",
			[]string{"2026-01-02 06:00 +0545", "2026-01-03 06:00 +0545"}},
		{"a day that does not exist", "0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z",
			[]string{"2011-12-29 09:00 -1000", "2011-12-31 00:00 +1400", "2011-12-31 09:00 +1400"}},
		{"monthly on the day that does not exist", "0 9 30 * *", "Pacific/Apia", "2011-12-01T00:00:00Z",
			[]string{"2011-12-31 00:00 +1400", "2012-01-30 09:00 +1400"}},
		{"leap days", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z",
			[]string{"2104-02-29 00:00 +0000", "2108-02-29 00:00 +0000"}},
		{"leap days on a Sunday", "0 0 29 2 */7", "UTC", "2088-03-01T00:00:00Z",
			[]string{"2128-02-29 00:00 +0000", "2156-02-29 00:00 +0000"}},
		{"either day field", "0 0 13 * FRI", "UTC", "2026-03-05T00:00:00Z",
			[]string{"2026-03-06 00:00 +0000", "2026-03-13 00:00 +0000", "2026-03-20 00:00 +0000"}},
		{"both day fields when one has *", "0 0 */2 * FRI", "UTC", "2026-03-01T00:00:00Z",
			[]string{"2026-03-13 00:00 +0000", "2026-03-27 00:00 +0000"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, err := time.Parse(time.RFC3339, tt.from)
			if err != nil {
				t.Fatal(err)
			}
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			runs, err := Upcoming(tt.repeat, tt.zone, from, len(tt.want))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, run := range runs {
				got = append(got, run.In(zone).Format(local))
				if last := (Cron{}).Last(tt.repeat, tt.zone, from, run); !last.Equal(run) {
					t.Errorf("last not after %v is %v", run, last)
				}
				before := time.Time{}
				if i > 0 {
					before = runs[i-1]
				}
				if last := (Cron{}).Last(tt.repeat, tt.zone, from, run.Add(-1)); !last.Equal(before) {
					t.Errorf("last before %v is %v, not %v", run, last, before)
				}
			}
			if strings.Join(got, ", ") != strings.Join(tt.want, ", ") {
				t.Errorf("runs\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestUpcomingOfAWrongExpression(t *testing.T) {
	if runs, err := Upcoming("0 0 30 2 *", "", time.Now(), 3); err == nil || runs != nil {
		t.Errorf("%v, %v", runs, err)
	}
}

func TestTimesBeyondCalendars(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(1<<62, 0), time.Unix(-1<<62, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		next := Cron{}.Next("0 0 29 2 */7", "Pacific/Apia", at)
		last := Cron{}.Last("0 0 29 2 */7", "Pacific/Apia", time.Time{}, at)
		if at.Year() > 9000 && (!next.IsZero() || !last.IsZero()) {
			t.Errorf("at %v: next %v, last %v", at, next, last)
		}
	}
}
