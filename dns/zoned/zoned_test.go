// SPDX-License-Identifier: MIT

package zoned_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"mailproof/dns"
	"mailproof/dns/zoned"
)

const world = `
$TTL 60
a.example. A 192.0.2.1
c.example. CNAME A.example.
loop.example. CNAME loop.example.
; secure a.example
; servfail s.example
; refused r.example
; timeout t.example
`

func serve(t *testing.T, text string, o zoned.Options) *zoned.Server {
	t.Helper()
	z, err := dns.ParseZone(strings.NewReader(text), "zone")
	if err != nil {
		t.Fatal(err)
	}
	s, err := zoned.Serve(t.Context(), z, "127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func exchange(t *testing.T, s *zoned.Server, network, name string, typ uint16, edit func(*wire.Msg)) (*wire.Msg, error) {
	t.Helper()
	q := new(wire.Msg)
	q.SetQuestion(name, typ)
	if edit != nil {
		edit(q)
	}
	c := wire.Client{Net: network, Timeout: 100 * time.Millisecond, UDPSize: 4096}
	m, _, err := c.Exchange(q, s.Addr())
	return m, err
}

// TestServe asks with the wire library's own client, over both transports.
func TestServe(t *testing.T) {
	t.Parallel()
	s := serve(t, world, zoned.Options{})
	for _, network := range []string{"udp", "tcp"} {
		for _, c := range []struct {
			name    string
			rcode   int
			answers int
			soa     bool
		}{
			{"a.example.", wire.RcodeSuccess, 1, false},
			{"A.Example.", wire.RcodeSuccess, 1, false},
			{"c.example.", wire.RcodeSuccess, 2, false},
			{"example.", wire.RcodeSuccess, 0, true},
			{"none.example.", wire.RcodeNameError, 0, true},
			{"s.example.", wire.RcodeServerFailure, 0, false},
			{"loop.example.", wire.RcodeServerFailure, 0, false},
			{"r.example.", wire.RcodeRefused, 0, false},
		} {
			m, err := exchange(t, s, network, c.name, wire.TypeA, nil)
			if err != nil || m.Rcode != c.rcode || len(m.Answer) != c.answers || (len(m.Ns) > 0) != c.soa {
				t.Errorf("%s %s: %v %v", network, c.name, err, m)
			}
		}
		if m, err := exchange(t, s, network, "t.example.", wire.TypeA, nil); err == nil {
			t.Error(network, "an answer where there is to be none:", m)
		}
	}
	if n := s.Asked()[zoned.Question{Name: "a.example", Type: dns.TypeA}]; n != 2 {
		t.Error("a.example was counted", n, "times")
	}
	if n := s.Total(); n != 18 {
		t.Error("total", n)
	}
}

func TestADForWhoAsks(t *testing.T) {
	t.Parallel()
	s := serve(t, world, zoned.Options{})
	for name, c := range map[string]struct {
		edit func(*wire.Msg)
		want bool
	}{
		"nothing": {nil, false},
		"AD":      {func(m *wire.Msg) { m.AuthenticatedData = true }, true},
		"DO":      {func(m *wire.Msg) { m.SetEdns0(1232, true) }, true},
	} {
		if m, err := exchange(t, s, "udp", "a.example.", wire.TypeA, c.edit); err != nil || m.AuthenticatedData != c.want {
			t.Error(name, err, m)
		}
	}
}

func TestTruncation(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, "a. TXT \"%d %s\"\n", i, strings.Repeat("x", 200))
	}
	s := serve(t, b.String(), zoned.Options{})
	for _, c := range []struct {
		network   string
		size      uint16
		truncated bool
	}{{"udp", 0, true}, {"udp", 1232, true}, {"udp", 4096, false}, {"tcp", 0, false}} {
		m, err := exchange(t, s, c.network, "a.", wire.TypeTXT, func(m *wire.Msg) {
			if c.size > 0 {
				m.SetEdns0(c.size, false)
			}
		})
		if err != nil || m.Truncated != c.truncated || !c.truncated && len(m.Answer) != 10 || m.Len() > 4096 {
			t.Errorf("%+v: %v %v", c, err, m)
		}
	}
}

func TestDelayAndClose(t *testing.T) {
	t.Parallel()
	s := serve(t, world, zoned.Options{Delay: 30 * time.Millisecond})
	start := time.Now()
	if _, err := exchange(t, s, "udp", "a.example.", wire.TypeA, nil); err != nil || time.Since(start) < 30*time.Millisecond {
		t.Error(err, time.Since(start))
	}
	_ = s.Close()
	_ = s.Close()
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		_ = c.Close()
		t.Error("still listening")
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	z, _ := dns.ParseZone(strings.NewReader(world), "zone")
	s, err := zoned.Serve(ctx, z, "127.0.0.1:0", zoned.Options{Delay: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	_ = s.Close() // returns, though an hour is not over
	if _, err := zoned.Serve(t.Context(), z, "127.0.0.1:70000", zoned.Options{}); err == nil {
		t.Error("a port that cannot be")
	}
}
