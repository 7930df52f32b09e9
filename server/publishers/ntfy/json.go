package ntfy

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// members are the fields of a message in JSON, as text. Others are ignored.
func members(body map[string]json.RawMessage) (map[string]string, error) {
	source := map[string]string{}
	for name, raw := range body {
		switch name = strings.ToLower(name); name {
		case "topic", "title", "message", "priority", "tags", "click", "icon", "actions", "attach", "filename",
			"delay", "markdown", "email", "call", "sequence_id":
			value, err := asText(raw)
			if err != nil {
				return nil, JSONError(name + " " + err.Error())
			}
			source[name] = value
		}
	}
	return source, nil
}

// asText is a JSON value as a header would hold it: a list of texts with commas
// between them, any other list, such as that of actions, as JSON.
func asText(raw json.RawMessage) (string, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", errors.New("is no JSON")
	}
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		if n := int64(v); float64(n) == v { // 5.0 is as good as 5
			return strconv.FormatInt(n, 10), nil
		}
		return string(raw), nil
	case []any:
		return listText(v, raw)
	}
	return "", errors.New("must not be an object")
}

func listText(list []any, raw json.RawMessage) (string, error) {
	texts := make([]string, len(list))
	for i, item := range list {
		switch item := item.(type) {
		case string:
			texts[i] = item
		case map[string]any:
			return string(raw), nil
		default:
			return "", errors.New("must be a list of strings, or of objects")
		}
	}
	return strings.Join(texts, ","), nil
}
