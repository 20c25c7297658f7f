// SPDX-License-Identifier: MIT

package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"time"

	"mailproof/evidence"
)

// A conn is one session: the front, which owns the socket, TLS and the framing
// of messages, and go-smtp behind it.
type conn struct {
	ctx    context.Context
	srv    *Server
	limits *Limits
	raw    net.Conn // the socket, below TLS
	wire   *wire
	log    transcript
	inner  *inner // nil before EHLO

	client  netip.AddrPort // whom the evidence is about
	counted bool           // in the ledger
	until   time.Time      // absolute end of the session
	tls     *evidence.TLS
	helo    string
	ehlo    bool
	early   bool // talked before it was its turn
	tx      transaction

	// Of the command being run.
	path     string // of MAIL or RCPT, as on the wire
	refusal  reply  // what the session refused it with
	oversize bool   // the last MAIL was refused for its SIZE=
	scratch  []byte

	errors, commands, bad, attempts int
}

// An ending is why a session is over.
type ending struct {
	reply  reply  // last words; none if empty
	reason string // for the attempt, if an address was named
	linger bool   // the client may still be sending: let it read the reply
}

func newConn(ctx context.Context, s *Server, nc net.Conn) *conn {
	c := &conn{
		ctx:    ctx,
		srv:    s,
		limits: &s.opts.Limits,
		raw:    nc,
		wire:   newWire(nc, s.buffers, s.opts.Limits.Write),
		client: peerOf(nc.RemoteAddr()),
	}
	c.log.began = time.Now()
	c.until = c.log.began.Add(c.limits.Session)
	c.wire.stopped = s.isStopping
	return c
}

// peerOf is the address of a socket, unmapped; the zero value if it has none.
func peerOf(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	ap, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func (c *conn) enter() reply {
	r := c.srv.ledger.enter(c.client.Addr())
	c.counted = r == ""
	return r
}

func (c *conn) leave() {
	if c.counted {
		c.srv.ledger.leave(c.client.Addr())
	}
}

// serve runs the whole session.
func (c *conn) serve() {
	defer c.wire.release()
	defer c.raw.Close()
	c.finish(c.run())
}

// run returns how the session ended. A crash ends this session only.
func (c *conn) run() (e *ending) {
	defer func() {
		if p := recover(); p != nil {
			c.srv.opts.Logger.Error("smtp session crashed", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			e = &ending{reply: replyCrashed, reason: reasonRefused}
		}
	}()
	for e = c.welcome(); e == nil; {
		e = c.command()
	}
	return e
}

func (c *conn) welcome() *ending {
	if !c.counted {
		if e := c.proxied(); e != nil {
			return e
		}
	}
	c.early = len(c.wire.unread()) > 0
	c.say(reply("220 " + c.srv.opts.Hostname + " ESMTP Mailproof"))
	c.log.settle()
	return nil
}

// finish says the last words, records what failed and frees everything.
func (c *conn) finish(e *ending) {
	c.srv.opts.Logger.Debug("smtp session over", "client", c.client, "reply", string(e.reply), "reason", e.reason)
	c.fail(e.reason, e.reply)
	if e.reply != "" {
		c.say(e.reply)
	}
	if c.inner != nil {
		c.inner.stop()
	}
	c.tx.drop(c)
	if c.wire.flush() == nil && e.linger {
		c.linger()
	}
	c.wire.Close()
}

// linger reads on for a while without looking: closing with unread octets
// resets the connection, and the client would never see our reply.
func (c *conn) linger() {
	if w, ok := c.raw.(interface{ CloseWrite() error }); ok && c.tls == nil {
		w.CloseWrite()
	}
	c.raw.SetReadDeadline(time.Now().Add(c.limits.Linger))
	c.wire.grow()
	for left := c.limits.MessageSize + c.limits.Drain; left > 0 && !c.srv.stopping.Load(); {
		n, err := c.raw.Read(c.wire.buf)
		if err != nil {
			return
		}
		left -= int64(n)
	}
}

// say queues a reply and records it.
func (c *conn) say(r reply) {
	if r.syntax() {
		c.errors++
	}
	c.log.server(r)
	c.wire.put(string(r))
}

// broken says how a session ends that can read or write no more. slow is the
// reply to a client that was too slow.
func (c *conn) broken(err error, slow reply) *ending {
	switch {
	case errors.Is(err, errLineTooLong):
		c.log.note("(line of more than %d octets)", c.limits.CommandLine)
		return &ending{reply: replyLineTooLong, reason: reasonBadData, linger: true}
	case errors.Is(err, errStopped):
		return &ending{reply: replyShutdown, reason: reasonRefused}
	case errors.Is(err, os.ErrDeadlineExceeded):
		switch {
		case c.wire.interrupted():
			return &ending{reply: replyShutdown, reason: reasonRefused}
		case !time.Now().Before(c.until):
			return &ending{reply: replySessionOver, reason: reasonTimedOut}
		}
		return &ending{reply: slow, reason: reasonTimedOut}
	case !errors.Is(err, io.EOF):
		c.srv.opts.Logger.Debug("smtp connection lost", "client", c.client, "err", err)
	}
	return &ending{reason: reasonBrokenOff}
}

// by is the deadline of something that may take d, within the session's own.
func (c *conn) by(d time.Duration) time.Time {
	t := time.Now().Add(d)
	if c.until.Before(t) {
		return c.until
	}
	return t
}

// evidence is what was observed so far; last is a reply about to be sent.
func (c *conn) evidence(last reply) evidence.Session {
	s := evidence.Session{
		ClientIP:    c.client.Addr(),
		ClientPort:  c.client.Port(),
		Helo:        c.helo,
		EHLO:        c.ehlo,
		MailFrom:    c.tx.from,
		HasMailFrom: c.tx.open,
		TLS:         c.tls,
		TLSKnown:    true,
		TLSOffered:  c.srv.opts.TLS != nil,
		SMTPUTF8:    c.tx.utf8,
		BodyType:    c.tx.body,
		Size:        c.tx.size,
		Dialogue:    c.log.lines(last),
		EarlyTalk:   c.early,
	}
	if len(c.tx.rcpts) > 0 {
		s.RcptTo = c.tx.rcpts[0]
	}
	return s
}
