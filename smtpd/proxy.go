// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

const (
	maxProxyV1 = 107  // octets, CRLF included: the specification's own bound
	maxProxyV2 = 2048 // octets: 16, addresses, and far more extensions than proxies send
)

var (
	proxyV2  = []byte("\r\n\r\n\x00\r\nQUIT\n")
	errProxy = errors.New("not a PROXY header")
)

// proxied reads the header of a trusted proxy and takes the session to be the
// named client's. A peer that stays silent is a client itself; one that says
// anything else first is cut: its mail would carry the wrong address.
func (c *conn) proxied() *ending {
	by := c.by(c.limits.ProxyWait)
	for {
		client, used, err := parseProxy(c.wire.unread())
		if err != nil {
			return &ending{reply: replyProxyBad}
		}
		if used > 0 {
			c.wire.r += used
			if client.IsValid() {
				c.client = client
			}
			break
		}
		err = c.wire.fill(by)
		if errors.Is(err, os.ErrDeadlineExceeded) && len(c.wire.unread()) == 0 && !c.wire.interrupted() {
			break
		}
		if err != nil {
			return c.broken(err, replyIdle)
		}
	}
	if r := c.enter(); r != "" {
		c.srv.turned.Add(1)
		return &ending{reply: r}
	}
	return nil
}

// parseProxy reads a PROXY header, version 1 or 2, at the front of b. The
// client is the zero value when the header names none (health checks, UNKNOWN,
// other families). It uses nothing when b is too short to tell, and looks at no
// more octets than the longest header has.
func parseProxy(b []byte) (client netip.AddrPort, used int, err error) {
	v1 := []byte("PROXY ")
	switch {
	case bytes.HasPrefix(b, proxyV2):
		return parseProxyV2(b)
	case bytes.HasPrefix(b, v1):
		return parseProxyV1(b)
	case bytes.HasPrefix(proxyV2, b), bytes.HasPrefix(v1, b):
		return client, 0, nil
	}
	return client, 0, errProxy
}

// parseProxyV1: "PROXY TCP4 source destination port port".
func parseProxyV1(b []byte) (client netip.AddrPort, used int, err error) {
	end := bytes.Index(b[:min(len(b), maxProxyV1)], []byte("\r\n"))
	if end < 0 {
		if len(b) >= maxProxyV1 {
			return client, 0, errProxy
		}
		return client, 0, nil
	}
	f := strings.Split(string(b[:end]), " ")
	if f[1] == "UNKNOWN" { // what follows is to be ignored
		return client, end + 2, nil
	}
	if len(f) != 6 || f[1] != "TCP4" && f[1] != "TCP6" {
		return client, 0, errProxy
	}
	src, err1 := proxyAddr(f[2], f[4], f[1] == "TCP4")
	_, err2 := proxyAddr(f[3], f[5], f[1] == "TCP4")
	if err := errors.Join(err1, err2); err != nil {
		return client, 0, err
	}
	return src, end + 2, nil
}

func proxyAddr(addr, port string, v4 bool) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(addr)
	if err != nil || a.Is4() != v4 || a.Zone() != "" {
		return netip.AddrPort{}, errProxy
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, errProxy
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(p)), nil
}

// parseProxyV2: signature, version and command, family, length, addresses,
// extensions, which are skipped.
func parseProxyV2(b []byte) (client netip.AddrPort, used int, err error) {
	if len(b) < 16 {
		return client, 0, nil
	}
	command, family := b[12], b[13]
	used = 16 + int(binary.BigEndian.Uint16(b[14:]))
	if used > maxProxyV2 || command != 0x20 && command != 0x21 {
		return client, 0, errProxy
	}
	if len(b) < used {
		return client, 0, nil
	}
	if command == 0x20 { // LOCAL: the proxy's own connection
		return client, used, nil
	}
	body := b[16:used]
	switch {
	case family == 0x11 && len(body) >= 12:
		a, _ := netip.AddrFromSlice(body[:4])
		return netip.AddrPortFrom(a, binary.BigEndian.Uint16(body[8:])), used, nil
	case family == 0x21 && len(body) >= 36:
		a, _ := netip.AddrFromSlice(body[:16])
		return netip.AddrPortFrom(a.Unmap(), binary.BigEndian.Uint16(body[32:])), used, nil
	case family == 0x11, family == 0x21:
		return client, 0, errProxy
	}
	return client, used, nil
}
