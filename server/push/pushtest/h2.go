package pushtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// goAway is how a connection is ended (RFC 9113 section 6.8).
type goAway int

const (
	goAwayAfterThis  goAway = iota + 1 // streams up to the present one are answered
	goAwayBeforeThis                   // the present stream was not processed
	goAwayAbruptly                     // ENHANCE_YOUR_CALM, and the connection ends
)

const (
	streamWindow = 65535    // the default of RFC 9113 section 6.9.2
	connWindow   = 1 << 24  // what all bodies in flight may add up to
	keptBody     = 64 << 10 // octets of one request body that are kept
	drainTime    = 2 * time.Second
)

// h2Conn is the server side of one HTTP/2 connection (RFC 9113). Its goroutine
// is the one of serve, which reads frames; a request is handled by a goroutine
// of its own once its body is complete.
type h2Conn struct {
	ctx     context.Context
	cancel  context.CancelFunc
	conn    *tls.Conn
	handler http.Handler
	limit   uint32
	framer  *http2.Framer
	owed    uint32 // connection window to give back; of the reading goroutine
	running sync.WaitGroup

	writers atomic.Int32 // who writes or is about to: the last one flushes
	wmu     sync.Mutex   // guards what follows
	bw      *bufio.Writer
	encoded bytes.Buffer
	encoder *hpack.Encoder
	failed  error

	mu       sync.Mutex // guards what follows; taken after wmu, never before it
	room     *sync.Cond // a window grew, or a stream or the connection ended
	streams  map[uint32]*h2Stream
	last     uint32 // the highest stream begun
	goneAt   uint32 // streams above it are ignored after GOAWAY
	leaving  bool
	window   int64
	initial  int64
	maxFrame int
}

type h2Stream struct {
	id     uint32
	ctx    context.Context
	cancel context.CancelFunc
	req    *http.Request
	body   []byte
	window int64
	ended  bool
}

func newH2Conn(ctx context.Context, conn *tls.Conn, h http.Handler, limit uint32) *h2Conn {
	c := &h2Conn{
		conn: conn, handler: h, limit: limit, bw: bufio.NewWriterSize(conn, 16<<10),
		streams: map[uint32]*h2Stream{}, window: streamWindow, initial: streamWindow, maxFrame: 16384,
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.room = sync.NewCond(&c.mu)
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.framer = http2.NewFramer(c.bw, bufio.NewReaderSize(conn, 32<<10))
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	c.framer.MaxHeaderListSize = 64 << 10
	c.framer.SetReuseFrames()
	return c
}

// serve reads frames until the connection ends, then waits for its handlers.
func (c *h2Conn) serve() {
	stop := context.AfterFunc(c.ctx, func() { _ = c.conn.NetConn().Close() })
	defer stop()
	defer c.running.Wait()
	defer c.end()
	if err := c.greet(); err != nil {
		return
	}
	for {
		f, err := c.framer.ReadFrame()
		var bad http2.StreamError
		if errors.As(err, &bad) {
			c.write(func() error { return c.framer.WriteRSTStream(bad.StreamID, bad.Code) })
			c.drop(bad.StreamID)
			continue
		}
		if err == nil {
			err = c.read(f)
		}
		if err != nil {
			var broken http2.ConnectionError
			if errors.As(err, &broken) {
				c.write(func() error { return c.framer.WriteGoAway(c.lastStream(), http2.ErrCode(broken), nil) })
			}
			return
		}
	}
}

// greet reads the preface and announces the limits (RFC 9113 section 3.4).
func (c *h2Conn) greet() error {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c.conn, preface); err != nil {
		return err
	}
	if string(preface) != http2.ClientPreface {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	return c.write(func() error {
		if err := c.framer.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: c.limit}); err != nil {
			return err
		}
		return c.framer.WriteWindowUpdate(0, connWindow-streamWindow)
	})
}

// end closes the connection and frees whoever waits on it.
func (c *h2Conn) end() {
	c.mu.Lock()
	for id, st := range c.streams {
		c.forget(id, st)
	}
	c.room.Broadcast()
	c.mu.Unlock()
	c.cancel()
	_ = c.conn.Close()
}

func (c *h2Conn) read(f http2.Frame) error {
	switch f := f.(type) {
	case *http2.MetaHeadersFrame:
		return c.begin(f)
	case *http2.DataFrame:
		return c.data(f)
	case *http2.SettingsFrame:
		return c.settings(f)
	case *http2.WindowUpdateFrame:
		c.grow(f)
	case *http2.RSTStreamFrame:
		c.drop(f.StreamID)
	case *http2.PingFrame:
		if !f.IsAck() {
			return c.write(func() error { return c.framer.WritePing(true, f.Data) })
		}
	}
	return nil
}

// begin opens a stream (RFC 9113 section 5.1.1).
func (c *h2Conn) begin(f *http2.MetaHeadersFrame) error {
	c.mu.Lock()
	if st := c.streams[f.StreamID]; st != nil { // trailers
		c.mu.Unlock()
		c.run(st)
		return nil
	}
	if f.StreamID%2 == 0 || f.StreamID <= c.last {
		c.mu.Unlock()
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.last = f.StreamID
	ignore := c.leaving && f.StreamID > c.goneAt
	full := len(c.streams) >= int(c.limit)
	c.mu.Unlock()
	switch {
	case ignore:
		return nil
	case full:
		return c.write(func() error { return c.framer.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream) })
	}
	st := c.open(f)
	if f.StreamEnded() {
		c.run(st)
	}
	return nil
}

func (c *h2Conn) open(f *http2.MetaHeadersFrame) *h2Stream {
	st := &h2Stream{id: f.StreamID}
	st.ctx, st.cancel = context.WithCancel(c.ctx)
	r := &http.Request{
		Method: f.PseudoValue("method"), Host: f.PseudoValue("authority"), RequestURI: f.PseudoValue("path"),
		Proto: "HTTP/2.0", ProtoMajor: 2, Header: make(http.Header, 8), RemoteAddr: c.conn.RemoteAddr().String(),
	}
	var err error
	if r.URL, err = url.ParseRequestURI(r.RequestURI); err != nil {
		r.URL = &url.URL{Path: "/"}
	}
	for _, h := range f.RegularFields() {
		r.Header.Add(h.Name, h.Value)
	}
	st.req = r.WithContext(st.ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	st.window = c.initial
	c.streams[st.id] = st
	return st
}

// run hands a complete request to the handler.
func (c *h2Conn) run(st *h2Stream) {
	if st.ended {
		return
	}
	st.ended = true
	st.req.Body = io.NopCloser(bytes.NewReader(st.body))
	st.req.ContentLength = int64(len(st.body))
	c.running.Go(func() {
		w := &h2Writer{c: c, st: st, header: http.Header{}}
		c.handler.ServeHTTP(w, st.req)
		w.finish()
	})
}

// data takes a piece of a body and gives its window back (RFC 9113 section 6.9).
func (c *h2Conn) data(f *http2.DataFrame) error {
	c.owed += f.Length
	if c.owed >= connWindow/4 {
		owed := c.owed
		c.owed = 0
		if err := c.write(func() error { return c.framer.WriteWindowUpdate(0, owed) }); err != nil {
			return err
		}
	}
	c.mu.Lock()
	st := c.streams[f.StreamID]
	c.mu.Unlock()
	if st == nil || st.ended {
		return nil
	}
	if b := f.Data(); len(st.body)+len(b) <= keptBody {
		st.body = append(st.body, b...)
	} else if len(st.body) < keptBody {
		st.body = append(st.body, b[:keptBody-len(st.body)]...)
	}
	if f.StreamEnded() {
		c.run(st)
		return nil
	}
	if f.Length > 0 {
		return c.write(func() error { return c.framer.WriteWindowUpdate(f.StreamID, f.Length) })
	}
	return nil
}

func (c *h2Conn) settings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		return nil
	}
	// Encoding uses the table size too, hence both locks.
	return c.write(func() error {
		c.mu.Lock()
		err := f.ForeachSetting(c.setting)
		c.room.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return err
		}
		return c.framer.WriteSettingsAck()
	})
}

func (c *h2Conn) setting(v http2.Setting) error {
	if err := v.Valid(); err != nil {
		return err
	}
	switch v.ID {
	case http2.SettingInitialWindowSize:
		// RFC 9113 section 6.9.2: applies to the streams that exist, too.
		for _, st := range c.streams {
			st.window += int64(v.Val) - c.initial
		}
		c.initial = int64(v.Val)
	case http2.SettingMaxFrameSize:
		c.maxFrame = min(int(v.Val), 64<<10)
	case http2.SettingHeaderTableSize:
		c.encoder.SetMaxDynamicTableSizeLimit(v.Val)
	}
	return nil
}

func (c *h2Conn) grow(f *http2.WindowUpdateFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.StreamID == 0 {
		c.window += int64(f.Increment)
	} else if st := c.streams[f.StreamID]; st != nil {
		st.window += int64(f.Increment)
	}
	c.room.Broadcast()
}

// drop ends a stream without a word to the client.
func (c *h2Conn) drop(id uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if st := c.streams[id]; st != nil {
		c.forget(id, st)
		c.room.Broadcast()
	}
}

func (c *h2Conn) forget(id uint32, st *h2Stream) {
	delete(c.streams, id)
	st.cancel()
}

func (c *h2Conn) lastStream() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}
