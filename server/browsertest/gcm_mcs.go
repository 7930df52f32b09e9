package browsertest

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"
)

// The tags of MCS, Google's protocol for what a browser is told: frames of a
// tag, a length and a protocol buffer, after one byte with the version in each
// direction.
const (
	mcsVersion  = 41
	mcsPing     = 0
	mcsPong     = 1
	mcsLogin    = 2
	mcsWelcome  = 3
	mcsClose    = 4
	mcsData     = 8
	maxMCSFrame = 1 << 20
)

// gcmApp is the browser itself among the apps of a device.
const gcmApp = "org.chromium.linux"

// mcsConn is one connection of the browser. What is to be written goes through
// out, so that no lock is held while the network waits.
type mcsConn struct {
	out   chan []byte
	ctx   context.Context
	close context.CancelFunc
}

// accept serves connections until the listener closes.
func (g *GCM) accept() {
	for {
		conn, err := g.mcs.Accept()
		if err != nil {
			return
		}
		g.conns.Go(func() { g.talk(conn) })
	}
}

// talk serves the browser's connection until either side ends it.
func (g *GCM) talk(conn net.Conn) {
	ctx, cancel := context.WithCancel(g.ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { conn.Close() })
	c := &mcsConn{out: make(chan []byte, 1024), ctx: ctx, close: cancel}
	g.conns.Go(func() { c.write(conn) })
	defer g.leave(c)
	in := bufio.NewReader(conn)
	if version, err := in.ReadByte(); err != nil || version != mcsVersion {
		return
	}
	for {
		tag, err := readMCS(in)
		if err != nil || tag == mcsClose {
			return
		}
		switch tag {
		case mcsPing:
			c.send([]byte{mcsPong, 0})
		case mcsLogin:
			g.login(c)
		}
	}
}

// readMCS reads a frame. Of what the browser says its tag is enough.
func readMCS(in *bufio.Reader) (tag byte, err error) {
	if tag, err = in.ReadByte(); err != nil {
		return 0, err
	}
	size, err := binary.ReadUvarint(in)
	if err != nil {
		return 0, err
	}
	if size > maxMCSFrame {
		return 0, fmt.Errorf("a frame of %d bytes", size)
	}
	_, err = io.CopyN(io.Discard, in, int64(size))
	return tag, err
}

func (c *mcsConn) write(conn net.Conn) {
	defer c.close()
	for {
		select {
		case <-c.ctx.Done():
			return
		case frame := <-c.out:
			if _, err := conn.Write(frame); err != nil {
				return
			}
		}
	}
}

// send hands a frame to the writer; one that is full belongs to a dead connection.
func (c *mcsConn) send(frame []byte) {
	select {
	case c.out <- frame:
	default:
		c.close()
	}
}

func (g *GCM) leave(c *mcsConn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conn == c {
		g.conn = nil
		g.notify()
	}
}

// login welcomes the browser and hands it what waited for it.
func (g *GCM) login(c *mcsConn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var m protobuf
	m.text(1, "1")
	m.uint(8, uint64(time.Now().UnixMilli()))
	c.send(append([]byte{mcsVersion}, mcsFrame(mcsWelcome, m)...))
	g.conn = c
	for _, subscription := range g.tokens {
		g.deliver(subscription)
	}
	g.notify()
}

// deliver sends what waits on c, if the browser is there; the caller holds mu.
func (g *GCM) deliver(c *channel) {
	if g.conn == nil {
		c.expire(time.Now())
		return
	}
	for _, m := range c.queue {
		g.conn.send(mcsFrame(mcsData, c.stanza(m)))
	}
	c.queue = nil
}

// stanza is a DataMessageStanza.
func (c *channel) stanza(m *message) protobuf {
	var p protobuf
	p.text(3, c.key)  // from
	p.text(5, gcmApp) // category
	for _, pair := range [][2]string{{"content-encoding", "aes128gcm"}, {"subtype", c.id}} {
		var entry protobuf
		entry.text(1, pair[0])
		entry.text(2, pair[1])
		p.text(7, string(entry)) // app_data
	}
	p.text(9, m.version) // persistent_id
	p.uint(17, uint64(m.ttl/time.Second))
	p.uint(18, uint64(time.Now().UnixMilli())) // sent
	p.text(21, string(m.body))                 // raw_data
	p.uint(24, 1)                              // immediate_ack
	return p
}

func mcsFrame(tag byte, m protobuf) []byte {
	return append(binary.AppendUvarint([]byte{tag}, uint64(len(m))), m...)
}

// protobuf is a protocol buffer under construction.
type protobuf []byte

func (p *protobuf) uint(field int, v uint64) {
	*p = binary.AppendUvarint(binary.AppendUvarint(*p, uint64(field)<<3), v)
}

func (p *protobuf) fixed64(field int, v uint64) {
	*p = binary.LittleEndian.AppendUint64(binary.AppendUvarint(*p, uint64(field)<<3|1), v)
}

func (p *protobuf) text(field int, s string) {
	*p = append(binary.AppendUvarint(binary.AppendUvarint(*p, uint64(field)<<3|2), uint64(len(s))), s...)
}
