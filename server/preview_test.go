package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

type previewed struct {
	Size, Limit, Targeted int
	Warnings, Runs        []string
}

func (d *desk) preview(who, body string) (p previewed) {
	d.Helper()
	got := d.want(body, d.ask(who, "POST", "/v1/pushnotification/preview", body), 200, "")
	d.no(json.Unmarshal([]byte(got.body), &p))
	d.hasMembers(body, got.body, "size limit targeted warnings runs")
	return p
}

func TestPreview(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	ids := make([]string, 3)
	for i, more := range []string{`"categories":["news"],"user":"ana"`, `"categories":["news","ops"]`, `"label":"alone"`} {
		ids[i] = d.made(d.ask("admin", "POST", "/api/subscribe", d.subscription(more)))
	}
	for target, want := range map[string]int{
		``:                               3,
		`,"target":{"all":true}`:         3,
		`,"target":{"users":["ana"]}`:    1,
		`,"target":{"users":["nobody"]}`: 0,
		`,"target":{"categories":["news","ops"]}`:                                                              2,
		`,"target":{"categories":["ops"],"users":["ana"],"subscriptions":["` + ids[0] + `","` + ids[2] + `"]}`: 3,
	} {
		p := d.preview("publish", `{"title":"x"`+target+`}`)
		if p.Targeted != want || p.Limit != 3993 || len(p.Warnings) > 0 || p.Runs == nil || len(p.Runs) > 0 {
			t.Errorf("%s: %+v, want %d", target, p, want)
		}
	}
	// Nothing is made of it.
	d.want("nothing", d.ask("read", "GET", "/v1/pushnotification", ""), 200, `{"items":[],"next":null}`)
}

// The size is what create would say, and no error.
func TestPreviewSizes(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	room := 3993 - d.preview("publish", `{"title":"x"}`).Size
	fits, tooLarge := strings.Repeat("x", room), strings.Repeat("x", room+1)
	d.want("create what fits", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","body":"`+fits+`"}`), 201, "")
	d.want("create what does not", d.ask("publish", "POST", "/v1/pushnotification", `{"title":"x","body":"`+tooLarge+`"}`), 413, `"size":3994`)
	if p := d.preview("publish", `{"title":"x","body":"`+fits+`"}`); p.Size != 3993 || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "Firefox on Android") {
		t.Errorf("what fits: %+v", p)
	}
	if p := d.preview("publish", `{"title":"x","body":"`+tooLarge+`"}`); p.Size != 3994 || len(p.Warnings) > 0 {
		t.Errorf("what does not: %+v", p)
	}
	// The declarative form counts only while somebody takes it.
	d.made(d.ask("", "POST", "/api/subscribe", d.subscription(`"declarative":true`)))
	if p := d.preview("publish", `{"title":"x","body":"`+fits+`"}`); p.Size <= 3993 {
		t.Errorf("with the declarative form: %+v", p)
	}
	if p := d.preview("publish", `{"title":"x","silent":true,"vibrate":[1],"target":{"subscriptions":["`+nobody()+`"]}}`); len(p.Warnings) != 2 || p.Targeted != 0 {
		t.Errorf("warnings: %+v", p)
	}
}

func TestPreviewRuns(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	first := time.Date(time.Now().Year()+1, 1, 10, 0, 0, 0, 0, time.UTC)
	if first.After(time.Now().AddDate(0, 11, 0)) {
		first = first.AddDate(0, -6, 0)
	}
	day := func(i int) string { return first.AddDate(0, 0, i).Format("2006-01-02") + "T05:30:00.000Z" }
	body := `{"title":"x","repeat":"30 9 * * *","time_zone":"Asia/Dubai","scheduled_at":"` + first.Format(time.RFC3339) + `"` // UTC+4 all year
	if p := d.preview("publish", body+`}`); !slices.Equal(p.Runs, []string{day(0), day(1), day(2)}) {
		t.Errorf("runs %v, want three from %s", p.Runs, day(0))
	}
	if p := d.preview("publish", body+`,"expires_at":"`+day(1)+`"}`); !slices.Equal(p.Runs, []string{day(0)}) {
		t.Errorf("runs %v until %s", p.Runs, day(1))
	}
}

// What is wrong is told as create tells it, all at once.
func TestPreviewProblems(t *testing.T) {
	oneByOne(t)
	d := newDesk(t, nil)
	got := d.want("everything wrong", d.ask("publish", "POST", "/v1/pushnotification/preview",
		`{"ttl":-1,"x":1,"repeat":"never","target":{"categories":["nothing","news","nowhere"]}}`), 422, "")
	for _, field := range []string{`"field":"title"`, `"field":"ttl"`, `"field":"x"`, `"field":"repeat"`,
		`"field":"target.categories","message":"names the category \"nothing\", which does not exist"`, `\"nowhere\"`} {
		if !strings.Contains(got.body, field) {
			t.Errorf("no %s in %s", field, got.body)
		}
	}
	for _, body := range []string{`{}`, `{"title":"x","id":"y"}`, `{"title":"x","target":{}}`, `{"title":"x","topic":"?"}`, `{"title":"x","target":{"categories":["nothing"]}}`} {
		made := d.want(body, d.ask("publish", "POST", "/v1/pushnotification", body), 422, "")
		d.want(body, d.ask("publish", "POST", "/v1/pushnotification/preview", body), 422, made.body)
	}
	// A token that is limited to categories sees no other, nor learns which there are.
	d.preview("news", `{"title":"x","target":{"categories":["news"]}}`)
	for _, target := range []string{`{"all":true}`, `{"categories":["ops"]}`, `{"categories":["nothing"]}`, `{"users":["ana"]}`} {
		d.want(target, d.ask("news", "POST", "/v1/pushnotification/preview", fmt.Sprintf(`{"title":"x","target":%s}`, target)), 403, "")
	}
}
