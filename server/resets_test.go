package server

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Over HTTP/2 a client may ask for a hundred things at once and no more; one that
// asks and takes back without end makes no more work than that, and leaves nothing.
func TestRapidResets(t *testing.T) {
	d := newDesk(t, nil)
	config := d.server.httpServer(d.server.handler())
	web := httptest.NewUnstartedServer(nil)
	web.Config, web.EnableHTTP2 = &config, true
	web.StartTLS()
	defer web.Close()
	before := runtime.NumGoroutine()
	conn, err := tls.Dial("tcp", web.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	d.no(err)
	defer conn.Close()
	d.no(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	_, err = io.WriteString(conn, http2.ClientPreface)
	d.no(err)
	framer := http2.NewFramer(conn, conn)
	d.no(framer.WriteSettings())
	allowed := make(chan uint32, 1)
	ended := make(chan error, 1)
	go func() {
		for {
			f, err := framer.ReadFrame()
			if err != nil {
				ended <- err
				return
			}
			if settings, ok := f.(*http2.SettingsFrame); ok && !settings.IsAck() {
				n, _ := settings.Value(http2.SettingMaxConcurrentStreams)
				allowed <- n
			}
		}
	}()
	if n := <-allowed; n != maxStreams {
		t.Errorf("%d streams at once", n)
	}
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, h := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "recado"}, {":path", "/v1/pushnotification"}, {"authorization", "Bearer " + d.tokens["read"]}} {
		d.no(encoder.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]}))
	}
	resets, many := 0, 20_000
	if testing.Short() {
		many = 1000
	}
	for ; resets < many && err == nil; resets++ {
		id := uint32(2*resets + 1)
		if err = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true}); err == nil {
			err = framer.WriteRSTStream(id, http2.ErrCodeCancel)
		}
		if n := runtime.NumGoroutine() - before; n > maxStreams+100 {
			t.Fatalf("%d goroutines after %d resets", n, resets)
		}
	}
	_ = conn.Close()
	t.Logf("%d resets, then %v; the server's end: %v", resets, err, <-ended)
	res, err := web.Client().Get(web.URL + "/readyz")
	d.no(err)
	if d.no(res.Body.Close()); res.ProtoMajor != 2 {
		t.Errorf("afterwards: %s by %s", res.Status, res.Proto)
	}
	web.Client().CloseIdleConnections()
	waitFor(t, "requests to end", func() bool { return runtime.NumGoroutine() <= before+5 })
}
