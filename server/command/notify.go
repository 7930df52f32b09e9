package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"recado/server/config"
)

const (
	// notifyGrace is what an answer may take beyond the time that it waits for.
	notifyGrace = 30 * time.Second
	maxWait     = 30 * time.Second
	maxTTL      = 2419200 * time.Second
)

func notifyCommand(p Process) *cli.Command {
	return &cli.Command{
		Name:  "notify",
		Usage: "publish a notification through a running server",
		Flags: slices.Concat(contentFlags(), deliveryFlags(), []cli.Flag{
			&cli.DurationFlag{Name: "wait", Usage: "how long to wait for the outcome: `DURATION`, at most 30s", Value: 5 * time.Second},
			&cli.StringFlag{Name: "idempotency-key", Usage: "publish once only, however often this is run within a day with the same `KEY`"},
			&cli.StringFlag{Name: "server", Usage: "the server's `URL` (" + config.ServerVariable + ", otherwise base_url of the configuration)"},
			&cli.StringFlag{Name: "token", Usage: "a `TOKEN` that may publish (" + config.TokenVariable + ", which keeps it out of the list of processes)"},
			jsonFlag(),
		}),
		Action: func(c *cli.Context) error { return notify(c, p) },
	}
}

func notify(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	switch ttl, wait := c.Duration("ttl"), c.Duration("wait"); {
	case c.String("title") == "":
		return usagef("--title is missing")
	case ttl < 0 || ttl > maxTTL:
		return usagef("--ttl must be from 0s to 672h")
	case wait < 0 || wait > maxWait:
		return usagef("--wait must be from 0s to 30s")
	case c.IsSet("time-zone") && !c.IsSet("repeat"):
		return usagef("--time-zone is for --repeat; --at takes a time with a zone, such as 2030-01-31T08:00:00+01:00")
	}
	fields, err := notifyBody(c, p.Now())
	if err != nil {
		return err
	}
	server, err := serverURL(c, p)
	if err != nil {
		return err
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context, c.Duration("wait")+notifyGrace)
	defer cancel()
	target := server + "/api/notify?wait=" + url.QueryEscape(c.Duration("wait").String())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return usagef("--server is no URL that can be called: %s", server)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "recado/"+p.Version)
	if c.Bool("json") {
		req.Header.Set("Accept", "application/json")
	}
	if token := notifyToken(c, p); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key := c.String("idempotency-key"); key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	answer, err := send(p, req, server)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(answer.body))
	if answer.scheduled(fields, p.Now()) && !c.Bool("json") {
		text = "scheduled notification " + visible(path.Base(answer.location))
	}
	_, err = fmt.Fprintln(p.Stdout, text)
	return err
}

// serverURL finds the server. The configuration is only read when nothing else
// names it: whoever publishes may not be allowed to read it.
func serverURL(c *cli.Context, p Process) (string, error) {
	server, source := c.String("server"), "--server"
	if server == "" {
		server, source = variable(p, config.ServerVariable), config.ServerVariable
	}
	if server == "" {
		cfg, err := load(c, p)
		return cfg.BaseURL, err
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", usagef("%s must be a URL such as https://push.example.com", source)
	}
	return strings.TrimRight(server, "/"), nil
}

func notifyToken(c *cli.Context, p Process) string {
	if token := c.String("token"); token != "" {
		return token
	}
	return variable(p, config.TokenVariable)
}

func variable(p Process, name string) string {
	for _, entry := range p.Environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// answered is what a server said that took the notification.
type answered struct {
	status   int
	location string // names the notification
	body     []byte
}

// scheduled reports whether the server keeps it for later: then no number of
// devices says anything yet, but its id lets it be canceled.
func (a answered) scheduled(fields map[string]any, now time.Time) bool {
	at, _ := fields["scheduled_at"].(time.Time)
	return a.status == http.StatusAccepted && a.location != "" && (fields["repeat"] != nil || at.After(now))
}

// send returns what the server answers, or says why there is no good answer.
func send(p Process, req *http.Request, server string) (answered, error) {
	client := &http.Client{
		Transport: transport(p),
		// A redirected POST may arrive as a GET, and the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return answered{}, fmt.Errorf("nothing listens at %s: is the server running, and is that its address? (--server, %s or base_url)", server, config.ServerVariable)
	case errors.Is(err, context.DeadlineExceeded):
		return answered{}, fmt.Errorf("%s did not answer in time; the notification may have been accepted", server)
	case err != nil:
		var call *url.Error
		if errors.As(err, &call) {
			err = call.Err
		}
		return answered{}, fmt.Errorf("cannot reach %s: %w", server, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return answered{}, fmt.Errorf("the answer of %s broke off; the notification may have been accepted: %w", server, err)
	}
	if resp.StatusCode/100 != 2 {
		return answered{}, refusal(resp, server, answer)
	}
	return answered{resp.StatusCode, resp.Header.Get("Location"), answer}, nil
}

func refusal(resp *http.Response, server string, answer []byte) error {
	var told struct{ Message string }
	if err := json.Unmarshal(answer, &told); err != nil || told.Message == "" {
		told.Message = http.StatusText(resp.StatusCode)
	}
	said := visible(told.Message)
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%s wants a token that may publish (%s): make one there with `recado token create --name NAME --scope publish` and give it as --token or %s",
			server, said, config.TokenVariable)
	case code == http.StatusForbidden:
		return fmt.Errorf("%s does not let this token publish that: %s", server, said)
	case code/100 == 3:
		return fmt.Errorf("%s sends on to %s: give that as --server", server, visible(resp.Header.Get("Location")))
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		return fmt.Errorf("%s cannot take it now (%s): try again in %s s", server, said, visible(resp.Header.Get("Retry-After")))
	case code == http.StatusNotFound:
		return fmt.Errorf("%s does not know /api/notify: is it a recado server?", server)
	default:
		return fmt.Errorf("%s refused it with status %d: %s", server, code, said)
	}
}
