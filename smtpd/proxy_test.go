// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	proxyproto "github.com/pires/go-proxyproto"
)

func proxyHeader(t testing.TB, version byte, src string) string {
	t.Helper()
	from := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(src))
	to := &net.TCPAddr{IP: net.IPv4(203, 0, 113, 1), Port: 25}
	if from.IP.To4() == nil {
		to.IP = net.ParseIP("2001:db8::25")
	}
	var b bytes.Buffer
	if _, err := proxyproto.HeaderProxyFromAddrs(version, from, to).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func trustTen(o *Options) { o.ProxyFrom = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }

func TestATrustedProxyNamesItsClient(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"198.51.100.4:1234", "[2001:db8::7]:99"} {
		for version := byte(1); version <= 2; version++ {
			w := newWorld(t, trustTen)
			c := w.silent("10.1.2.3:5")
			c.send(proxyHeader(t, version, src))
			c.want("220")
			c.cmd("EHLO c.example", "250")
			c.envelope()
			c.cmd("x\r\n.", "250")
			s := w.inbox.mails()[0].Session
			if got := netip.AddrPortFrom(s.ClientIP, s.ClientPort).String(); got != src {
				t.Errorf("client %s, want %s", got, src)
			}
		}
	}
}

func TestOnlyTrustedNetworksSpeakPROXY(t *testing.T) {
	t.Parallel()
	w := newWorld(t, trustTen)
	c := w.dial()
	c.cmd("PROXY TCP4 198.51.100.4 203.0.113.1 1 25", "421")
	c.gone()
	for _, bad := range []string{"EHLO x\r\n", "PROXY TCP4 198.51.100.4 2001:db8::1 1 25\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 99999 1\r\n", "PROXY " + strings.Repeat("x", 200), "\r\n\r\n\x00\r\nQUIT\n\x31\x11\x00\x0c" + strings.Repeat("x", 12)} {
		c := w.silent("10.1.2.3:5")
		c.send(bad[:min(len(bad), 110)])
		c.want("421 4.7.0 PROXY")
	}
}

func TestASilentTrustedPeerIsAClientItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, trustTen)
		c := w.silent("10.1.2.3:5")
		c.want("220")
		c.cmd("EHLO c.example", "250")
		c.envelope()
		c.cmd("x\r\n.", "250")
		if got := w.inbox.mails()[0].Session.ClientIP.String(); got != "10.1.2.3" {
			t.Errorf("client %s", got)
		}
		c.cmd("PROXY TCP4 198.51.100.4 203.0.113.1 1 25", "421") // too late
	})
}

func FuzzProxy(f *testing.F) {
	f.Add([]byte(proxyHeader(f, 1, "198.51.100.4:1234")))
	f.Add([]byte(proxyHeader(f, 2, "198.51.100.4:1234")))
	f.Add([]byte(proxyHeader(f, 2, "[2001:db8::7]:99")))
	f.Add([]byte("PROXY UNKNOWN\r\nEHLO x\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		client, used, err := parseProxy(b)
		if used < 0 || used > len(b) || used > maxProxyV2 {
			t.Fatalf("used %d of %d", used, len(b))
		}
		if (err != nil || used == 0) && client.IsValid() {
			t.Fatalf("%v from no header", client)
		}
		if err == nil && used == 0 && len(b) >= maxProxyV2 {
			t.Fatal("wants more than the longest header")
		}
		if used == 0 {
			return
		}
		// A header is the same however it is cut into packets and whatever follows.
		again, n, err := parseProxy(append(bytes.Clone(b[:used]), "EHLO"...))
		if again != client || n != used || err != nil {
			t.Fatalf("%v, %d, %v; want %v, %d", again, n, err, client, used)
		}
		for i := range used {
			if _, n, err := parseProxy(b[:i]); n != 0 || err != nil {
				t.Fatalf("the first %d of %d octets: %d, %v", i, used, n, err)
			}
		}
	})
}
