package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// malformedSeed makes every request of TestMalformedRequests, together with its
// number: what failed once fails again.
const malformedSeed = 20260714

// TestMalformedRequests sends what no client should, to every route, mostly with
// good tokens: none of it is answered with 5xx, panics, or leaves anything behind
// in memory.
func TestMalformedRequests(t *testing.T) {
	n, stay := 10_000, 5
	if testing.Short() {
		n, stay = 300, 25 // so few do not start all that stays: workers, connections that are kept
	}
	d := newDesk(t, nil)
	d.deliver()
	d.show()
	m := newMutator(d)
	t.Logf("the seed is %d", malformedSeed)
	m.sendAll(0, n/10)
	heap, goroutines := m.memory(), runtime.NumGoroutine()
	m.sendAll(n/10, n)
	after := m.memory()
	if t.Logf("the heap: %d KiB, then %d", heap>>10, after>>10); after > heap+8<<20 {
		t.Error("the heap has grown")
	}
	waitFor(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines+stay })
	waitFor(t, "viewers to leave", func() bool { return d.server.hub.Viewers() == 0 })
	d.want("afterwards", d.ask("", "GET", "/readyz", ""), 200, "")
	for line := range strings.Lines(d.secrets.Log()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") {
			t.Errorf("logged: %.2000s", line)
		}
	}
	// That it reached handlers, and was not turned away at the door.
	t.Logf("answers by status: %v", m.statuses)
	for _, status := range []int{101, 200, 202, 400, 401, 403, 404, 405, 413, 415, 422} {
		if m.statuses[status] == 0 && !testing.Short() {
			t.Errorf("nothing was answered with %d", status)
		}
	}
}

// memory is what is in use, in bytes, without what the test keeps to be searched.
func (m *mutator) memory() int {
	http.DefaultClient.CloseIdleConnections()
	var stats runtime.MemStats
	for range 3 { // some of it is let go by finalizers
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc) - m.secrets.Size()
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("waited in vain for %s", what)
			return
		}
	}
}

// mutator makes bad requests out of good ones.
type mutator struct {
	*desk
	address string
	lines   []route
	ids     []string
	bodies  map[string]string // the document's examples, by operation

	mu       sync.Mutex
	statuses map[int]int
}

func newMutator(d *desk) *mutator {
	m := &mutator{desk: d, address: strings.TrimPrefix(d.url, "http://"), bodies: map[string]string{}, statuses: map[int]int{}}
	readDocument(d.T, d.url, d.secrets).each(func(op string, o *openapi3.Operation) { m.bodies[op] = sample(d.T, o) })
	m.lines = slices.DeleteFunc(d.server.routes(), func(line route) bool { return isFile(d.server, line) && line.pattern != "/{$}" })
	for _, line := range m.lines {
		if line.pattern == "/v1/deliveries/live" { // what follows an upgrade is another language
			m.lines = append(m.lines, line, line, line, line)
		}
	}
	id := d.made(d.ask("", "POST", "/subscription", d.subscription("")))
	m.ids = []string{id, d.notification("publish", ""), d.notification("news", `,"target":{"categories":["news"]}`), nobody(), "ops", "categories"}
	return m
}

// sendAll sends the requests with these numbers, several at a time.
func (m *mutator) sendAll(from, to int) {
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := from + worker; i < to; i += 8 {
				m.send(i)
			}
		})
	}
	all.Wait()
}

// bad is a request that is being made.
type bad struct {
	*rand.Rand
	*mutator
	line    route
	target  string
	version string
	headers []string
	body    []byte
	// cut: the client sends less than it says, and nothing more.
	cut     bool
	sockets []byte // what follows an upgrade
	// beyond: net/http itself may answer 501 and 505, to a transfer coding or a
	// version of HTTP that it does not know (RFC 9112 §6.1, RFC 9110 §15.6.6).
	beyond bool
}

func (m *mutator) send(i int) {
	b := &bad{Rand: rand.New(rand.NewPCG(malformedSeed, uint64(i))), mutator: m, line: m.lines[i%len(m.lines)], version: "HTTP/1.1"}
	raw := b.make()
	conn, err := net.Dial("tcp", m.address)
	if err != nil {
		m.Error(err)
		return
	}
	defer conn.Close()
	m.no(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	written := make(chan struct{})
	go func() { // the server may answer before it has read everything
		defer close(written)
		_, _ = conn.Write(raw)
		if b.cut {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
	}()
	in := bufio.NewReader(conn)
	asked := &http.Request{Method: b.line.method}
	res, err := http.ReadResponse(in, asked)
	if err == nil && res.StatusCode == http.StatusContinue {
		res, err = http.ReadResponse(in, asked)
	}
	if err == nil && res.StatusCode == http.StatusSwitchingProtocols {
		<-written
		_, _ = conn.Write(b.sockets)
		_ = conn.(*net.TCPConn).CloseWrite()
		_, err = io.Copy(io.Discard, in)
	} else if err == nil {
		var body []byte
		body, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
		m.judge(i, b, raw, res, body)
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		m.Errorf("request %d is not answered: %.300q", i, raw)
	}
	if res != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.statuses[res.StatusCode]++
	}
	_ = conn.Close()
	<-written
}

// judge: an answer is never 5xx. Storage works, nobody is there to fill the live
// log, so there is no reason for a 503, but to a client that will not say more:
// net/http takes it for one that has gone, and what is being done for it ends. 502
// is what /push_v1 says of a push service that refuses.
func (m *mutator) judge(i int, b *bad, raw []byte, res *http.Response, body []byte) {
	switch {
	case res.StatusCode < 500:
	case b.beyond && (res.StatusCode == http.StatusNotImplemented || res.StatusCode == http.StatusHTTPVersionNotSupported):
	case b.cut && res.StatusCode == http.StatusServiceUnavailable:
	case res.StatusCode == http.StatusBadGateway && b.line.pattern == "/push_v1":
	default:
		m.Errorf("request %d is answered with %d %.300s: %.1000q", i, res.StatusCode, body, raw)
	}
	m.secrets.Answer(res, string(body))
}

func (b *bad) chance(percent int) bool { return b.IntN(100) < percent }

func (b *bad) one(of ...string) string { return of[b.IntN(len(of))] }

func (b *bad) octets(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(b.Uint32())
	}
	return out
}

// make writes the request down.
func (b *bad) make() []byte {
	b.makeTarget()
	b.makeHeaders()
	b.makeBody()
	framing := b.frame()
	var out bytes.Buffer
	method := b.line.method
	if b.chance(3) {
		method = b.one("get", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", strings.Repeat("M", 5000), "G\x00T", "")
		b.line.method = "GET" // so that an answer's body is read
	}
	fmt.Fprintf(&out, "%s %s %s\r\n", method, b.target, b.version)
	for _, h := range append(b.headers, framing...) {
		out.WriteString(h + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(b.body)
	if b.chance(2) { // a request that ends anywhere
		b.cut = true
		return out.Bytes()[:b.IntN(out.Len())]
	}
	return out.Bytes()
}

// makeTarget is the path that the route has, or nearly so.
func (b *bad) makeTarget() {
	id := b.ids[b.IntN(len(b.ids))]
	if b.chance(15) {
		id = b.one("%00", "..%2f..%2f", "%2e%2e", "%ff%fe", "%", "%zz", "a%0d%0aX:y", strings.Repeat("9", 400), "-1", "18446744073709551616", "{id}", "%E2%80%AE", "null", strings.Repeat("a", 20000))
	}
	id = strings.ReplaceAll(id, "{token}", b.tokens["publish"])
	b.target = strings.NewReplacer("{id}", id, "{categoryId}", id, "{topic}", id, "{token}", b.tokens["publish"], "{$}", "").Replace(b.line.pattern)
	if b.line.scope == open {
		b.target += "?wait=0"
	}
	if b.chance(35) {
		sep := map[bool]string{true: "&", false: "?"}[strings.Contains(b.target, "?")]
		name := b.one("limit", "after", "since", "event", "status", "state", "wait", "auth", "authorization", "category", "template", "token", "priority", "delay", "title", "message", "tags", "actions", "q", "service", "%00", "a[]", ";", "=")
		value := b.one("", "-1", "0", "1e999", "99999999999999999999", "%00", "%ff", "x%zz", "%E2%80%AE", "a,b,,", "true", "null", "[]", "{}", "0x10", "2h", "-5s", "9999999h", "tomorrow", "%3Cscript%3E", strings.Repeat("x", 3000), "QmVhcmVyIHg", "view, x, :", "http, x, https://[::1")
		b.target += sep + name + "=" + value
	}
	switch {
	case !b.chance(12):
	case b.chance(50):
		b.target = b.one("/"+b.target, "//"+b.target, "/.."+b.target, "/./"+b.target, b.target+"/", b.target+"//", b.target+"/..", b.target+"%2f..%2f..", b.target+"%00", b.target+"/%2e%2e/%2e%2e/etc/passwd", strings.ToUpper(b.target), b.target+"#x", strings.Replace(b.target, "/", "\\", 1))
	default:
		b.target = b.one("http://"+b.address+b.target, "http://evil.example"+b.target, "https://user:pw@evil.example"+b.target, "http://[::1%25lo]"+b.target, "//evil.example"+b.target, "*", "", "?", "evil.example:443", "/"+strings.Repeat("a/", 9000), "/%"+strings.Repeat("25", 500), "/\x7f\x01", "/é", b.target+" x")
	}
}

func (b *bad) makeHeaders() {
	host := "Host: " + b.address
	if b.chance(4) {
		host = b.one("Host:", "Host: a b", "Host: evil.example\r\nHost: other.example", "X: y", "Host: [::1", "Host: "+strings.Repeat("h", 3000), "Host: \x00")
	}
	from := fmt.Sprintf("X-Forwarded-For: 10.%d.%d.%d", b.IntN(256), b.IntN(256), b.IntN(256))
	if b.chance(3) {
		from = "X-Forwarded-For: " + b.one("unknown", ",,,", "::ffff:10.0.0.1%eth0", strings.Repeat("10.0.0.1,", 500), "[::1]:99999", "\x80")
	}
	b.headers = append(b.headers, host, from)
	if b.chance(90) {
		b.headers = append(b.headers, "Authorization: Bearer "+b.tokens[b.one("admin", "admin", "admin", "admin", "publish", "news", "read")])
	} else if b.chance(80) {
		b.headers = append(b.headers, "Authorization: "+b.one("Bearer", "Bearer x y", "Basic !!!", "Basic Og==", "Basic "+strings.Repeat("QUFB", 500), "bearer\ttk_\x80", "Digest a=b", ", Bearer x"))
	}
	for b.chance(30) {
		b.headers = append(b.headers, b.one(
			"Cookie: recado_session=", "Cookie: recado_session="+strings.Repeat("x", 5000), "Cookie: ;=;\"=", "Origin: null", "Origin: \x80", "Origin: https://recado.example", "Sec-Fetch-Site: cross-site",
			"Idempotency-Key: "+strings.Repeat("k", b.IntN(400)), "Idempotency-Key: a\tb", "Accept: ,;q=,*/*;q=x", "Accept: application/json;q=0", "Expect: 100-continue", "Expect: nonsense", "Content-Encoding: gzip", "Content-Encoding: identity",
			"If-None-Match: \"", "Range: bytes=-1,5-,x", "X-Title: =?UTF-8?B?////?=", "X-Title: =?x?Q?=ZZ?=", "Title: \xff\xfe", "Priority: 9999999999999999999", "Priority: u=1, i", "Delay: -1s", "At: 99999999999999", "Actions: view, a; http, b,, method=\x7f", "Actions: [{\"action\":1}]",
			"Click: javascript:alert(1)", "Icon: data:x", "Attach: \x7f", "Tags: "+strings.Repeat("a,", 2000), "Markdown: perhaps", "X-Gotify-Key: x", "X-GitHub-Event: \xf0", "X-Hub-Signature-256: sha256=zz", "User-Agent: "+strings.Repeat("Mozilla/", 800),
			"Connection: close, X-Forwarded-For", "TE: trailers", "Trailer: Authorization", "Upgrade: h2c", "No-Colon", " folded: x", "Bad Name: x", ": x", "X: \x00", strings.Repeat("X-Many: y\r\n", 300)+"X-Many: z", "X-Long: "+strings.Repeat("z", 40000)))
	}
	if b.line.pattern == "/v1/deliveries/live" {
		b.makeUpgrade()
	}
	if b.chance(2) {
		b.version, b.beyond = b.one("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1 ", "http/1.1", "", "ICY"), true
	}
}

// makeUpgrade asks for a WebSocket, more or less, and prepares what follows.
func (b *bad) makeUpgrade() {
	if b.chance(70) {
		b.headers = append(b.headers, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	} else {
		b.headers = append(b.headers, b.one("Connection: Upgrade", "Connection: \xff", "Connection: upgrade, close"), b.one("Upgrade: websocket", "Upgrade: websocket, h2c", "Upgrade: x"),
			b.one("Sec-WebSocket-Version: 12", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13, 8"), b.one("Sec-WebSocket-Key: x", "Sec-WebSocket-Key: ", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: y", "Sec-WebSocket-Protocol: \x80"))
	}
	var frames bytes.Buffer
	for range b.IntN(6) {
		frames.Write(b.wsFrame())
	}
	b.sockets = frames.Bytes()
}

// wsFrame is one as RFC 6455 §5.2 has it, and wrong somewhere.
func (b *bad) wsFrame() []byte {
	if b.chance(15) {
		return b.octets(b.IntN(200))
	}
	payload := b.octets(b.IntN(126))
	if b.chance(60) {
		payload = []byte(b.one(`{"type":"filter"}`, `{"type":"filter","event":["sent"],"notification":5}`, `{"type":`, `[]`, "\xff", strings.Repeat("[", 120), `{"type":"filter","category":"\u0000"}`))
	}
	head := []byte{byte(b.IntN(256)), 0x80 | byte(len(payload))}
	if b.chance(60) {
		head[0] = []byte{0x81, 0x01, 0x00, 0x80, 0x82, 0x88, 0x89, 0x8a}[b.IntN(8)] // text, its fragments, binary, close, ping, pong
	}
	mask := b.octets(4)
	switch {
	case b.chance(10):
		head[1] &^= 0x80 // unmasked, and the mask is part of the payload
	case b.chance(10):
		head = append(head[:1], 0xff, byte(b.IntN(256)), 0, 0, 0, 0, 1, 0, 0) // some terabytes
	case b.chance(10):
		payload = b.octets(5000) // more than is read of one message
		head = append(head[:1], 0xfe, byte(len(payload)>>8), byte(len(payload)&255))
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return append(append(head, mask...), payload...)
}

// makeBody is the example of the route, spoilt, or something quite different.
func (b *bad) makeBody() {
	media := "application/json"
	switch kind := b.IntN(20); {
	case kind < 11:
		b.body = b.spoiltExample()
	case kind == 11:
		b.body = b.octets(b.IntN(3000))
	case kind == 12:
		depth := 1 + b.IntN(20000)
		b.body = []byte(b.one(strings.Repeat("[", depth), strings.Repeat(`{"a":`, depth), strings.Repeat("[", depth)+strings.Repeat("]", depth), `{"data":`+strings.Repeat("[", depth)+strings.Repeat("]", depth)+"}"))
	case kind == 13:
		b.body = []byte(b.one(`null`, `"`, `true`, `1e99999`, `-`, "\x00", "{}\x00", "\xef\xbb\xbf{}", `{"a":1}{"b":2}`, `{"a":1,}`, "{'a':1}", `{"":""}`, `{"title":"a","title":5}`, "\u2028"))
	case kind == 14:
		media = "application/x-www-form-urlencoded"
		b.body = []byte(b.one("a=%zz&b", "title=%00&message=%ff", "=&=&;", "message="+strings.Repeat("m", 5000), strings.Repeat("a&", 5000), "priority=1e9&message=x", "payload=%7B%22a%22"))
	case kind == 15:
		media = b.one("multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary="+strings.Repeat("y", 300), "multipart/mixed; boundary=x")
		b.body = []byte(b.one("--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhi\r\n--x--", "--x\r\n", "--x--", "--x\r\nContent-Disposition: form-data; name=\"\xff\"; filename=\"../../x\"\r\n\r\n"+strings.Repeat("f", 2000), strings.Repeat("--x\r\nA: b\r\n\r\n", 2000), "no boundary"))
	case kind == 16:
		media = b.one("text/plain", "application/xml", "", "application/json; charset=utf-16", "application/json; charset=\xff", "application/\x00", "a/b; c=\"d", strings.Repeat("x", 2000)+"/y")
		b.body = b.spoiltExample()
	case kind == 17 && b.chance(30):
		b.body = bytes.Repeat([]byte(b.one("x", `{"a":"`, "\xff", "é ")), 70_000+b.IntN(2)*1_000_000/2)
	}
	if b.line.method != "GET" || b.chance(20) {
		b.headers = append(b.headers, "Content-Type: "+media)
	} else {
		b.body = nil
	}
}

// spoiltExample is the document's example with some values put wrong.
func (b *bad) spoiltExample() []byte {
	text := b.bodies[b.line.method+" "+strings.TrimSuffix(b.line.pattern, "{$}")]
	if b.line.pattern == "/v1/session" {
		text = `{"token":"` + b.tokens["admin"] + `"}`
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil || text == "" {
		v = map[string]any{"title": "x", "message": "y", "topic": "ops", "text": text}
	}
	for range 1 + b.IntN(3) {
		v = b.spoil(v)
	}
	out, err := json.Marshal(v)
	if err != nil {
		b.Error(err)
	}
	switch {
	case b.chance(10):
		out = out[:b.IntN(len(out))]
	case b.chance(10):
		out[b.IntN(len(out))] = byte(b.Uint32())
	case b.chance(5):
		out = bytes.ReplaceAll(out, []byte(`\"`), []byte("\xff"))
	}
	return out
}

// spoil changes one value somewhere in v.
func (b *bad) spoil(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && b.chance(90) {
			name := slices.Sorted(maps.Keys(v))[b.IntN(len(v))]
			if b.chance(5) {
				v[b.one("", "\x00", "__proto__", strings.Repeat("k", 2000), "Title", name+" ")] = v[name]
				delete(v, name)
				return v
			}
			v[name] = b.spoil(v[name])
			return v
		}
	case []any:
		if len(v) > 0 && b.chance(80) {
			i := b.IntN(len(v))
			v[i] = b.spoil(v[i])
			return v
		}
	}
	huge := json.Number(b.one("1e400", "-0", "9223372036854775808", strings.Repeat("9", 2000), "0.1", "-1", "1e-400", "4294967296"))
	some := []any{
		nil, true, huge, huge, "", "\x00", "a\u202eb", "\U0010ffff", strings.Repeat("w", b.IntN(9000)), []any{}, []any{nil}, []any{[]any{[]any{1}}}, map[string]any{}, map[string]any{"": nil},
		"not a date", "2026-13-45T99:99:99Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00+99:99", "*/0 * * * *", "0 0 31 2 *", "Mars/Olympus", "../../etc/passwd",
		"https://", "http://[::1", "https://127.0.0.1:0/", "javascript:alert(1)", "https://a@b:c@d/", "https://xn--/", "file:///etc/passwd", "{{.}}", "{{template \"x\"}}", "{{", "{{range $}}{{end}}{{printf \"%1000000d\" 1}}", "{\"endpoint\":5}",
	}
	return some[b.IntN(len(some))]
}

// frame says how long the body is, not always truly.
func (b *bad) frame() (headers []string) {
	length := "Content-Length: " + strconv.Itoa(len(b.body))
	if !b.chance(12) {
		if len(b.body) > 0 || b.chance(50) {
			headers = append(headers, length)
		}
		return append(headers, "Connection: close")
	}
	chunked := "Transfer-Encoding: chunked"
	whole := fmt.Sprintf("%x\r\n%s\r\n", len(b.body), b.body)
	switch b.IntN(9) {
	case 0: // more than comes
		b.cut = true
		return []string{"Content-Length: " + strconv.Itoa(len(b.body)+1+b.IntN(1<<20))}
	case 1: // less, and so a second request of nonsense
		return []string{"Content-Length: " + strconv.Itoa(len(b.body)/2), "Connection: close"}
	case 2:
		return []string{b.one("Content-Length: -1", "Content-Length: +5", "Content-Length: 1e3", "Content-Length: 99999999999999999999", "Content-Length: 5, 6", "Content-Length: 0x10", "Content-Length:"), "Connection: close"}
	case 3: // request smuggling
		b.body = []byte(whole + "0\r\n\r\n")
		return []string{length, chunked}
	case 4:
		b.beyond = true
		return []string{b.one("Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding:\vchunked"), "Connection: close"}
	case 5: // the last chunk is missing
		b.body, b.cut = []byte(whole), true
		return []string{chunked}
	case 6:
		b.body, b.cut = []byte(b.one("zz\r\nx\r\n", "fffffffffffffffff\r\nx", "-1\r\n", "5\r\nab", strings.Repeat("0", 5000)+"\r\n", "3;"+strings.Repeat("e", 5000)+"\r\nabc\r\n0\r\n\r\n", "\r\n\r\n", "3\nabc\n0\n\n")), true
		return []string{chunked}
	case 7: // trailers
		b.body = []byte(whole + "0\r\nAuthorization: Bearer " + b.tokens["admin"] + "\r\nX: " + strings.Repeat("t", b.IntN(5000)) + "\r\n\r\n")
		return []string{chunked, "Connection: close"}
	}
	return []string{length, length, "Connection: close"}
}
