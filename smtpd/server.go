// SPDX-License-Identifier: MIT

package smtpd

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A Server receives mail on any number of listeners.
type Server struct {
	opts     Options
	buffers  *buffers
	ledger   *ledger
	stopping atomic.Bool
	stopped  chan struct{} // closed when stopping is set

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	cut       []context.CancelFunc // ends what the Inbox is doing for us
	wg        sync.WaitGroup       // of sessions; grows only under mu

	delivered, failed, turned atomic.Int64
}

// Stats are counts since the start.
type Stats struct {
	Sessions   int   // open now
	Delivered  int64 // messages that got their 250
	Failed     int64 // attempts that named an address and failed
	TurnedAway int64 // connections refused by a limit
}

// New returns a server that does not listen yet.
func New(o Options) *Server {
	o = o.withDefaults()
	return &Server{
		opts:      o,
		buffers:   newBuffers(),
		ledger:    newLedger(o.Limits),
		listeners: map[net.Listener]struct{}{},
		conns:     map[*conn]struct{}{},
		stopped:   make(chan struct{}),
	}
}

func (s *Server) isStopping() bool { return s.stopping.Load() }

// Stats may be called at any time.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Sessions:   len(s.conns),
		Delivered:  s.delivered.Load(),
		Failed:     s.failed.Load(),
		TurnedAway: s.turned.Load(),
	}
}

const (
	firstPause = 5 * time.Millisecond // after a failed Accept, doubled up to
	lastPause  = time.Second          // such as with no descriptors left
	turnAwayBy = time.Second          // a new socket takes 100 octets at once, or its owner gets none
)

// Serve accepts connections until ctx ends, l is closed or Shutdown is called;
// then it returns nil, and open sessions go on. The Inbox is called with the
// values of ctx but not with its end: Shutdown decides about open sessions.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	if !s.register(l, cut) {
		cut()
		return l.Close()
	}
	defer s.unregister(l)
	defer context.AfterFunc(ctx, func() { l.Close() })()
	pause := firstPause
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = firstPause
			s.admit(base, c)
		case s.stopping.Load() || ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return nil
		default:
			s.opts.Logger.Warn("cannot accept a connection", "err", err)
			wait(ctx, pause)
			pause = min(2*pause, lastPause)
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *Server) register(l net.Listener, cut context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		return false
	}
	s.listeners[l] = struct{}{}
	s.cut = append(s.cut, cut)
	return true
}

func (s *Server) unregister(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
	l.Close()
}

// admit starts the session of a new connection, or turns it away at once: a
// queue would let one client keep all others waiting.
func (s *Server) admit(ctx context.Context, nc net.Conn) {
	c := newConn(ctx, s, nc)
	if r := s.enter(c); r != "" {
		s.turned.Add(1)
		nc.SetWriteDeadline(time.Now().Add(turnAwayBy))
		nc.Write([]byte(r + "\r\n"))
		nc.Close()
		c.wire.release()
		return
	}
	go func() {
		defer s.leave(c)
		c.serve()
	}()
}

// enter counts the session. A trusted proxy is no client: whom it speaks for is
// counted when it has said so.
func (s *Server) enter(c *conn) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		return replyShutdown
	}
	if len(s.conns) >= s.opts.Limits.Sessions {
		return replyBusy
	}
	if !s.trusted(c.client.Addr()) {
		if r := c.enter(); r != "" {
			return r
		}
	}
	s.conns[c] = struct{}{}
	s.wg.Add(1)
	return ""
}

func (s *Server) leave(c *conn) {
	c.leave()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.wg.Done()
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.opts.ProxyFrom {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Shutdown stops listening, tells idle sessions 421 and lets a message that is
// being received finish and get its reply. When ctx ends first, it closes what
// is still open and returns the error of ctx. It may be called again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.stopping.Swap(true) {
		close(s.stopped)
	}
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.conns {
		c.wire.interrupt()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.raw.Close()
	}
	for _, cut := range s.cut {
		cut()
	}
	s.cut = nil
	return err
}
