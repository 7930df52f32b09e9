package schedule

import "time"

// spread is more than any zone is away from UTC.
const spread = 16 * time.Hour

// instant is the first moment at which the clocks of a zone show wall or later:
// the only one on most days, the first of two where they are set back, and the
// moment of the change where they leap over wall. A later wall never has an
// earlier instant.
func instant(wall time.Time, zone *time.Location) time.Time {
	for t := wall.Add(-spread).In(zone); ; {
		_, offset := t.Zone()
		begin, end := t.ZoneBounds()
		shown := wall.Add(-time.Duration(offset) * time.Second)
		if shown.Before(begin) {
			shown = begin
		}
		if end.IsZero() || shown.Before(end) {
			return shown.UTC()
		}
		t = end
	}
}

// latest is the latest that the clocks of a zone have shown until t: what they
// show at t, or more if they were set back just before. So
//
//	wall is after latest(t)  ⇔  instant(wall) is after t
func latest(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	top := wallClock(local)
	for begin, _ := local.ZoneBounds(); t.Sub(begin) < 2*spread && !begin.IsZero(); {
		// The change's own moment has the new offset; what the clocks showed goes up
		// to it.
		before := begin.Add(-1).In(zone)
		if shown := wallClock(before); shown.After(top) {
			top = shown
		}
		begin, _ = before.ZoneBounds()
	}
	return top
}

func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
