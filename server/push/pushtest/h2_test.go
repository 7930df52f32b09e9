package pushtest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Many streams at once with scripted trouble between: everything is answered,
// and a sender that repeats what was refused loses nothing and repeats nothing.
func TestConcurrentStreams(t *testing.T) {
	const n = 300
	s := Start(t, Options{HTTP2: true, MaxConcurrentStreams: 20, CheckDuplicates: true})
	x, subs := newSender(t, s), s.SubscribeN(3, true)
	var turn int
	s.Decide(func(*Subscription) *Step {
		turn++
		switch turn % 100 {
		case 10:
			return &Step{RefuseStream: true}
		case 30:
			return &Step{GoAway: true}
		}
		return nil
	})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			res, err := x.send(limit(t), subs[i%3], fmt.Sprintf(`{"id":"%d"}`, i), nil)
			if err != nil {
				t.Errorf("message %d: %v", i, err)
				return
			}
			_ = res.Body.Close()
		})
	}
	all.Wait()
	if sum := s.Summary(); sum.Unique != n || sum.Duplicates != 0 || sum.Violations != 0 {
		t.Errorf("%+v %q", sum, s.Violations())
	}
	if got := s.CountOf(subs[0]); got != n/3 {
		t.Errorf("%d for the first", got)
	}
}

// rawH2 is a client that speaks frames.
type rawH2 struct {
	t  *testing.T
	c  *tls.Conn
	fr *http2.Framer
}

func dialH2(t *testing.T, s *Server) *rawH2 {
	t.Helper()
	c, err := tls.Dial("tcp", s.URL()[len("https://"):], &tls.Config{RootCAs: s.Pool(), NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	r := &rawH2{t, c, http2.NewFramer(c, bufio.NewReader(c))}
	r.must(r.fr.WriteSettings())
	return r
}

func (r *rawH2) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// next returns the next frame of the type.
func (r *rawH2) next(want http2.FrameType) http2.Frame {
	r.t.Helper()
	for {
		f, err := r.fr.ReadFrame()
		r.must(err)
		if f.Header().Type == want {
			return f
		}
	}
}

func (r *rawH2) request(id uint32, end bool) {
	r.t.Helper()
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range [][2]string{{":method", "POST"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", "/push/x"}} {
		r.must(e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}))
	}
	r.must(r.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: b.Bytes(), EndHeaders: true, EndStream: end}))
}

func TestFrames(t *testing.T) {
	s := Start(t, Options{HTTP2: true, MaxConcurrentStreams: 1})
	r := dialH2(t, s)
	limit, ok := r.next(http2.FrameSettings).(*http2.SettingsFrame).Value(http2.SettingMaxConcurrentStreams)
	if !ok || limit != 1 {
		t.Errorf("stream limit %d", limit)
	}
	r.must(r.fr.WritePing(false, [8]byte{7}))
	if p := r.next(http2.FramePing).(*http2.PingFrame); !p.IsAck() || p.Data[0] != 7 {
		t.Errorf("ping answered with %v", p)
	}
	r.request(1, false)
	r.request(3, true) // one too many
	if f := r.next(http2.FrameRSTStream).(*http2.RSTStreamFrame); f.StreamID != 3 || f.ErrCode != http2.ErrCodeRefusedStream {
		t.Errorf("stream 3: %v", f)
	}
	r.must(r.fr.WriteData(1, true, []byte("x")))
	if f := r.next(http2.FrameHeaders); f.Header().StreamID != 1 {
		t.Errorf("stream 1: %v", f)
	}
	r.request(2, true) // a client's streams have odd numbers
	if f := r.next(http2.FrameGoAway).(*http2.GoAwayFrame); f.ErrCode != http2.ErrCodeProtocol {
		t.Errorf("stream 2: %v", f)
	}
}

func TestGoAwayIgnoresLaterStreams(t *testing.T) {
	s := Start(t, Options{HTTP2: true})
	s.Decide(func(*Subscription) *Step { return &Step{GoAway: true, RefuseStream: true} })
	r := dialH2(t, s)
	r.request(1, false)
	r.request(3, true)
	if f := r.next(http2.FrameGoAway).(*http2.GoAwayFrame); f.LastStreamID != 1 || f.ErrCode != http2.ErrCodeNo {
		t.Errorf("got %v, last stream %d", f, f.LastStreamID)
	}
	r.request(5, true)
	s.Decide(nil)
	r.must(r.fr.WriteData(1, true, nil))
	if f := r.next(http2.FrameHeaders); f.Header().StreamID != 1 {
		t.Errorf("got %v", f)
	}
	for {
		f, err := r.fr.ReadFrame()
		if err == io.EOF {
			return
		}
		r.must(err)
		if f.Header().StreamID == 5 {
			t.Errorf("an ignored stream got %v", f)
		}
	}
}

func TestStats(t *testing.T) {
	s := Start(t, Options{HTTP2: true})
	x := newSender(t, s)
	res, err := x.client.Get(s.URL() + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK || !bytes.Contains(b, []byte(`"max_in_flight":0`)) {
		t.Errorf("%d %s", res.StatusCode, b)
	}
}
