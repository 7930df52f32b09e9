package pushtest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

var errStreamEnded = errors.New("the stream has ended")

// write runs f, which writes frames, and flushes unless another writer follows
// at once, so that many small answers share a TLS record.
func (c *h2Conn) write(f func() error) error {
	c.writers.Add(1)
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if c.failed == nil {
		c.failed = f()
	}
	if c.writers.Add(-1) == 0 && c.failed == nil {
		c.failed = c.bw.Flush()
	}
	return c.failed
}

// h2Writer answers one stream. It is used by one goroutine.
type h2Writer struct {
	c      *h2Conn
	st     *h2Stream
	header http.Header
	status int
	sent   bool // the HEADERS frame is out
	done   bool // nothing more may be written
}

func (w *h2Writer) Header() http.Header { return w.header }

func (w *h2Writer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Flush sends what there is; the caller learns of a lost stream at the next Write.
func (w *h2Writer) Flush() { _ = w.sendHeader(false) }

func (w *h2Writer) Write(b []byte) (int, error) {
	if err := w.sendHeader(false); err != nil {
		return 0, err
	}
	for sent := 0; sent < len(b); {
		n, err := w.c.take(w.st, len(b)-sent)
		if err != nil {
			return sent, err
		}
		piece := b[sent : sent+n]
		if err := w.c.write(func() error { return w.c.framer.WriteData(w.st.id, false, piece) }); err != nil {
			return sent, err
		}
		sent += n
	}
	return len(b), nil
}

// take waits for room in both windows and takes up to n octets of it.
func (c *h2Conn) take(st *h2Stream, n int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for st.ctx.Err() == nil {
		if k := min(int64(n), int64(c.maxFrame), c.window, st.window); k > 0 {
			c.window -= k
			st.window -= k
			return int(k), nil
		}
		c.room.Wait()
	}
	return 0, errStreamEnded
}

func (w *h2Writer) sendHeader(end bool) error {
	if w.done || w.st.ctx.Err() != nil {
		return errStreamEnded
	}
	if w.sent {
		return nil
	}
	w.sent = true
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.c.write(func() error {
		return w.c.framer.WriteHeaders(http2.HeadersFrameParam{
			StreamID: w.st.id, BlockFragment: w.c.encode(w.status, w.header), EndStream: end, EndHeaders: true,
		})
	})
}

// encode is called with the write lock held: frames must go out in the order
// in which they changed the compression table.
func (c *h2Conn) encode(status int, h http.Header) []byte {
	c.encoded.Reset()
	field := func(name, value string) {
		// Writing to a bytes.Buffer does not fail.
		_ = c.encoder.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	field(":status", strconv.Itoa(status))
	for name, values := range h {
		for _, v := range values {
			field(strings.ToLower(name), v)
		}
	}
	return c.encoded.Bytes()
}

// finish ends the stream when its handler has returned.
func (w *h2Writer) finish() {
	defer w.c.close(w.st)
	if w.done || w.st.ctx.Err() != nil {
		return
	}
	if !w.sent {
		_ = w.sendHeader(true)
		return
	}
	_ = w.c.write(func() error { return w.c.framer.WriteData(w.st.id, true, nil) })
}

// close forgets a stream, and with the last one a connection that leaves.
func (c *h2Conn) close(st *h2Stream) {
	c.mu.Lock()
	c.forget(st.id, st)
	last := c.leaving && len(c.streams) == 0
	c.mu.Unlock()
	if last {
		c.drain()
	}
}

// drain ends our side and leaves the client a moment to end its own: closing
// at once would reset the connection and could take our last frames with it.
func (c *h2Conn) drain() {
	_ = c.conn.CloseWrite()
	_ = c.conn.SetReadDeadline(time.Now().Add(drainTime))
}

// reset ends the stream with RST_STREAM (RFC 9113 section 5.4.2).
func (w *h2Writer) reset(refuse bool) {
	code := http2.ErrCodeInternal
	if refuse {
		code = http2.ErrCodeRefusedStream
	}
	if w.done || w.st.ctx.Err() != nil {
		return
	}
	w.done = true
	_ = w.c.write(func() error { return w.c.framer.WriteRSTStream(w.st.id, code) })
}

// goAway announces the end of the connection (RFC 9113 section 6.8).
func (w *h2Writer) goAway(how goAway) {
	c, code := w.c, http2.ErrCodeNo
	c.mu.Lock()
	if !c.leaving {
		c.goneAt = c.last
	}
	// GOAWAY cannot leave out a stream without all later ones, which may have
	// been processed: then this one is refused by itself.
	alone := how == goAwayBeforeThis && w.st.id == c.last
	if alone {
		c.goneAt = min(c.goneAt, max(w.st.id, 2)-2)
	}
	if how == goAwayAbruptly {
		code = http2.ErrCodeEnhanceYourCalm
	}
	c.leaving = true
	at := c.goneAt
	c.mu.Unlock()
	if how == goAwayBeforeThis && !alone {
		w.reset(true)
	}
	w.done = w.done || how != goAwayAfterThis
	_ = c.write(func() error { return c.framer.WriteGoAway(at, code, nil) })
	if how == goAwayAbruptly {
		c.drain()
	}
}
