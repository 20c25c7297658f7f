// SPDX-License-Identifier: MIT

package live_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"mailproof/dns/live"
)

// hostile answers over UDP with what reply returns, in order, and over TCP with
// what tcp does.
func hostile(t *testing.T, reply func(q *wire.Msg) [][]byte, tcp func(net.Conn)) string {
	t.Helper()
	l, c := both(t)
	t.Cleanup(func() { _, _ = l.Close(), c.Close() })
	go func() {
		for buf := make([]byte, 4096); ; {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			q := new(wire.Msg)
			if q.Unpack(buf[:n]) != nil {
				continue
			}
			for _, b := range reply(q) {
				_, _ = c.WriteTo(b, from)
			}
		}
	}()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			tcp(conn)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

// both listens on one port for TCP and UDP, which other tests' clients use too.
func both(t *testing.T) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 10 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if c, err := net.ListenPacket("udp", l.Addr().String()); err == nil {
			return l, c
		}
		_ = l.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

// answer packs a reply to q with these records, after edit has had its way.
func answer(t *testing.T, q *wire.Msg, edit func(m *wire.Msg), rrs ...string) []byte {
	m := new(wire.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	for _, s := range rrs {
		rr, err := wire.NewRR(s)
		if err != nil {
			t.Error(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	if edit != nil {
		edit(m)
	}
	b, err := m.Pack()
	if err != nil {
		t.Error(err)
	}
	return b
}

func TestHostileServers(t *testing.T) {
	t.Parallel()
	const right = "a.example. 1 IN A 192.0.2.1"
	rr := func(s string) wire.RR { r, _ := wire.NewRR(s); return r }
	for name, c := range map[string]struct {
		reply func(q *wire.Msg) [][]byte
		want  string
	}{
		"forged ids and questions before the answer": {func(q *wire.Msg) [][]byte {
			return [][]byte{
				answer(t, q, func(m *wire.Msg) { m.Id++ }, "a.example. 1 IN A 6.6.6.6"),
				answer(t, q, func(m *wire.Msg) { m.Question[0].Name = "b.example." }, "a.example. 1 IN A 6.6.6.6"),
				answer(t, q, func(m *wire.Msg) { m.Question[0].Qtype = wire.TypeMX }, "a.example. 1 IN A 6.6.6.6"),
				answer(t, q, func(m *wire.Msg) { m.Response = false }, "a.example. 1 IN A 6.6.6.6"),
				{1}, nil,
				answer(t, q, nil, right),
			}
		}, `NOERROR [] AD=false "a.example" A "192.0.2.1" []`},
		"a record of another name": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, nil, "b.example. 1 IN A 6.6.6.6")}
		}, `NOERROR [] AD=false`},
		"CNAME loop": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, nil, "a.example. 1 IN CNAME b.example.", "b.example. 1 IN CNAME A.example.")}
		}, "BAD-ANSWER"},
		"CNAME to itself": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, nil, "a.example. 1 IN CNAME a.example.")}
		}, "BAD-ANSWER"},
		"endless CNAMEs": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, nil, q.Question[0].Name+" 1 IN CNAME x"+q.Question[0].Name)}
		}, "BAD-ANSWER"},
		"a chain cut in the middle": {func(q *wire.Msg) [][]byte {
			if q.Question[0].Name == "a.example." {
				return [][]byte{answer(t, q, nil, "a.example. 1 IN CNAME B.example.")}
			}
			return [][]byte{answer(t, q, nil, "b.example. 1 IN A 192.0.2.2")}
		}, `NOERROR ["B.example"] AD=false "b.example" A "192.0.2.2" []`},
		"chain in the wrong order": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, nil, "c.example. 1 IN A 192.0.2.3", "b.example. 1 IN CNAME c.example.", "a.example. 1 IN CNAME b.example.")}
		}, `NOERROR ["b.example" "c.example"] AD=false "c.example" A "192.0.2.3" []`},
		"AD for the alias alone": {func(q *wire.Msg) [][]byte {
			if q.Question[0].Name == "a.example." {
				return [][]byte{answer(t, q, func(m *wire.Msg) { m.AuthenticatedData = true }, "a.example. 1 IN CNAME b.example.")}
			}
			return [][]byte{answer(t, q, nil, "b.example. 1 IN A 192.0.2.2")}
		}, `NOERROR ["b.example"] AD=false "b.example" A "192.0.2.2" []`},
		"CNAME to a name with a space": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, nil, `a.example. 1 IN CNAME b\032.example.`)}
		}, "BAD-ANSWER"},
		"garbage": {func(q *wire.Msg) [][]byte {
			b := answer(t, q, nil, right)
			return [][]byte{b[:len(b)-2]}
		}, "BAD-ANSWER"},
		"a flood of strays": {func(q *wire.Msg) [][]byte {
			var all [][]byte
			for range 120 {
				all = append(all, []byte{1, 2, 3})
			}
			return all
		}, "BAD-ANSWER"},
		"a referral": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, func(m *wire.Msg) {
				m.RecursionAvailable, m.Ns = false, []wire.RR{rr("example. 1 IN NS ns.example.")}
			})}
		}, "BAD-ANSWER"},
		"an error without the question": {func(q *wire.Msg) [][]byte {
			return [][]byte{answer(t, q, func(m *wire.Msg) { m.Rcode, m.Question = wire.RcodeRefused, nil })}
		}, "REFUSED"},
		"a server from before EDNS": {func(q *wire.Msg) [][]byte {
			if q.IsEdns0() != nil {
				return [][]byte{answer(t, q, func(m *wire.Msg) { m.Rcode, m.Question = wire.RcodeFormatError, nil })}
			}
			return [][]byte{answer(t, q, nil, right)}
		}, `NOERROR [] AD=false "a.example" A "192.0.2.1" []`},
		"too many records": {func(q *wire.Msg) [][]byte {
			var rrs []string
			for i := range 65 {
				rrs = append(rrs, "a.example. 1 IN A 192.0.2."+string(rune('0'+i%10)))
			}
			return [][]byte{answer(t, q, func(m *wire.Msg) { m.Compress = true }, rrs...)}
		}, "TOO-LARGE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := hostile(t, c.reply, func(net.Conn) {})
			r := client(t, live.Options{Upstreams: []string{addr}, Timeout: 2 * time.Second})
			if got := show(r.Lookup(t.Context(), "a.example", "A")); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestDanglingTCP: the datagram says "too large, come by TCP", and then.
func TestDanglingTCP(t *testing.T) {
	t.Parallel()
	question := func(c net.Conn) *wire.Msg {
		var n [2]byte
		_, _ = io.ReadFull(c, n[:])
		b := make([]byte, binary.BigEndian.Uint16(n[:]))
		_, _ = io.ReadFull(c, b)
		q := new(wire.Msg)
		_ = q.Unpack(b)
		return q
	}
	send := func(c net.Conn, b []byte) {
		_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	}
	for name, c := range map[string]struct {
		tcp  func(net.Conn)
		want string
	}{
		"closed at once": {func(net.Conn) {}, "TIMEOUT"},
		"silent":         {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "TIMEOUT"},
		"cut off": {func(c net.Conn) {
			_ = question(c)
			_, _ = c.Write([]byte{0, 100, 1, 2})
		}, "TIMEOUT"},
		"truncated again": {func(c net.Conn) {
			send(c, answer(t, question(c), func(m *wire.Msg) { m.Truncated = true }))
		}, "BAD-ANSWER"},
		"another id": {func(c net.Conn) {
			send(c, answer(t, question(c), func(m *wire.Msg) { m.Id++ }))
		}, "BAD-ANSWER"},
		"right": {func(c net.Conn) {
			send(c, answer(t, question(c), nil, "a.example. 1 IN A 192.0.2.1"))
		}, `NOERROR [] AD=false "a.example" A "192.0.2.1" []`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := hostile(t, func(q *wire.Msg) [][]byte {
				return [][]byte{answer(t, q, func(m *wire.Msg) { m.Truncated = true })}
			}, c.tcp)
			r := client(t, live.Options{Upstreams: []string{addr}, Timeout: 100 * time.Millisecond})
			if got := show(r.Lookup(t.Context(), "a.example", "A")); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
