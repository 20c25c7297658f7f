// SPDX-License-Identifier: MIT

// Package zoned serves what a dns.Resolver knows, such as a zone file, as a real
// DNS server over UDP and TCP. The demo and tests ask it over loopback; it is
// not made for the Internet.
package zoned

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"mailproof/dns"
)

// Options change how a Server answers. The zero value answers at once.
type Options struct {
	// Delay is waited before each answer, as a distant server would take.
	Delay time.Duration
}

// A Server answers questions until it is closed.
type Server struct {
	zone   dns.Resolver
	delay  time.Duration
	addr   string
	ctx    context.Context // of all lookups; ends with the server
	cancel context.CancelFunc
	udp    *wire.Server
	tcp    *wire.Server

	mu    sync.Mutex
	asked map[Question]int
}

// A Question is what a Server counts: the name in lower case and without its
// last dot, the type, and whether it came over TCP.
type Question struct {
	Name string
	Type dns.Type
	TCP  bool
}

// bindTries is how often another port is taken when the one that the system
// gave for TCP is in use for UDP.
const bindTries = 10

// readBuffer holds the datagrams of a burst: many analyses start at once, and a
// lost question costs its asker seconds.
const readBuffer = 4 << 20

// Serve starts a server for zone at addr, such as "127.0.0.1:0", on the same
// port for UDP and TCP. It ends with ctx or by Close. Errors of zone become
// SERVFAIL, REFUSED or, for Timeout, silence.
func Serve(ctx context.Context, zone dns.Resolver, addr string, o Options) (*Server, error) {
	l, c, err := listen(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("listen for DNS at %s: %w", addr, err)
	}
	s := &Server{zone: zone, delay: o.Delay, addr: l.Addr().String(), asked: make(map[Question]int)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	ready := make(chan error, 2)
	started := func() { ready <- nil }
	s.tcp = &wire.Server{Listener: l, Handler: wire.HandlerFunc(s.answer(true)), NotifyStartedFunc: started}
	s.udp = &wire.Server{PacketConn: c, Handler: wire.HandlerFunc(s.answer(false)), NotifyStartedFunc: started}
	for _, w := range []*wire.Server{s.tcp, s.udp} {
		go func() {
			if err := w.ActivateAndServe(); err != nil {
				select {
				case ready <- err:
				default: // it had started; what ends it now is Close
				}
			}
		}()
	}
	if err := errors.Join(<-ready, <-ready); err != nil {
		_, _ = l.Close(), c.Close()
		s.cancel()
		return nil, fmt.Errorf("serve DNS at %s: %w", s.addr, err)
	}
	context.AfterFunc(s.ctx, func() { _ = s.Close() })
	return s, nil
}

// listen takes one port for both.
func listen(ctx context.Context, addr string) (net.Listener, net.PacketConn, error) {
	var lc net.ListenConfig
	var last error
	for range bindTries {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return nil, nil, err
		}
		c, err := lc.ListenPacket(ctx, "udp", l.Addr().String())
		if err == nil {
			if u, ok := c.(*net.UDPConn); ok {
				_ = u.SetReadBuffer(readBuffer) // as much as the system allows
			}
			return l, c, nil
		}
		last = err
		_ = l.Close()
	}
	return nil, nil, last
}

// Addr is where the server listens, as HOST:PORT.
func (s *Server) Addr() string { return s.addr }

// Close ends the server. It may be called more than once.
func (s *Server) Close() error {
	s.cancel()
	_ = s.udp.Shutdown() // an error says only that it is shut down already
	_ = s.tcp.Shutdown()
	return nil
}

// Asked returns how often each question came so far.
func (s *Server) Asked() map[Question]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[Question]int, len(s.asked))
	for q, n := range s.asked {
		out[q] = n
	}
	return out
}

// Total returns how many questions came so far.
func (s *Server) Total() int {
	total := 0
	for _, n := range s.Asked() {
		total += n
	}
	return total
}

func (s *Server) count(q Question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[q]++
}

// answer handles one message.
func (s *Server) answer(tcp bool) func(wire.ResponseWriter, *wire.Msg) {
	return func(w wire.ResponseWriter, in *wire.Msg) {
		if len(in.Question) != 1 {
			return
		}
		name, err := dns.ParseName(in.Question[0].Name)
		if err != nil {
			return
		}
		t := dns.Type(wire.TypeToString[in.Question[0].Qtype])
		s.count(Question{Name: dns.Lower(name), Type: t, TCP: tcp})
		if !s.wait() {
			return
		}
		ans, err := s.zone.Lookup(s.ctx, name, t)
		out := message(in, name, t, ans, err)
		if out == nil {
			return
		}
		if !tcp {
			out.Truncate(udpSize(in))
		}
		_ = w.WriteMsg(out) // who asked is gone, or asks again
	}
}

// wait takes the delay; it is false if the server ends first.
func (s *Server) wait() bool {
	if s.delay <= 0 {
		return true
	}
	timer := time.NewTimer(s.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// udpSize is how large an answer the client takes (RFC 6891 §6.2.3).
func udpSize(in *wire.Msg) int {
	if opt := in.IsEdns0(); opt != nil {
		return max(wire.MinMsgSize, int(opt.UDPSize()))
	}
	return wire.MinMsgSize
}
