// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"time"
)

const (
	// smallBuffer holds any command line and most short mails; an idle session
	// keeps two of them.
	smallBuffer = 4 << 10
	// bigBuffer is taken while a message fills the small one: few system calls
	// for a large message, little memory for many idle sessions.
	bigBuffer = 64 << 10
	// rearm is how early a deadline may strike, so that a busy session does
	// not set a timer for every line.
	rearm = time.Second
)

var errLineTooLong = errors.New("line too long")

// buffers are pooled for all sessions of a server.
type buffers struct{ small, big sync.Pool }

func newBuffers() *buffers {
	return &buffers{
		small: sync.Pool{New: func() any { return new([smallBuffer]byte) }},
		big:   sync.Pool{New: func() any { return new([bigBuffer]byte) }},
	}
}

// A wire is a connection with its buffers and deadlines. Replies are sent
// together when the client has nothing more waiting for us (RFC 2920 §3.2).
type wire struct {
	net.Conn          // TLS once it is on
	raw      net.Conn // the socket
	pool     *buffers
	small    *[smallBuffer]byte
	big      *[bigBuffer]byte // nil: not taken
	buf      []byte           // of one of the two; buf[r:w] is unread
	r, w     int
	out      []byte
	lost     error // of an earlier write: it is not tried again

	timeout time.Duration // of a write
	mu      sync.Mutex    // orders deadlines with interrupt
	readBy  time.Time
	writeBy time.Time
	stopped func() bool // an interrupt is due; nil while in a message
}

func newWire(c net.Conn, pool *buffers, timeout time.Duration) *wire {
	w := &wire{Conn: c, raw: c, pool: pool, timeout: timeout, small: pool.small.Get().(*[smallBuffer]byte)}
	w.buf = w.small[:]
	return w
}

// release gives the buffers back.
func (w *wire) release() {
	w.pool.small.Put(w.small)
	if w.big != nil {
		w.pool.big.Put(w.big)
	}
	w.small, w.big, w.buf, w.r, w.w = nil, nil, nil, 0, 0
}

// unread is what has come but is not yet used.
func (w *wire) unread() []byte { return w.buf[w.r:w.w] }

// line reads one command line by the deadline, without its end. The octets are
// valid until the next read.
func (w *wire) line(limit int, by time.Time) ([]byte, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(w.buf[w.r+seen:w.w], '\n'); i >= 0 {
			l := w.buf[w.r : w.r+seen+i]
			w.r += seen + i + 1
			if n := len(l); n > 0 && l[n-1] == '\r' {
				l = l[:n-1]
			}
			if len(l) > limit {
				return nil, errLineTooLong
			}
			return l, nil
		}
		if seen = w.w - w.r; seen >= limit+2 || seen >= smallBuffer {
			return nil, errLineTooLong
		}
		if err := w.fill(by); err != nil {
			return nil, err
		}
	}
}

// fill sends what is waiting to be sent and reads some more, at least one octet.
func (w *wire) fill(by time.Time) error {
	if err := w.flush(); err != nil {
		return err
	}
	if w.r > 0 {
		w.w = copy(w.buf, w.buf[w.r:w.w])
		w.r = 0
	}
	if err := w.readDeadline(by); err != nil {
		return err
	}
	n, err := w.Read(w.buf[w.w:])
	w.w += n
	if n > 0 {
		return nil
	}
	return err
}

// grow swaps in the big buffer, shrink swaps it out if what is unread fits.
func (w *wire) grow() {
	if w.big == nil {
		w.big = w.pool.big.Get().(*[bigBuffer]byte)
		w.swap(w.big[:])
	}
}

func (w *wire) shrink() {
	if w.big != nil && w.w-w.r <= smallBuffer/2 {
		w.swap(w.small[:])
		w.pool.big.Put(w.big)
		w.big = nil
	}
}

func (w *wire) swap(buf []byte) {
	w.w = copy(buf, w.buf[w.r:w.w])
	w.r, w.buf = 0, buf
}

// put queues a line to be sent.
func (w *wire) put(line string) {
	w.out = append(append(w.out, line...), '\r', '\n')
}

// flush sends what is queued; a client that does not take it loses its session.
func (w *wire) flush() error {
	if len(w.out) == 0 || w.lost != nil {
		return w.lost
	}
	if by := time.Now().Add(w.timeout); by.Sub(w.writeBy) > rearm {
		w.writeBy = by
		if err := w.raw.SetWriteDeadline(by); err != nil {
			return err
		}
	}
	_, w.lost = w.Write(w.out)
	w.out = w.out[:0]
	return w.lost
}

// errStopped: the read was not begun, or was ended, by interrupt.
var errStopped = errors.New("server is stopping")

func (w *wire) readDeadline(by time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped != nil && w.stopped() {
		return errStopped
	}
	if d := by.Sub(w.readBy); 0 <= d && d < rearm {
		return nil
	}
	w.readBy = by
	return w.raw.SetReadDeadline(by)
}

// interrupt ends a read that waits for a command, now or as soon as one would
// begin; one within a message goes on.
func (w *wire) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped != nil {
		w.readBy = time.Unix(1, 0)
		w.raw.SetReadDeadline(w.readBy)
	}
}

// setStopped says what a read asks before it waits; nil while in a message.
func (w *wire) setStopped(f func() bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = f
}

// interrupted: a read was ended by interrupt, not by its own deadline.
func (w *wire) interrupted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped != nil && w.stopped()
}
