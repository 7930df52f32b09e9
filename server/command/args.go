package command

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionFlag is how shells ask; where it is not the last word, urfave/cli does not
// see it and runs the command.
var completionFlag = "--" + cli.BashCompletionFlag.Names()[0]

// flagsFirst moves a command's flags before its arguments. Without it, the flags
// of `recado subscription import FILE --key ID` would be taken for arguments.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) == 0 || args[len(args)-1] == completionFlag {
		return args // a shell asks what fits behind them: nothing is to be run
	}
	out, rest := args[:1:1], args[1:]
	flags, commands := app.Flags, app.Commands
	for len(commands) > 0 {
		leading, below := takeFlags(flags, rest, true)
		out = append(out, leading...)
		if len(below) == 0 {
			return out
		}
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(below[0]) })
		if i < 0 {
			return append(out, below...)
		}
		out, rest = append(out, below[0]), below[1:]
		flags, commands = commands[i].Flags, commands[i].Subcommands
	}
	moved, arguments := takeFlags(flags, rest, false)
	return append(append(out, moved...), arguments...)
}

// takeFlags splits args into flags with their values and what else there is;
// with leading, it stops at the first that is no flag.
func takeFlags(known []cli.Flag, args []string, leading bool) (flags, others []string) {
	for len(args) > 0 {
		arg := args[0]
		switch {
		case arg == "--":
			// Everything behind it is an argument, which the flags' parser must be told.
			return flags, append([]string{"--"}, append(others, args[1:]...)...)
		case len(arg) < 2 || arg[0] != '-':
			if leading {
				return flags, args
			}
			others, args = append(others, arg), args[1:]
			continue
		}
		n := 1
		if takesValue(known, arg) && len(args) > 1 {
			n = 2
		}
		flags, args = append(flags, args[:n]...), args[n:]
	}
	return flags, others
}

func takesValue(known []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	for _, f := range known {
		if takes, ok := f.(cli.DocGenerationFlag); ok && takes.TakesValue() && slices.Contains(f.Names(), name) {
			return true
		}
	}
	return false
}
