package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/server/doctor"
	"recado/storage/sqlite"
)

func doctorCommand(p Process) *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "check configuration, data, TLS, clock, VAPID subject and reachability; exits with 1 on a finding",
		Flags: []cli.Flag{
			jsonFlag(),
			&cli.BoolFlag{Name: "offline", Usage: "leave out what asks other machines"},
			dataDirFlag(),
		},
		Action: func(c *cli.Context) error { return examine(c, p) },
	}
}

// examineTimeout is how long another machine may take to answer.
const examineTimeout = 5 * time.Second

func examine(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	cfg, err := load(c, p)
	if err != nil {
		return err
	}
	patient := &doctor.Patient{
		Config: cfg, Now: p.Now, Offline: c.Bool("offline"),
		Intact: func(ctx context.Context) error { return sqlite.Check(ctx, cfg.DataDir) },
		Client: &http.Client{
			Transport:     transport(p),
			Timeout:       examineTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	closeData, err := openPatient(c.Context, cfg, patient)
	if err != nil {
		return err
	}
	findings := doctor.Examine(c.Context, patient)
	if err := closeData(); err != nil {
		return err
	}
	return tell(p.Stdout, findings, c.Bool("json"))
}

// openPatient opens the data if there is any: doctor makes none.
func openPatient(ctx context.Context, cfg config.Config, patient *doctor.Patient) (closeData func() error, err error) {
	none := func() error { return nil }
	there, err := sqlite.Exists(cfg.DataDir)
	if err != nil || !there {
		return none, err
	}
	patient.Running, err = sqlite.Locked(cfg.DataDir)
	if err != nil {
		patient.OpenError = err
		return none, nil
	}
	store, err := sqlite.Open(ctx, cfg.DataDir)
	if err != nil {
		patient.OpenError, patient.Damaged = err, sqlite.Damaged(err)
		return none, nil
	}
	patient.Store = store
	return store.Close, nil
}

func tell(w io.Writer, findings []doctor.Finding, asJSON bool) error {
	bad := 0
	for _, f := range findings {
		if f.Bad() {
			bad++
		}
	}
	if asJSON {
		data, err := json.MarshalIndent(findings, "", " ")
		if err != nil {
			return err
		}
		fmt.Fprintf(printable{w}, "%s\n", data)
	} else {
		for _, f := range findings {
			fmt.Fprintf(w, "%-8s %s: %s\n", f.Level, f.Check, visible(f.Message))
			if f.Remedy != "" {
				fmt.Fprintf(w, "         → %s\n", visible(f.Remedy))
			}
		}
	}
	if bad > 0 {
		return errors.New(count(bad))
	}
	return nil
}

func count(findings int) string {
	if findings == 1 {
		return "doctor has 1 finding"
	}
	return fmt.Sprintf("doctor has %d findings", findings)
}
