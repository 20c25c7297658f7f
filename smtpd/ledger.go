// SPDX-License-Identifier: MIT

package smtpd

import (
	"net/netip"
	"sync"
)

// A ledger counts what clients hold: sessions, and octets in flight. It keeps
// an entry only for who holds something.
type ledger struct {
	mu       sync.Mutex
	limits   Limits
	clients  map[netip.Prefix]*holding
	networks map[netip.Prefix]int
	inFlight int64
}

type holding struct {
	sessions int
	inFlight int64
}

func newLedger(l Limits) *ledger {
	return &ledger{
		limits:   l,
		clients:  map[netip.Prefix]*holding{},
		networks: map[netip.Prefix]int{},
	}
}

// Who is one client, and one network: an IPv6 customer has a /64 at least, and
// mostly a /56.
func clientOf(a netip.Addr) netip.Prefix  { return prefixOf(a, 32, 64) }
func networkOf(a netip.Addr) netip.Prefix { return prefixOf(a, 24, 56) }

func prefixOf(a netip.Addr, v4, v6 int) netip.Prefix {
	bits := v6
	if a.Is4() {
		bits = v4
	}
	p, _ := a.WithZone("").Prefix(bits) // an invalid address counts as one client
	return p
}

// enter counts one more session of a, or says why not.
func (l *ledger) enter(a netip.Addr) reply {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, n := clientOf(a), networkOf(a)
	h := l.clients[c]
	if h != nil && h.sessions >= l.limits.SessionsPerClient {
		return replyBusyClient
	}
	if l.networks[n] >= l.limits.SessionsPerNetwork {
		return replyBusyNetwork
	}
	if h == nil {
		h = &holding{}
		l.clients[c] = h
	}
	h.sessions++
	l.networks[n]++
	return ""
}

func (l *ledger) leave(a netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, n := clientOf(a), networkOf(a)
	if h := l.clients[c]; h != nil {
		if h.sessions--; h.sessions == 0 {
			delete(l.clients, c)
		}
	}
	if l.networks[n]--; l.networks[n] <= 0 {
		delete(l.networks, n)
	}
}

// take counts n more octets in flight for a client with an open session. A
// client may hold as much as is still free: one greedy client gets half, the
// next a quarter, and there is always something left for whoever comes.
func (l *ledger) take(a netip.Addr, n int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.clients[clientOf(a)]
	if h == nil || h.inFlight+n > l.limits.BytesInFlight-l.inFlight-n {
		return false
	}
	h.inFlight += n
	l.inFlight += n
	return true
}

func (l *ledger) give(a netip.Addr, n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight -= n
	if h := l.clients[clientOf(a)]; h != nil {
		h.inFlight -= n
	}
}
