package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// firefoxPreferences is what every profile starts with. DOM push stays off
// until the notification recorder is in place; see [Firefox.start].
func firefoxPreferences(pushURL string) map[string]any {
	return map[string]any{
		"marionette.port": 0, // the port chosen is in PROFILE/MarionetteActivePort

		"dom.push.serverURL":                         pushURL,
		"dom.push.testing.allowInsecureServerURL":    true,
		"dom.push.connection.enabled":                false,
		"dom.push.retryBaseInterval":                 300,
		"alerts.useSystemBackend":                    false, // without D-Bus showNotification would reject
		"security.notification_enable_delay":         0,     // a permission prompt can be answered at once
		"intl.accept_languages":                      "en-US,en",
		"ui.useOverlayScrollbars":                    1, // a phone has no scrollbar that takes width
		"ui.prefersReducedMotion":                    1, // screenshots show no half-finished motion
		"browser.tabs.closeWindowWithLastTab":        false,
		"browser.startup.homepage_override.mstone":   "ignore",
		"browser.shell.checkDefaultBrowser":          false,
		"datareporting.policy.dataSubmissionEnabled": false,

		// Everything that is not on loopback runs into a closed port.
		"network.proxy.type":              1,
		"network.proxy.http":              "127.0.0.1",
		"network.proxy.http_port":         9,
		"network.proxy.ssl":               "127.0.0.1",
		"network.proxy.ssl_port":          9,
		"network.proxy.socks":             "127.0.0.1",
		"network.proxy.socks_port":        9,
		"network.proxy.socks_remote_dns":  true,
		"network.proxy.no_proxies_on":     "127.0.0.1,localhost",
		"network.proxy.allow_bypass":      false,
		"network.proxy.failover_direct":   false,
		"network.dns.native-is-localhost": true,
		"services.settings.server":        "data:,#remote-settings-dummy/v1",
		"network.trr.mode":                5,
		"network.manage-offline-status":   false,
		"network.prefetch-next":           false,
		"network.dns.disablePrefetch":     true,
	}
}

// writeProfile writes user.js into dir.
func writeProfile(dir string, preferences map[string]any) error {
	var b strings.Builder
	for name, value := range preferences {
		v, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("preference %s: %w", name, err)
		}
		fmt.Fprintf(&b, "user_pref(%q, %s);\n", name, v)
	}
	return os.WriteFile(filepath.Join(dir, "user.js"), []byte(b.String()), 0o600)
}

// firefoxProcess is one run of the browser on a profile.
type firefoxProcess struct {
	cmd    *exec.Cmd
	output *bytes.Buffer
	exited chan struct{} // closed when the process has ended
	remote *marionette
}

// launchFirefox starts the browser and a Marionette session in it.
func launchFirefox(ctx context.Context, binary, profile, home string) (*firefoxProcess, error) {
	portFile := filepath.Join(profile, "MarionetteActivePort")
	if err := os.Remove(portFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the earlier run's port file: %w", err)
	}
	p := &firefoxProcess{output: new(bytes.Buffer), exited: make(chan struct{})}
	p.cmd = exec.Command(binary, "--headless", "--no-remote", "--marionette",
		"--remote-allow-system-access", "--profile", profile, "about:blank")
	p.cmd.Env = append(os.Environ(), "HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1",
		"MOZ_DISABLE_AUTO_SAFE_MODE=1", "MOZ_REMOTE_SETTINGS_DEVTOOLS=1")
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.WaitDelay = time.Second // grandchildren may hold the pipes open
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	if err := p.connect(ctx, portFile); err != nil {
		p.kill()
		return nil, fmt.Errorf("%w\n%s", err, p.output)
	}
	return p, nil
}

// connect waits for the port file, dials and opens a session. The file appears
// without a notice, hence the polling.
func (p *firefoxProcess) connect(ctx context.Context, portFile string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var port string
	for port == "" {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for firefox's marionette port: %w", ctx.Err())
		case <-p.exited:
			return errors.New("firefox ended before it opened its marionette port")
		case <-tick.C:
			data, _ := os.ReadFile(portFile)
			port = strings.TrimSpace(string(data))
		}
	}
	var err error
	if p.remote, err = dialMarionette(ctx, "127.0.0.1:"+port); err != nil {
		return err
	}
	if err := p.remote.command(ctx, "WebDriver:NewSession", map[string]any{"capabilities": map[string]any{
		"alwaysMatch": map[string]any{"unhandledPromptBehavior": "ignore"}}}, nil); err != nil {
		return err
	}
	// Longer than any wait of ours, so that it is our own message that is read.
	return p.remote.command(ctx, "WebDriver:SetTimeouts",
		map[string]int{"script": 120_000, "pageLoad": 60_000, "implicit": 0}, nil)
}

// quit ends the browser in an orderly way, so that the profile is complete, and
// kills what is left when ctx ends.
func (p *firefoxProcess) quit(ctx context.Context) error {
	err := p.remote.command(ctx, "Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil)
	p.remote.close()
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.kill()
		err = errors.Join(err, fmt.Errorf("firefox did not end by itself: %w", ctx.Err()))
	}
	return err
}

func (p *firefoxProcess) kill() {
	killGroup(p.cmd)
	<-p.exited
}
