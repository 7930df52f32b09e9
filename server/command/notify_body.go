package command

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// contentFlags and deliveryFlags are the fields of POST /api/notify. The server
// knows what they may hold and says so; checked here is only what this side reads.
func contentFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "title", Usage: "the `TITLE`"},
		&cli.StringFlag{Name: "body", Usage: "the `TEXT` below it"},
		&cli.StringFlag{Name: "url", Usage: "what a click opens: `URL`"},
		&cli.StringFlag{Name: "icon", Usage: "the picture at `URL`"},
		&cli.StringFlag{Name: "image", Usage: "a large picture at `URL`, where a system shows one"},
		&cli.StringFlag{Name: "badge", Usage: "the small, one-colored picture at `URL`"},
		&cli.StringSliceFlag{Name: "action", Usage: "a button and what it opens: `TITLE=URL` (may be repeated)"},
		&cli.StringFlag{Name: "tag", Usage: "replaces a shown notification of the same `TAG`"},
		&cli.BoolFlag{Name: "renotify", Usage: "make itself heard also when it replaces one"},
		&cli.BoolFlag{Name: "silent", Usage: "neither sound nor vibration"},
		&cli.BoolFlag{Name: "require-interaction", Usage: "stay until someone acts on it"},
		&cli.StringFlag{Name: "vibrate", Usage: "a pattern: `MS,MS,…`, by turns on and off"},
		&cli.StringFlag{Name: "lang", Usage: "its language: `TAG` such as pt-BR"},
		&cli.StringFlag{Name: "dir", Usage: "its direction: `auto|ltr|rtl`"},
		&cli.StringFlag{Name: "data", Usage: "more for a service worker of your own: a `JSON` object"},
	}
}

func deliveryFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "category", Usage: "only to those in category `C` (may be repeated); everyone, if no one is named"},
		&cli.StringSliceFlag{Name: "user", Usage: "only to the devices of user `U` (may be repeated)"},
		&cli.StringSliceFlag{Name: "subscription", Usage: "only to the device with this `ID` (may be repeated)"},
		&cli.StringFlag{Name: "urgency", Usage: "`very-low|low|normal|high`"},
		&cli.DurationFlag{Name: "ttl", Usage: "how long push services keep it for devices that are offline: `DURATION`"},
		&cli.StringFlag{Name: "topic", Usage: "replaces one of the same `TOPIC` that a device has not got yet"},
		&cli.StringFlag{Name: "at", Usage: "send it at `TIME`, at most a year ahead: 2027-01-31T08:00, or 2h for that long from now"},
		&cli.StringFlag{Name: "expires-at", Usage: "give up at `TIME`, or after a duration"},
		&cli.StringFlag{Name: "repeat", Usage: "send it again and again: `CRON`, as in \"0 9 * * MON-FRI\""},
		&cli.StringFlag{Name: "time-zone", Usage: "whose clock --repeat goes by: `ZONE` such as Europe/Berlin; UTC, if left out"},
	}
}

// notifyBody holds only what was given, so that the server's defaults count.
func notifyBody(c *cli.Context, now time.Time) (map[string]any, error) {
	body := map[string]any{}
	for _, flag := range []string{"title", "body", "url", "icon", "image", "badge", "tag", "lang", "dir", "urgency", "topic", "repeat", "time-zone"} {
		if c.IsSet(flag) {
			body[field(flag)] = c.String(flag)
		}
	}
	for _, flag := range []string{"renotify", "silent", "require-interaction"} {
		if c.IsSet(flag) {
			body[field(flag)] = c.Bool(flag)
		}
	}
	if c.IsSet("ttl") {
		body["ttl"] = int64(c.Duration("ttl") / time.Second)
	}
	if target := notifyTarget(c); len(target) > 0 {
		body["target"] = target
	}
	for flag, read := range map[string]func(string) (any, error){"vibrate": pattern, "data": object} {
		if !c.IsSet(flag) {
			continue
		}
		value, err := read(c.String(flag))
		if err != nil {
			return nil, err
		}
		body[flag] = value
	}
	for flag, name := range map[string]string{"at": "scheduled_at", "expires-at": "expires_at"} {
		if !c.IsSet(flag) {
			continue
		}
		at, err := parseTime(c.String(flag), now, +1)
		if err != nil {
			return nil, usagef("--%s %s", flag, err)
		}
		body[name] = at.UTC().Truncate(time.Millisecond)
	}
	actions, err := notifyActions(c.StringSlice("action"))
	if len(actions) > 0 {
		body["actions"] = actions
	}
	return body, err
}

// field is a flag's name as JSON has it.
func field(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

func notifyTarget(c *cli.Context) map[string]any {
	target := map[string]any{}
	for flag, name := range map[string]string{"category": "categories", "user": "users", "subscription": "subscriptions"} {
		if values := c.StringSlice(flag); len(values) > 0 {
			target[name] = values
		}
	}
	return target
}

var beforeURL = regexp.MustCompile(`=https?://`)

// notifyActions reads TITLE=URL; without a URL the button only closes. A title
// may have an = in it.
func notifyActions(given []string) ([]map[string]string, error) {
	var actions []map[string]string
	for i, text := range given {
		title, link := text, ""
		if at := beforeURL.FindStringIndex(text); at != nil {
			title, link = text[:at[0]], text[at[0]+1:]
		} else if strings.Contains(text, "=") {
			return nil, usagef("--action must be a title, = and an http or https URL, not %q", text)
		}
		if title == "" {
			return nil, usagef("--action has no title: %q", text)
		}
		action := map[string]string{"action": fmt.Sprintf("action-%d", i+1), "title": title}
		if link != "" {
			action["url"] = link
		}
		actions = append(actions, action)
	}
	return actions, nil
}

func pattern(text string) (any, error) {
	var times []int
	for part := range strings.SplitSeq(text, ",") {
		ms, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, usagef("--vibrate must be milliseconds such as 200,100,200, not %q", text)
		}
		times = append(times, ms)
	}
	return times, nil
}

func object(text string) (any, error) {
	var data map[string]any
	if err := json.Unmarshal([]byte(text), &data); err != nil || data == nil {
		return nil, usagef(`--data must be a JSON object such as {"door": 3}`)
	}
	return json.RawMessage(text), nil
}
