// SPDX-License-Identifier: MIT

package smtpd

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// An inner is go-smtp behind the front: grammar, parameters, states. It is one
// goroutine that runs only while the front waits for it, so the two share
// memory without locks; handing over costs two channel operations and no
// system call. It is the net.Conn that go-smtp sees.
type inner struct {
	in     []byte // not yet read by go-smtp
	out    []byte // said by go-smtp
	wake   chan struct{}
	idle   chan struct{} // go-smtp wants input, or has closed
	closed bool          // by go-smtp
	over   bool          // by the front
}

// startInner begins a fresh session of go-smtp, as after connecting and again
// after STARTTLS, and returns when it has greeted.
func startInner(s smtp.Session, o *Options) *inner {
	in := &inner{wake: make(chan struct{}), idle: make(chan struct{}, 1)}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return s, nil }))
	srv.Domain = o.Hostname
	srv.ErrorLog = innerLog{o.Logger}
	srv.EnableSMTPUTF8 = true
	srv.MaxMessageBytes = o.Limits.MessageSize
	srv.MaxRecipients = o.Limits.Recipients
	srv.MaxLineLength = 2 * smallBuffer // the front's own limit is lower
	l := oneShot{conn: make(chan net.Conn, 1)}
	l.conn <- in
	close(l.conn)
	srv.Serve(l) // starts one goroutine and returns at the second Accept
	<-in.idle
	return in
}

// exchange hands one line, with its end, to go-smtp and returns all it says to
// it; nothing if it has closed.
func (in *inner) exchange(line []byte) []byte {
	if in.closed {
		return nil
	}
	in.in, in.out = line, in.out[:0]
	in.wake <- struct{}{}
	<-in.idle
	return in.out
}

// stop ends the session and its goroutine.
func (in *inner) stop() {
	if in.closed {
		return
	}
	in.over = true
	in.wake <- struct{}{}
	<-in.idle
}

// Read is where go-smtp waits for the front.
func (in *inner) Read(p []byte) (int, error) {
	if len(in.in) == 0 && !in.closed && !in.over {
		in.idle <- struct{}{}
		<-in.wake
	}
	if in.closed || in.over {
		return 0, io.EOF
	}
	n := copy(p, in.in)
	in.in = in.in[n:]
	return n, nil
}

func (in *inner) Write(p []byte) (int, error) {
	in.out = append(in.out, p...)
	return len(p), nil
}

func (in *inner) Close() error {
	if !in.closed {
		in.closed = true
		in.idle <- struct{}{}
	}
	return nil
}

func (in *inner) LocalAddr() net.Addr              { return pipeAddr{} }
func (in *inner) RemoteAddr() net.Addr             { return pipeAddr{} }
func (in *inner) SetDeadline(time.Time) error      { return nil }
func (in *inner) SetReadDeadline(time.Time) error  { return nil }
func (in *inner) SetWriteDeadline(time.Time) error { return nil }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "front" }
func (pipeAddr) String() string  { return "front" }

// oneShot is a listener with one connection: Serve returns at the second Accept
// instead of keeping a goroutine for every session.
type oneShot struct{ conn chan net.Conn }

func (l oneShot) Accept() (net.Conn, error) {
	if c, ok := <-l.conn; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l oneShot) Close() error   { return nil }
func (l oneShot) Addr() net.Addr { return pipeAddr{} }

// innerLog takes what go-smtp reports: a panic of a session, with its stack.
type innerLog struct{ log *slog.Logger }

func (l innerLog) Printf(format string, v ...any) {
	l.log.Error("smtp session crashed", "detail", fmt.Sprintf(format, v...))
}
func (l innerLog) Println(v ...any) { l.log.Error("smtp session crashed", "detail", fmt.Sprint(v...)) }
