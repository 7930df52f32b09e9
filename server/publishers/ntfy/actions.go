package ntfy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Action is a button. A browser can do one thing of ntfy's: open the URL of a
// view.
type Action struct {
	ID     string `json:"id"`
	Action string `json:"action"` // view, http, broadcast or copy
	Label  string `json:"label"`
	Clear  bool   `json:"clear"`
	URL    string `json:"url,omitempty"`
}

// maxActions is more than ntfy takes (3) and as many as a notification may have.
const maxActions = 10

// parseActions reads a list of actions, as JSON or in the short form:
// "view, Open, https://nas.lan; http, Restart, https://nas.lan/restart". The
// error is an *Error.
func parseActions(s string) ([]Action, error) {
	var actions []Action
	var err error
	if strings.HasPrefix(s, "[") {
		actions, err = actionsJSON(s)
	} else {
		actions, err = shortActions(s)
	}
	if err == nil && len(actions) > maxActions {
		err = fmt.Errorf("only %d actions allowed", maxActions)
	}
	for i := range actions {
		if err == nil {
			err = actions[i].check()
		}
		actions[i].ID = fmt.Sprintf("action-%d", i+1)
	}
	if err != nil {
		return nil, errActions(err.Error())
	}
	return actions, nil
}

func actionsJSON(s string) ([]Action, error) {
	var list []struct {
		Action, Label, URL string
		Clear              any
	}
	if err := json.Unmarshal([]byte(s), &list); err != nil {
		return nil, errors.New("they are no list of actions in JSON")
	}
	actions := make([]Action, len(list))
	for i, a := range list {
		actions[i] = Action{Action: a.Action, Label: a.Label, URL: a.URL, Clear: a.Clear == true}
	}
	return actions, nil
}

func (a *Action) check() error {
	a.Action = strings.ToLower(a.Action)
	switch a.Action {
	case "view", "http":
		if a.URL == "" {
			return fmt.Errorf("parameter 'url' is required for action '%s'", a.Action)
		}
	case "broadcast", "copy":
	default:
		return fmt.Errorf("action %.50q unknown", a.Action)
	}
	if a.Label == "" {
		return errors.New("parameter 'label' is required")
	}
	return nil
}

// shortActions reads actions that are separated by semicolons.
func shortActions(s string) ([]Action, error) {
	var actions []Action
	for rest := s; strings.TrimSpace(rest) != ""; {
		var a Action
		for section, last := 0, false; !last; section++ {
			var key, value string
			var err error
			if key, value, rest, last, err = cutSection(rest); err == nil {
				err = a.set(section, key, value)
			}
			if err != nil {
				return nil, err
			}
		}
		if actions = append(actions, a); len(actions) > maxActions {
			break
		}
	}
	return actions, nil
}

// set takes over one section: "key=value", or the value alone in the first three.
func (a *Action) set(section int, key, value string) error {
	if key == "" && section < 3 {
		key = [...]string{"action", "label", "url"}[section]
	}
	switch {
	case key == "action":
		a.Action = value
	case key == "label":
		a.Label = value
	case key == "url":
		a.URL = value
	case key == "clear":
		switch strings.ToLower(value) {
		case "true", "yes", "1":
			a.Clear = true
		case "false", "no", "0":
		default:
			return fmt.Errorf("'clear=%.50s' not allowed", value)
		}
	case key == "" && value == "": // a comma at the end
	case key == "method", key == "body", key == "intent", key == "value",
		strings.HasPrefix(key, "headers."), strings.HasPrefix(key, "extras."): // of what no browser does
	case key == "":
		return fmt.Errorf("term '%.50s' unknown", value)
	default:
		return fmt.Errorf("key '%.50s' unknown", key)
	}
	return nil
}

// cutSection cuts the first section off s; last says that its action ends with
// it.
func cutSection(s string) (key, value, rest string, last bool, err error) {
	s = strings.TrimLeft(s, " \t\r\n")
	if at := strings.IndexAny(s, "=,;\"'"); at > 0 && s[at] == '=' && isKey(strings.TrimSpace(s[:at])) {
		key = strings.ToLower(strings.TrimSpace(s[:at]))
		s = strings.TrimLeft(s[at+1:], " \t\r\n")
	}
	end := 0
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if value, end = unquote(s); end < 0 {
			return "", "", "", false, errors.New("unexpected end of input in a quote")
		}
		s = strings.TrimLeft(s[end:], " \t\r\n")
		if end = strings.IndexAny(s, ",;"); end > 0 || end < 0 && s != "" {
			return "", "", "", false, fmt.Errorf("unexpected %.20q after a quote", s)
		}
	} else {
		if end = strings.IndexAny(s, ",;"); end < 0 {
			end = len(s)
		}
		value = strings.TrimSpace(s[:end])
	}
	if end < 0 || end == len(s) {
		return key, value, "", true, nil
	}
	return key, value, s[end+1:], s[end] == ';', nil
}

func isKey(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

// unquote reads the quoted text that s begins with, in which a backslash keeps
// the quote from ending it; end is -1 when it does not end.
func unquote(s string) (value string, end int) {
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == s[0]:
			i++
			out.WriteByte(s[0])
		case s[i] == s[0]:
			return out.String(), i + 1
		default:
			out.WriteByte(s[i])
		}
	}
	return "", -1
}
