package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"recado/server/publishers/webhook"
)

// Webhook is how one webhook is read, [webhook.NAME]. The first five are templates;
// empty = as its sender is known.
type Webhook struct {
	Title, Body, URL, Urgency, Tag string

	Categories []string // names that it publishes to; empty = everyone
	Secret     string   // the sender's signature is checked with it; empty = it is not
}

// Fields are the templates as package publishers takes them.
func (w Webhook) Fields() webhook.Fields {
	return webhook.Fields{Title: w.Title, Body: w.Body, URL: w.URL, Urgency: w.Urgency, Tag: w.Tag}
}

const webhookTable = "webhook"

// webhookName is what follows webhook. in the name of a table: it is part of
// addresses.
var webhookName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// isWebhook knows [webhook] and [webhook.NAME].
func isWebhook(table string) bool {
	name, below := strings.CutPrefix(table, webhookTable+".")
	return table == webhookTable || below && webhookName.MatchString(name)
}

// webhookKeys are the keys of one webhook's table, bound to w.
func webhookKeys(table string, w *Webhook) []key {
	return []key{
		oneText(table+".title", &w.Title, webhookTemplate),
		oneText(table+".body", &w.Body, webhookTemplate),
		oneText(table+".url", &w.URL, webhookTemplate),
		oneText(table+".urgency", &w.Urgency, webhookTemplate),
		oneText(table+".tag", &w.Tag, webhookTemplate),
		manyTexts(table+".categories", &w.Categories, title),
		oneText(table+".secret", &w.Secret, optional(webhookSecret)),
	}
}

// webhook reads what stands in or below the table webhook.
func (l *loader) webhook(e entry, where string) error {
	name, _, deeper := strings.Cut(strings.TrimPrefix(e.name, webhookTable+"."), ".")
	switch {
	case e.name == webhookTable && isEmptyTable(e.value):
		return nil
	case e.name == webhookTable:
		return fmt.Errorf("%s must be a table: write [webhook.NAME] and its keys below", where)
	case !webhookName.MatchString(name):
		return fmt.Errorf("%s must be named with 1 to 64 letters, digits, - and _: the name is part of an address", where)
	case !deeper && !isEmptyTable(e.value):
		return fmt.Errorf("%s must be a table: write [webhook.%s] and its keys below", where, name)
	}
	w := l.config.Webhooks[name]
	if deeper {
		if err := l.webhookKey(e, where, webhookKeys(webhookTable+"."+name, &w)); err != nil {
			return err
		}
	}
	if l.config.Webhooks == nil {
		l.config.Webhooks = map[string]Webhook{}
	}
	l.config.Webhooks[name] = w
	return nil
}

func (l *loader) webhookKey(e entry, where string, all []key) error {
	for _, k := range all {
		if k.name == e.name {
			return l.set(k, e.value, where)
		}
	}
	return fmt.Errorf("%s is an unknown key", where)
}

func isEmptyTable(value any) bool {
	table, ok := value.(map[string]any)
	return ok && len(table) == 0
}

// webhookTemplate accepts a Go template that package publishers can run.
func webhookTemplate(s string) (string, error) {
	_, err := webhook.NewTemplate(webhook.Fields{Body: s})
	var wrong webhook.TemplateErrors
	switch {
	case !utf8.ValidString(s):
		return "", errors.New("must be UTF-8")
	case errors.As(err, &wrong) && wrong[0].Line > 0:
		return "", fmt.Errorf("is no template that works, in its line %d: %s", wrong[0].Line, wrong[0].Message)
	case errors.As(err, &wrong):
		return "", fmt.Errorf("is no template that works: %s", wrong[0].Message)
	}
	return s, err
}

// webhookSecret is in no error.
func webhookSecret(s string) (string, error) {
	if len(s) > 255 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("must be at most 255 bytes of text on one line")
	}
	return s, nil
}
