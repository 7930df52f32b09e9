package command

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"recado/server/push"
	"recado/storage"
)

const (
	maxLine = 64 << 10 // bytes of a line; the API's limit of a body
	maxName = 100      // characters of a label, a user or a category, as the API has it
	// maxTime is the end of the year 9999 in ms, the last that RFC 3339 can write.
	maxTime = 253402300799999
)

// line is a subscription as import reads and export writes it: what a browser's
// PushSubscription gives as JSON, and what recado adds.
type line struct {
	Endpoint       string     `json:"endpoint"`
	ExpirationTime *float64   `json:"expirationTime,omitempty"` // ms since 1970
	Expiration     *float64   `json:"expiration_time,omitempty"`
	Keys           lineKeys   `json:"keys"`
	ID             *uuid.UUID `json:"id,omitempty"`
	Label          *string    `json:"label,omitempty"`
	User           *string    `json:"user,omitempty"`
	Categories     *[]string  `json:"categories,omitempty"`
	Declarative    *bool      `json:"declarative,omitempty"`
}

type lineKeys struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// parseLine checks a line as strictly as the API checks a browser. Its errors
// hold nothing of endpoint and keys.
func parseLine(data []byte, policy push.Policy) (storage.Subscribe, error) {
	var in line
	if err := json.Unmarshal(data, &in); err != nil {
		return storage.Subscribe{}, lineProblem(err)
	}
	endpoint, err := policy.Check(in.Endpoint)
	if err != nil {
		return storage.Subscribe{}, err
	}
	s := storage.Subscribe{
		Endpoint: in.Endpoint, Service: endpoint.Service,
		Label: in.Label, User: in.User, Categories: in.Categories, Declarative: in.Declarative,
	}
	if s.P256dh, s.Auth, err = push.ParseSubscriptionKeys(in.Keys.P256dh, in.Keys.Auth); err != nil {
		return storage.Subscribe{}, err
	}
	if in.ID != nil {
		s.ID = *in.ID
	}
	if in.ExpirationTime == nil {
		in.ExpirationTime = in.Expiration
	}
	if ms := in.ExpirationTime; ms != nil {
		if *ms < 0 || *ms > maxTime {
			return storage.Subscribe{}, errors.New("expirationTime must be milliseconds since 1970")
		}
		s.ExpiresAt = time.UnixMilli(int64(*ms)).UTC()
	}
	return s, namesProblem(in)
}

func namesProblem(in line) error {
	check := func(field, s string) error {
		if utf8.RuneCountInString(s) > maxName || strings.ContainsFunc(s, unicode.IsControl) {
			return fmt.Errorf("%s must have at most %d characters, none of them a control character", field, maxName)
		}
		return nil
	}
	var err error
	if in.Label != nil {
		err = check("label", *in.Label)
	}
	if in.User != nil && err == nil {
		err = check("user", *in.User)
	}
	if in.Categories == nil {
		return err
	}
	for _, name := range *in.Categories {
		if name == "" && err == nil {
			err = errors.New("categories must not hold an empty name")
		}
		if err == nil {
			err = check("categories", name)
		}
	}
	return err
}

// lineProblem says what is wrong with a line's JSON without quoting it.
func lineProblem(err error) error {
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Errorf("%s has the wrong JSON type", wrongType.Field)
	case errors.As(err, &wrongType):
		return errors.New("must be a JSON object")
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New("is not one JSON object")
	}
	return errors.New("id is not a UUID") // the one field that parses text itself
}

// newLine is what export writes of a subscription.
func newLine(s storage.Subscription) line {
	out := line{
		Endpoint: s.Endpoint,
		Keys: lineKeys{
			P256dh: base64.RawURLEncoding.EncodeToString(s.P256dh),
			Auth:   base64.RawURLEncoding.EncodeToString(s.Auth),
		},
		ID: &s.ID,
	}
	if !s.ExpiresAt.IsZero() {
		ms := float64(s.ExpiresAt.UnixMilli())
		out.ExpirationTime = &ms
	}
	if s.Label != "" {
		out.Label = &s.Label
	}
	if s.User != "" {
		out.User = &s.User
	}
	if len(s.Categories) > 0 {
		out.Categories = &s.Categories
	}
	if s.Declarative {
		out.Declarative = &s.Declarative
	}
	return out
}

var errLongLine = fmt.Errorf("is longer than %d bytes", maxLine)

// textLines yields the lines of r without their ends, counted from 1. A line
// that is too long is nil. What is yielded is good until the next one. The error
// of reading, if any, is in err when the iteration ends.
func textLines(r io.Reader, err *error) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		in := bufio.NewReaderSize(r, maxLine)
		for n := 1; ; n++ {
			text, failed := in.ReadSlice('\n')
			long := errors.Is(failed, bufio.ErrBufferFull)
			for errors.Is(failed, bufio.ErrBufferFull) {
				_, failed = in.ReadSlice('\n')
			}
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\uFEFF"))
			}
			if long {
				text = nil
			} else {
				text = append(text[:0:0], bytes.TrimSpace(text)...)
			}
			end := failed != nil
			if end && !errors.Is(failed, io.EOF) {
				*err = failed
				return
			}
			if (long || len(text) > 0) && !yield(n, text) || end {
				return
			}
		}
	}
}
