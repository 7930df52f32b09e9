package schedule

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/adhocore/gronx"
)

var zones = []string{"UTC", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu",
	"Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Antarctica/Troll", "Asia/Gaza", "Pacific/Kwajalein"}

// bruteRuns lists the runs from begin to before end by watching the clocks
// minute by minute: whatever they reach for the first time runs then.
func bruteRuns(t *testing.T, repeat string, zone *time.Location, begin, end time.Time) []time.Time {
	cron := gronx.New()
	segments, err := gronx.Segments(repeat)
	if err != nil {
		t.Fatal(err)
	}
	matches := func(wall time.Time) bool {
		cron.C.SetRef(wall)
		due, err := cron.SegmentsDue(segments)
		if err != nil {
			t.Fatal(err)
		}
		return due
	}
	top := time.Time{}
	var runs []time.Time
	// Two days before, so that what the clocks have shown already is known.
	for u := begin.Add(-48 * time.Hour); u.Before(end); u = u.Add(time.Minute) {
		shown := wallClock(u.In(zone))
		ran := false
		for wall := top.Add(time.Minute); !top.IsZero() && !wall.After(shown); wall = wall.Add(time.Minute) {
			ran = ran || !u.Before(begin) && matches(wall)
		}
		if shown.After(top) {
			top = shown
		}
		if ran {
			runs = append(runs, u)
		}
	}
	return runs
}

// changes lists when a zone's clocks change in a year.
func changes(zone *time.Location, year int) []time.Time {
	var times []time.Time
	t := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
	for {
		_, t = t.ZoneBounds()
		if t.IsZero() || t.Year() > year {
			return times
		}
		times = append(times, t.UTC())
	}
}

func randomField(r *rand.Rand, from, to int) string {
	number := func() int { return from + r.IntN(to-from+1) }
	var elements []string
	for range 1 + r.IntN(2) {
		switch a, b := number(), number(); r.IntN(6) {
		case 0, 1:
			return "*"
		case 2:
			elements = append(elements, "*/"+itoa(1+r.IntN(to)))
		case 3:
			elements = append(elements, itoa(min(a, b))+"-"+itoa(max(a, b)))
		case 4:
			elements = append(elements, itoa(min(a, b))+"-"+itoa(max(a, b))+"/"+itoa(1+r.IntN(to)))
		default:
			elements = append(elements, itoa(a))
		}
	}
	return strings.Join(elements, ",")
}

func itoa(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

func randomExpression(r *rand.Rand) string {
	month := "*"
	if r.IntN(8) == 0 {
		month = randomField(r, 1, 12)
	}
	day, weekday := "*", "*"
	if r.IntN(3) == 0 {
		day = randomField(r, 1, 31)
	}
	if r.IntN(3) == 0 {
		weekday = randomField(r, 0, 7)
	}
	return strings.Join([]string{randomField(r, 0, 59), randomField(r, 0, 23), day, month, weekday}, " ")
}

// compare holds nextRun and lastRun against bruteRuns.
func compare(t *testing.T, repeat string, zone *time.Location, begin, end time.Time) {
	t.Helper()
	want := bruteRuns(t, repeat, zone, begin, end)
	e, _, err := parse(repeat, "UTC")
	if err != nil {
		t.Fatal(err)
	}
	at := begin.Add(-1)
	for _, run := range want {
		next := e.nextRun(zone, at)
		if !next.Equal(run) {
			t.Fatalf("%q in %s after %v: %v, want %v", repeat, zone, at.UTC(), next, run)
		}
		if again := e.nextRun(zone, run.Add(-1)); !again.Equal(run) {
			t.Fatalf("%q in %s just before %v: %v", repeat, zone, run, again)
		}
		if last := e.lastRun(zone, at, run.Add(30*time.Second)); !last.Equal(run) {
			t.Fatalf("%q in %s last at %v: %v", repeat, zone, run, last)
		}
		if last := e.lastRun(zone, at, run.Add(-1)); !last.IsZero() {
			t.Fatalf("%q in %s last between %v and %v: %v", repeat, zone, at, run, last)
		}
		at = run
	}
	if next := e.nextRun(zone, at); !next.IsZero() && next.Before(end) {
		t.Fatalf("%q in %s after %v: %v is too many", repeat, zone, at.UTC(), next)
	}
}

func TestAroundEveryChange(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	rounds := 60
	if testing.Short() {
		rounds = 4
	}
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		var around []time.Time
		for _, year := range []int{1993, 2011, 2018, 2026} {
			around = append(around, changes(zone, year)...)
		}
		around = append(around, time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC))
		for range rounds {
			repeat := randomExpression(r)
			if Check(repeat, name) != nil {
				continue
			}
			change := around[r.IntN(len(around))]
			compare(t, repeat, zone, change.Add(-36*time.Hour), change.Add(36*time.Hour))
		}
	}
}

func TestAWholeYear(t *testing.T) {
	if testing.Short() {
		t.Skip("minute by minute")
	}
	for zone, repeat := range map[string]string{
		"America/New_York":    "30 1,2 * * *",
		"Europe/Berlin":       "*/20 2-3 * * SUN",
		"Australia/Lord_Howe": "15,45 1-2 */3 * *",
		"Pacific/Apia":        "0 9 13,30 * FRI",
	} {
		year := 2026
		if zone == "Pacific/Apia" {
			year = 2011
		}
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		compare(t, repeat, location, begin, begin.AddDate(1, 0, 3))
	}
}

// FuzzCheck: no text makes it panic or search on; what it takes has runs that
// go on.
func FuzzCheck(f *testing.F) {
	for _, repeat := range []string{"* * * * *", "0 0 29 2 *", "*/5,7 1-3/2 31 feb-dec MON,0-7", "0 0 31 4 *", "@daily", "1-5/0 * * * *",
		"99999999999999999999 * * * *", "0/5 0/5 0/5 0/5 0/5", "L W # ? *", ", , , , ,", "0 0 29 2 */7"} {
		f.Add(repeat, "Europe/Berlin", int64(1772870400))
		f.Add(repeat, "Pacific/Apia", int64(1325203200))
	}
	f.Add("* * * * *", "\x00/../..", int64(1)<<60)
	f.Fuzz(func(t *testing.T, repeat, zone string, second int64) {
		began := time.Now()
		err := Check(repeat, zone)
		at := time.Unix(second, 0)
		next := Cron{}.Next(repeat, zone, at)
		last := Cron{}.Last(repeat, zone, time.Time{}, at)
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("took %v", took)
		}
		if err != nil {
			if !next.IsZero() || !last.IsZero() || len(err.Error()) > 400 {
				t.Fatalf("refused (%v), yet %v and %v", err, next, last)
			}
			return
		}
		if at.Year() < 1 || at.Year() > 9000 {
			return
		}
		if !next.After(at) || last.After(at) || last.IsZero() && at.Year() > 60 {
			t.Fatalf("at %v: next %v, last %v", at, next, last)
		}
		if again := (Cron{}).Last(repeat, zone, at, next); !again.Equal(next) {
			t.Fatalf("last of %v is %v", next, again)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	at := time.Date(2096, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, repeat := range []string{"* * * * *", "0 9 * * MON-FRI", "0 0 29 2 *", "0 0 29 2 */7"} {
		b.Run(strings.ReplaceAll(repeat, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				Cron{}.Next(repeat, "America/New_York", at)
			}
		})
	}
	b.Run("refused", func(b *testing.B) {
		for b.Loop() {
			_ = Check("0 0 31 2,4,6,9,11 */2", "America/New_York")
		}
	})
}
