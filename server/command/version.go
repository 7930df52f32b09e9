package command

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"
)

func versionCommand(p Process) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "say which version this is",
		Action: func(c *cli.Context) error {
			if _, err := argument(c, ""); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Stdout, "recado %s (%s, %s/%s)\n", p.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
