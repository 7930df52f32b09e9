// Package command is recado's command line. It promises that what a command
// does is done when it exits with 0; that it exits with 1 and one sentence on
// the standard error when something failed, and with 2 when it was called
// wrongly; and that no token, key or endpoint is in what it says of a failure.
//
// Every command but serve works on the data directory without taking its lock,
// so also while a server runs on it.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"recado/server/config"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Process is what a command has of the process it runs in.
type Process struct {
	Args    []string // the program's name first, as in os.Args
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Environ []string // as os.Environ gives it
	Version string
	Now     func() time.Time // nil = time.Now
	// Dial is server.Options.Dial: a stand-in of tests, nil in the binary.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// getenv is the environment's value of that name, the last if it is there twice.
func (p Process) getenv(name string) string {
	for _, entry := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// Main runs the command that p.Args name and returns the exit code.
func Main(ctx context.Context, p Process) int {
	app := New(p)
	err := app.RunContext(ctx, flagsFirst(app, p.Args))
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(p.Stderr, "recado: %s\n", sentence(err))
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// sentence puts an error on one line.
func sentence(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// usageError says that a command was called wrongly.
type usageError struct{ problem string }

func (e *usageError) Error() string { return e.problem }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// New builds the command line.
func New(p Process) *cli.App {
	if p.Now == nil {
		p.Now = time.Now
	}
	app := &cli.App{
		Name:      "recado",
		Usage:     "a self-hosted Web Push appliance",
		Version:   p.Version,
		Reader:    p.Stdin,
		Writer:    p.Stdout,
		ErrWriter: p.Stderr,
		// What the scripts in completions/ ask with --generate-bash-completion.
		EnableBashCompletion: true,
		Flags:                []cli.Flag{configFlag()},
		Commands: []*cli.Command{
			serveCommand(p),
			notifyCommand(p),
			subscriptionCommand(p),
			keysCommand(p),
			categoryCommand(p),
			tokenCommand(p),
			backupCommand(p),
			restoreCommand(p),
			doctorCommand(p),
			versionCommand(p),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("there is no command %q; recado --help lists them", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
		// A category's name may have a comma in it.
		DisableSliceFlagSeparator: true,
		// Main decides how the process ends.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   onUsageError,
	}
	for _, c := range app.Commands {
		prepare(c, "recado")
	}
	return app
}

// prepare gives a command and those below it what every one has.
func prepare(c *cli.Command, parent string) {
	full := parent + " " + c.Name
	c.HideHelpCommand = true
	c.OnUsageError = onUsageError
	if len(c.Subcommands) == 0 {
		c.Flags = append(c.Flags, configFlag())
		return
	}
	names := make([]string, len(c.Subcommands))
	for i, sub := range c.Subcommands {
		prepare(sub, full)
		names[i] = sub.Name
	}
	c.Action = func(ctx *cli.Context) error {
		return usagef("%s needs one of %s; %s --help says more", full, strings.Join(names, ", "), full)
	}
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	return usagef("%s; see %s --help", err, c.Command.HelpName)
}

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Usage: "read the configuration from `FILE` (" + config.FileVariable + ")"}
}

func dataDirFlag() cli.Flag {
	return &cli.StringFlag{Name: "data-dir", Usage: "work on the data in `DIR`"}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "answer in JSON"}
}

// arguments returns the one argument of a command, named for a sentence, or
// none when name is empty. More is a mistake that must not pass unseen.
func argument(c *cli.Context, name string) (string, error) {
	want := 1
	if name == "" {
		want = 0
	}
	switch n := c.NArg(); {
	case n < want:
		return "", usagef("%s needs %s; see --help", c.Command.HelpName, name)
	case n > want:
		return "", usagef("%s does not know what to do with %q; see --help", c.Command.HelpName, c.Args().Get(want))
	}
	return c.Args().First(), nil
}

// load reads the configuration as the command's flags have it.
func load(c *cli.Context, p Process) (config.Config, error) {
	flags := map[string]string{}
	for _, key := range []string{"listen", "base_url", "data_dir"} {
		if flag := strings.ReplaceAll(key, "_", "-"); c.IsSet(flag) {
			flags[key] = c.String(flag)
		}
	}
	return config.Load(configFile(c), flags, p.Environ)
}

// configFile is what --config says, before or after the command's name.
func configFile(c *cli.Context) string {
	for _, level := range c.Lineage() {
		if slices.Contains(level.LocalFlagNames(), "config") {
			return level.String("config")
		}
	}
	return ""
}

// isTerminal reports whether a person is likely to read what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
