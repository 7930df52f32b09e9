package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

const (
	envPrefix = "RECADO_"
	// maxFile bounds what is read of a file that was named by mistake.
	maxFile = 256 << 10
)

// Names of the environment that the command line reads beside the keys.
const (
	FileVariable   = "RECADO_CONFIG" // the configuration file
	ServerVariable = "RECADO_SERVER" // the server that notify calls
	TokenVariable  = "RECADO_TOKEN"  // the token that notify sends
)

// Load reads the configuration. path names the file; when it is empty,
// RECADO_CONFIG does, and without that the first of ./config.toml and
// /etc/recado/config.toml that exists is taken, or none. flags are values by
// key ("base_url"), environ is in the form of os.Environ. A flag beats the
// environment, which beats the file, which beats the default.
func Load(path string, flags map[string]string, environ []string) (Config, error) {
	env := variables(environ)
	if path == "" {
		path = env[FileVariable]
	}
	l := &loader{config: Default(), said: map[string]string{}}
	l.keys = keys(&l.config)
	for _, read := range []func() error{
		func() error { return l.file(path) },
		func() error { return l.environment(env) },
		func() error { return l.flags(flags) },
		l.cross,
	} {
		if err := read(); err != nil {
			return Config{}, err
		}
	}
	return l.config, nil
}

// loader is one run of Load.
type loader struct {
	config Config
	keys   []key
	said   map[string]string // where a key was given last, as an error names it
}

// set gives a key its value; where begins the sentence of an error.
func (l *loader) set(k key, value any, where string) error {
	if err := k.set(value); err != nil {
		return fmt.Errorf("%s %w", where, err)
	}
	l.said[k.name] = where
	return nil
}

func (l *loader) find(name string) (key, bool) {
	i := slices.IndexFunc(l.keys, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return l.keys[i], true
}

func (l *loader) file(path string) error {
	name, data, err := readFile(path)
	if err != nil || name == "" {
		return err
	}
	l.config.File = name
	entries, err := parseFile(data, tables(l.keys))
	var syntax *lineError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s:%d: %s", name, syntax.line, syntax.message)
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, e := range entries {
		if err := l.entry(name, e); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) entry(file string, e entry) error {
	where := fmt.Sprintf("%s:%d: %s", file, e.line, e.name)
	if e.line == 0 {
		where = fmt.Sprintf("%s: %s", file, e.name)
	}
	k, known := l.find(e.name)
	switch {
	case known:
		return l.set(k, e.value, where)
	case e.name == webhookTable || strings.HasPrefix(e.name, webhookTable+"."):
		return l.webhook(e, where)
	case tables(l.keys)(e.name) && isEmptyTable(e.value):
		return nil
	case tables(l.keys)(e.name):
		return fmt.Errorf("%s must be a table: write [%s] and its keys below", where, e.name)
	}
	return fmt.Errorf("%s is an unknown key", where)
}

func (l *loader) environment(env map[string]string) error {
	for _, k := range l.keys {
		name := variable(k.name)
		if s, ok := env[name]; ok {
			if err := l.set(k, fromText(k.kind, s), name); err != nil {
				return err
			}
			delete(env, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if strings.HasPrefix(name, envPrefix) && !otherVariable(name) {
			return fmt.Errorf("environment variable %s stands for no key of the configuration", name)
		}
	}
	return nil
}

// otherVariable knows the variables that are no keys: those of the command
// line, and what Kubernetes and Docker put into the environment of a container
// beside a service named recado.
func otherVariable(name string) bool {
	switch name {
	case FileVariable, ServerVariable, TokenVariable, "RECADO_PORT", "RECADO_NAME":
		return true
	}
	return strings.HasPrefix(name, "RECADO_PORT_") || strings.HasPrefix(name, "RECADO_SERVICE_") ||
		strings.HasPrefix(name, "RECADO_ENV_")
}

func (l *loader) flags(flags map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		k, ok := l.find(name)
		if !ok {
			return fmt.Errorf("%s is an unknown flag", flagName(name))
		}
		if err := l.set(k, fromText(k.kind, flags[name]), flagName(name)); err != nil {
			return err
		}
	}
	return nil
}

// cross reports keys that contradict each other at the one that was given.
func (l *loader) cross() error {
	names, problem := crossCheck(&l.config)
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		if where, ok := l.said[name]; ok {
			return fmt.Errorf("%s %s", where, problem)
		}
	}
	return fmt.Errorf("%s %s", names[0], problem)
}

// readFile reads the named file, or the first of the usual ones that exists; an
// empty name says that there is none.
func readFile(path string) (name, data string, err error) {
	if path != "" {
		data, err = readText(path)
		return path, data, err
	}
	for _, usual := range []string{"config.toml", "/etc/recado/config.toml"} {
		data, err = readText(usual)
		if !errors.Is(err, fs.ErrNotExist) {
			return usual, data, err
		}
	}
	return "", "", nil
}

func readText(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", fmt.Errorf("cannot read the configuration: %w", err)
	}
	if len(data) > maxFile {
		return "", fmt.Errorf("%s is over 256 KiB: that is no configuration", path)
	}
	return string(data), nil
}

func variables(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			env[name] = value
		}
	}
	return env
}
