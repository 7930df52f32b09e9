package browsertest

import (
	"context"
	"net"
	"os"
	"testing"

	"recado/server/command"
)

// gcmVariable makes this test binary a recado, and says where GCMHost is.
const gcmVariable = "BROWSERTEST_GCM"

func TestMain(m *testing.M) {
	if gcm := os.Getenv(gcmVariable); gcm != "" {
		os.Exit(recadoReaching(gcm))
	}
	os.Exit(m.Run())
}

// recadoReaching is recado's own main function but for the one thing that no
// configuration can do: connections to GCMHost, whose name Chromium has compiled
// in, lead to the address given.
func recadoReaching(gcm string) int {
	var dialer net.Dialer
	return command.Main(context.Background(), command.Process{
		Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Version: "test",
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == net.JoinHostPort(GCMHost, "443") {
				address = gcm
			}
			return dialer.DialContext(ctx, network, address)
		},
	})
}

// startRecadoReaching is StartRecado with a recado whose messages for Chromium
// reach g.
func startRecadoReaching(t *testing.T, g *GCM, config map[string]string) *Recado {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return StartRecado(t, self, config, gcmVariable+"="+g.Address(), "SSL_CERT_FILE="+g.CertificateFile())
}
