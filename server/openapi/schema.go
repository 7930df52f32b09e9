package openapi

// The schemas of JSON values (JSON Schema 2020-12). A description is for people:
// it names units, ranges and what leaving the value out means.

func kind(t any, description string, more ...member) object {
	return object{{"type", t}, {"description", description}}.with(more...)
}

func text(description string, more ...member) object { return kind("string", description, more...) }

func flag(description string, more ...member) object { return kind("boolean", description, more...) }

func count(description string) object {
	return kind("integer", description, member{"minimum", 0})
}

func whole(description string, low, high int, more ...member) object {
	return kind("integer", description, member{"minimum", low}, member{"maximum", high}).with(more...)
}

func id(description string) object { return text(description, member{"format", "uuid"}) }

func idOrNull(description string) object {
	return kind(orNull("string"), description, member{"format", "uuid"})
}

const timeForm = `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$`

// moment is a time as the server writes it.
func moment(description string) object {
	return text(description, member{"format", "date-time"}, member{"pattern", timeForm})
}

func momentOrNull(description string) object {
	return kind(orNull("string"), description, member{"format", "date-time"}, member{"pattern", timeForm})
}

func orNull(t string) []string { return []string{t, "null"} }

func list(description string, items object, more ...member) object {
	return kind("array", description, member{"items", items}).with(more...)
}

func names(description string) object {
	return list(description, object{{"type", "string"}})
}

func oneOf(description string, values ...string) object {
	return text(description, member{"enum", values})
}

func byDefault(value any) member { return member{"default", value} }

func example(value any) member { return member{"examples", []any{value}} }

func ref(name string) object { return object{{"$ref", "#/components/schemas/" + name}} }

// field is one of an object; must are always there, may are not.
type field struct {
	name     string
	schema   object
	required bool
}

func must(name string, schema object) field { return field{name, schema, true} }

func may(name string, schema object) field { return field{name, schema, false} }

// fields is an object. What it says of other fields, if anything, is in more.
func fields(description string, of []field, more ...member) object {
	required, properties := []string{}, object{}
	for _, f := range of {
		if f.required {
			required = append(required, f.name)
		}
		properties = append(properties, member{f.name, f.schema})
	}
	out := kind("object", description)
	if len(required) > 0 {
		out = append(out, member{"required", required})
	}
	return append(out, member{"properties", properties}).with(more...)
}

// Requests say what becomes of fields that are not named; answers have no
// others, but may get some in a later version.
func ignoresOthers() member { return member{"additionalProperties", true} }

func refusesOthers() member { return member{"additionalProperties", false} }

// page is a list as /v1 gives it.
func page(of string) object {
	return fields("One page of the list.", []field{
		must("items", list("The newest first.", ref(of))),
		must("next", kind(orNull("string"), "Where the list goes on: the `after` of the next request; null at its end.")),
	})
}
