package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

const (
	// lookEvery is how often the files are looked at. Two stats cost microseconds
	// and see what notifications of the kernel miss: network file systems, bind
	// mounts, and a link that is swapped further up, as Kubernetes does it.
	lookEvery = 10 * time.Second
	// expiresSoon is when a certificate should long have been renewed.
	expiresSoon = 14 * 24 * time.Hour
)

// certificate is a certificate from files that can be replaced while serving.
type certificate struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger
	current           atomic.Pointer[tls.Certificate]

	// Of watch's goroutine, once it runs.
	seen   [2]fs.FileInfo   // the files as they were when they were read last
	failed bool             // what was read last could not be used
	warned *tls.Certificate // the one whose end the log has told
}

func loadCertificate(certFile, keyFile string, now func() time.Time, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, now: now, log: log}
	return c, c.load()
}

func (c *certificate) load() error {
	// Looked at before it is read: what changes meanwhile is seen next time.
	c.seen = c.look()
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if c.failed = err != nil; c.failed {
		return fmt.Errorf("tls.cert_file and tls.key_file: %w", err)
	}
	c.current.Store(&pair)
	return nil
}

func (c *certificate) look() (files [2]fs.FileInfo) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil { // of what links lead to
			files[i] = info
		}
	}
	return files
}

func (c *certificate) changed() bool {
	for i, now := range c.look() {
		before := c.seen[i]
		if before == nil || now == nil {
			if before != now {
				return true
			}
			continue
		}
		if !os.SameFile(before, now) || before.Size() != now.Size() || !before.ModTime().Equal(now.ModTime()) {
			return true
		}
	}
	return false
}

// watch reads the files again when they have changed or it is asked to, until ctx
// ends. What cannot be used leaves the certificate that is in use and is tried
// again: certificate and key may be replaced one after the other.
func (c *certificate) watch(ctx context.Context, asked <-chan struct{}) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		c.warnOfEnd()
		select {
		case <-ctx.Done():
			return
		case <-asked:
			c.failed = false // whoever asks wants to be told again
			c.reload()
		case <-tick.C:
			// After a failure always: that they may be read now does not show.
			if c.failed || c.changed() {
				c.reload()
			}
		}
	}
}

func (c *certificate) reload() {
	told := c.failed
	err := c.load()
	switch {
	case err == nil:
		c.log.Info("certificate reloaded", "expires", c.current.Load().Leaf.NotAfter)
	case !told:
		c.log.Error("the certificate was not reloaded; the one in use stays until the files are right", "error", err)
	}
}

// warnOfEnd says once of a certificate that it ends soon.
func (c *certificate) warnOfEnd() {
	current := c.current.Load()
	if current == c.warned || c.now().Before(current.Leaf.NotAfter.Add(-expiresSoon)) {
		return
	}
	c.warned = current
	c.log.Warn("the certificate ends soon or has ended: renew it, the new files are read by themselves", "expires", current.Leaf.NotAfter)
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}
