// SPDX-License-Identifier: MIT

package webui

import (
	"net/netip"
	"sync"
	"time"
)

// maxClients bounds the memory of the limiter: about 10 MB. Beyond it new
// networks share one count, so that nobody can wash out the others' counts.
const maxClients = 100_000

// A limiter counts how often a network did something within a minute.
type limiter struct {
	perMinute int
	now       func() time.Time

	mu      sync.Mutex
	swept   time.Time
	windows map[netip.Prefix]*window
}

type window struct {
	since time.Time
	count int
}

func newLimiter(perMinute int, now func() time.Time) *limiter {
	return &limiter{perMinute: perMinute, now: now, windows: map[netip.Prefix]*window{}}
}

// take counts one more; when that is too many it says how long to wait.
func (l *limiter) take(addr netip.Addr) (retry time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.sweep(now)
	key := network(addr)
	w := l.windows[key]
	if w == nil && len(l.windows) >= maxClients {
		key = netip.Prefix{}
		w = l.windows[key]
	}
	if w == nil || now.Sub(w.since) >= time.Minute {
		w = &window{since: now}
		l.windows[key] = w
	}
	if w.count >= l.perMinute {
		return time.Minute - now.Sub(w.since), false
	}
	w.count++
	return 0, true
}

// sweep forgets ended windows, at most once a minute: its cost is spread over
// all that came since.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for key, w := range l.windows {
		if now.Sub(w.since) >= time.Minute {
			delete(l.windows, key)
		}
	}
}

// network is what one party usually holds: a /32 of IPv4, a /64 of IPv6.
func network(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // the zero prefix for an unknown address
	return p
}
