// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"net/netip"
	"strings"
)

// client is the address that a request is counted for: the peer, or, when the
// peer is a trusted proxy, the rightmost address of X-Forwarded-For that is
// not one. What stands further left was written by the client itself.
func (a *app) client(r *http.Request) netip.Addr {
	addr := parseAddr(r.RemoteAddr)
	if !a.trusted(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := parseAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return addr
		}
		addr = hop
		if !a.trusted(hop) {
			return addr
		}
	}
	return addr
}

// counted reports whether the client falls under the rate limit: loopback
// does not, unless a proxy stands there and everybody looks like loopback.
func (a *app) counted(addr netip.Addr) bool {
	return !addr.IsLoopback() || a.trusted(addr)
}

func (a *app) trusted(addr netip.Addr) bool {
	for _, p := range a.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(strings.Trim(s, "[]"))
	return addr.Unmap().WithZone("")
}
