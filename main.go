// Command recado is a self-hosted Web Push appliance.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // time zones, for a bare container

	_ "golang.org/x/crypto/x509roots/fallback" // CA roots, for a bare container

	"recado/server/command"
)

// version is set when a release is built.
var version = "dev"

func main() {
	os.Exit(command.Main(context.Background(), command.Process{
		Args:    os.Args,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Environ: os.Environ(),
		Version: version,
	}))
}
