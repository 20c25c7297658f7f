// SPDX-License-Identifier: MIT

package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// memInbox is an Inbox in memory, with the trouble a test asks for.
type memInbox struct {
	mu       sync.Mutex
	known    map[string]error // what Recipient says; others do not exist
	spoolErr error
	writeErr error
	failWith error // of Deliver
	during   func()
	got      []gotMail
	attempts []gotAttempt
}

type gotMail struct {
	Delivery
	raw []byte
}

type gotAttempt struct {
	local string
	Attempt
}

func newInbox(locals ...string) *memInbox {
	m := &memInbox{known: map[string]error{}}
	for _, l := range locals {
		m.known[l] = nil
	}
	return m
}

func (m *memInbox) Recipient(_ context.Context, local string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err, ok := m.known[local]; ok {
		return err
	}
	return ErrNoSuchAddress
}

func (m *memInbox) Spool(context.Context) (Spool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spoolErr != nil {
		return nil, m.spoolErr
	}
	return &memSpool{err: m.writeErr}, nil
}

type memSpool struct {
	bytes.Buffer
	err error
}

func (s *memSpool) Discard() {}
func (s *memSpool) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.Buffer.Write(p)
}

func (m *memInbox) Deliver(ctx context.Context, d Delivery, s Spool) error {
	if m.during != nil {
		m.during()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failWith != nil {
		return m.failWith
	}
	m.got = append(m.got, gotMail{d, bytes.Clone(s.(*memSpool).Bytes())})
	return nil
}

func (m *memInbox) Failed(_ context.Context, local string, a Attempt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attempts = append(m.attempts, gotAttempt{local, a})
}

func (m *memInbox) mails() []gotMail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]gotMail(nil), m.got...)
}

func (m *memInbox) failed() []gotAttempt {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]gotAttempt(nil), m.attempts...)
}

// want checks the only attempt recorded.
func (m *memInbox) wantAttempt(t *testing.T, local, reason, reply string) {
	t.Helper()
	got := m.failed()
	if len(got) != 1 || got[0].local != local || got[0].Reason != reason || !strings.HasPrefix(got[0].Reply, reply) {
		t.Errorf("attempts %+v; want one at %s: %s, %q", got, local, reason, reply)
	}
}

// A world is a server with an inbox that has the addresses a and b.
type world struct {
	t     *testing.T
	inbox *memInbox
	srv   *Server
	l     *pipeListener
	done  chan error
	once  sync.Once
}

func newWorld(t *testing.T, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t, inbox: newInbox("a", "b"), done: make(chan error, 1)}
	o := Options{Hostname: "mx.test.example", Domains: []string{"test.example"}, Inbox: w.inbox}
	if change != nil {
		change(&o)
	}
	w.srv = New(o)
	w.l = &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	go func() { w.done <- w.srv.Serve(t.Context(), w.l) }()
	t.Cleanup(w.close)
	return w
}

// close hangs up on every client and waits for all sessions.
func (w *world) close() {
	w.once.Do(func() {
		w.l.hangUp()
		w.srv.wg.Wait()
		if err := w.srv.Shutdown(context.Background()); err != nil {
			w.t.Error("shutdown:", err)
		}
		<-w.done
	})
}

// pipeListener hands out net.Pipe connections: no system, so that time can be
// simulated (testing/synctest).
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	mu     sync.Mutex
	open   []net.Conn
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

func (l *pipeListener) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		c.Close()
	}
}

func (l *pipeListener) dial(from string) net.Conn {
	ours, theirs := net.Pipe()
	l.mu.Lock()
	l.open = append(l.open, ours)
	l.mu.Unlock()
	l.conns <- fromConn{theirs, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))}
	return ours
}

type fromConn struct {
	net.Conn
	from net.Addr
}

func (c fromConn) RemoteAddr() net.Addr { return c.from }

// A client speaks SMTP as plainly as a test needs.
type client struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

const someClient = "192.0.2.7:4711"

// silent is a client that has not even read the greeting.
func (w *world) silent(from string) *client {
	nc := w.l.dial(from)
	return &client{nc, w.t, bufio.NewReader(nc)}
}

func (w *world) dial() *client {
	w.t.Helper()
	c := w.silent(someClient)
	c.want("220 mx.test.example ")
	return c
}

// ready has said EHLO.
func (w *world) ready() *client {
	w.t.Helper()
	c := w.dial()
	c.cmd("EHLO client.example", "250-mx.test.example ")
	return c
}

func (c *client) send(s string) {
	c.t.Helper()
	if _, err := c.Write([]byte(s)); err != nil {
		c.t.Errorf("send %.40q: %v", s, err)
	}
}

// reply is the next reply, its lines joined by newlines; empty at the end.
func (c *client) reply() string {
	var lines []string
	for {
		l, err := c.r.ReadString('\n')
		if err != nil {
			return strings.Join(lines, "\n")
		}
		l = strings.TrimSuffix(l, "\r\n")
		if lines = append(lines, l); len(l) < 4 || l[3] != '-' {
			return strings.Join(lines, "\n")
		}
	}
}

func (c *client) want(prefix string) string {
	c.t.Helper()
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Errorf("reply %q, want %q", got, prefix)
	}
	return got
}

func (c *client) cmd(line, prefix string) string {
	c.t.Helper()
	c.send(line + "\r\n")
	got := c.reply()
	if !strings.HasPrefix(got, prefix) {
		c.t.Errorf("%.60q: reply %q, want %q", line, got, prefix)
	}
	return got
}

// gone checks that the server has closed.
func (c *client) gone() {
	c.t.Helper()
	if got := c.reply(); got != "" {
		c.t.Errorf("reply %q, want the end", got)
	}
}

// envelope goes up to the 354 of a message for address a.
func (c *client) envelope() {
	c.t.Helper()
	c.cmd("MAIL FROM:<from@client.example>", "250 2.1.0")
	c.cmd("RCPT TO:<a@test.example>", "250 2.1.5")
	c.cmd("DATA", "354")
}

// within fails a test that hangs.
func within(t *testing.T, c net.Conn) { t.Helper(); c.SetDeadline(time.Now().Add(20 * time.Second)) }
