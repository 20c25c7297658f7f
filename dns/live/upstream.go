// SPDX-License-Identifier: MIT

package live

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"mailproof/dns"
)

// How long a socket is used again. With a new one each time a question costs
// half as much again; but a port that stays is half of what a forger must guess.
const (
	maxUses  = 64
	maxAge   = 10 * time.Second
	maxIdle  = 64
	maxStray = 100 // datagrams that are no answer to us, before we give up
)

// udpSize is the EDNS0 size that fits the paths of the Internet unfragmented
// (DNS flag day 2020).
const udpSize = 1232

// A question is what goes out.
type question struct {
	name  string // lower case
	t     uint16
	plain bool // without EDNS0
}

// A failure is why an upstream gave no answer.
type failure struct {
	code   dns.RCode
	detail string
}

var errBadAnswer = errors.New("malformed answer")

// failed makes a failure of an error of the network or of what came over it.
func failed(addr string, err error) *failure {
	switch {
	case errors.Is(err, errBadAnswer):
		return &failure{dns.BadAnswer, addr + ": " + err.Error()}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &failure{dns.Timeout, addr}
	}
	return &failure{dns.Timeout, addr + ": " + err.Error()}
}

// message returns q on the wire, with a fresh random id.
func (q question) message() (id uint16, b []byte, err error) {
	m := new(wire.Msg)
	m.SetQuestion(dns.PresentName(q.name), q.t)
	m.AuthenticatedData = true // RFC 6840 §5.7: we want to know AD
	if !q.plain {
		m.SetEdns0(udpSize, false)
	}
	b, err = m.Pack()
	return m.Id, b, err
}

// reply reads b if it answers q as asked with id; ok is false for anything else.
func (q question) reply(b []byte, id uint16) (m *wire.Msg, ok bool, err error) {
	if len(b) < 12 || binary.BigEndian.Uint16(b) != id || b[2]&0x80 == 0 {
		return nil, false, nil
	}
	m = new(wire.Msg)
	if err := m.Unpack(b); err != nil {
		return nil, true, errBadAnswer
	}
	if len(m.Question) == 0 && m.Rcode != wire.RcodeSuccess && m.Rcode != wire.RcodeNameError {
		return m, true, nil // too upset to repeat the question
	}
	if len(m.Question) != 1 {
		return nil, false, nil
	}
	got := m.Question[0]
	name, err := dns.ParseName(got.Name)
	same := err == nil && dns.Lower(name) == q.name && got.Qtype == q.t && got.Qclass == wire.ClassINET
	return m, same, nil
}

// An upstream is one resolver, and the sockets that wait for the next question
// to it. A socket is used by one question at a time.
type upstream struct {
	addr string

	mu   sync.Mutex
	idle []*socket
}

type socket struct {
	net.Conn
	made time.Time
	uses int
}

func (u *upstream) socket(ctx context.Context) (*socket, error) {
	u.mu.Lock()
	for len(u.idle) > 0 {
		s := u.idle[len(u.idle)-1]
		u.idle = u.idle[:len(u.idle)-1]
		if time.Since(s.made) < maxAge {
			u.mu.Unlock()
			return s, nil
		}
		_ = s.Close()
	}
	u.mu.Unlock()
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", u.addr)
	if err != nil {
		return nil, err
	}
	return &socket{Conn: c, made: time.Now()}, nil
}

// keep puts a socket back that has had its answer.
func (u *upstream) keep(s *socket) {
	s.uses++
	u.mu.Lock()
	defer u.mu.Unlock()
	if s.uses >= maxUses || len(u.idle) >= maxIdle {
		_ = s.Close()
		return
	}
	u.idle = append(u.idle, s)
}

func (u *upstream) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, s := range u.idle {
		_ = s.Close()
	}
	u.idle = nil
}

// buffers hold datagrams; larger ones than we allow are cut and so malformed.
var buffers = sync.Pool{New: func() any { return new([4096]byte) }}

func (u *upstream) udp(ctx context.Context, q question) (*wire.Msg, error) {
	s, err := u.socket(ctx)
	if err != nil {
		return nil, err
	}
	stop := obey(ctx, s)
	m, err := s.exchange(q)
	if stop() && err == nil {
		u.keep(s)
	} else {
		_ = s.Close()
	}
	return m, err
}

func (s *socket) exchange(q question) (*wire.Msg, error) {
	id, b, err := q.message()
	if err != nil {
		return nil, err
	}
	if _, err := s.Write(b); err != nil {
		return nil, err
	}
	buf := buffers.Get().(*[4096]byte)
	defer buffers.Put(buf)
	for range maxStray {
		n, err := s.Read(buf[:])
		if err != nil {
			return nil, err
		}
		if m, ok, err := q.reply(buf[:n], id); ok || err != nil {
			return m, err
		}
	}
	return nil, errBadAnswer
}

// tcp asks over a connection of its own (RFC 7766).
func (u *upstream) tcp(ctx context.Context, q question) (*wire.Msg, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", u.addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer obey(ctx, c)()
	id, b, err := q.message()
	if err != nil {
		return nil, err
	}
	if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return nil, err
	}
	in := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, in); err != nil {
		return nil, err
	}
	m, ok, err := q.reply(in, id)
	if err == nil && !ok {
		err = errBadAnswer
	}
	return m, err
}

// obey makes reads and writes of c end with ctx. The function it returns ends
// that, and reports whether c is still untouched.
func obey(ctx context.Context, c net.Conn) func() bool {
	deadline, _ := ctx.Deadline()
	_ = c.SetDeadline(deadline)
	return context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
}
