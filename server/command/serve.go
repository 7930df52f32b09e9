package command

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"recado/embed"
	"recado/server"
	"recado/server/systemd"
	"recado/storage/sqlite"
)

func serveCommand(p Process) *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "run the server",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "listen at `HOST:PORT`"},
			&cli.StringFlag{Name: "base-url", Usage: "browsers reach it at `URL`"},
			dataDirFlag(),
		},
		Action: func(c *cli.Context) error { return serve(c, p) },
	}
}

func serve(c *cli.Context, p Process) (err error) {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	cfg, err := load(c, p)
	if err != nil {
		return err
	}
	lock, err := lockData(cfg.DataDir, "another recado serve runs on "+cfg.DataDir+": stop it first, or give this one another --data-dir")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	log := newLogger(cfg.Log, p.Stderr)
	if err := sqlite.MakePrivate(cfg.DataDir); err != nil {
		log.Warn("the data directory is not private", "error", err)
	}
	store, err := openData(c.Context, cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := firstRun(c.Context, p, cfg, store); err != nil {
		return err
	}
	ctx, stop := untilSignal(c.Context)
	defer stop()
	reload, done := reloads(ctx)
	defer done()
	return server.Run(ctx, server.Options{
		Config: cfg, Store: store, Web: embed.Web(), Logger: log,
		Out: p.Stdout, Version: p.Version, SignedIn: forgetToken(cfg, log), Reload: reload, Roots: roots(p), Dial: p.Dial,
		Manager: systemd.New(p.getenv),
	})
}

// untilSignal ends its context at the first SIGINT or SIGTERM. From then on the
// signals have their usual effect again: a second one ends the process at once.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// reloads passes on SIGHUP until stop is called or ctx ends. What comes while one is
// still waiting is the same wish.
func reloads(ctx context.Context) (wishes <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals, out := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(signals, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out, func() { signal.Stop(signals); cancel(); <-ended }
}
