// SPDX-License-Identifier: MIT

package rbl

import (
	"context"
	"sync"

	"mailproof/dns"
)

// A Health says whether a list can be believed.
type Health string

// The states of a list. Only answers of an OK one count.
const (
	OK          Health = "ok"
	Dead        Health = "dead"        // its test point is not listed: emptied, or gone
	Wildcard    Health = "wildcard"    // it lists what must never be listed
	Refused     Health = "refused"     // it does not answer our resolver
	Unreachable Health = "unreachable" // its name servers do not answer
	Broken      Health = "broken"      // its answers are not those of a list
)

// A HealthSource knows the health of lists. Implementations wait for the
// first probe if they have to, no longer than ctx; Unreachable if there is none.
type HealthSource interface {
	Health(ctx context.Context, l List, f Family) Health
}

// Probe asks a list for its test points (RFC 5782 §5).
func Probe(ctx context.Context, world dns.Resolver, l List, f Family) Health {
	p := l.points(f)
	var listed, clean, other reply
	var wg sync.WaitGroup
	wg.Go(func() { listed = ask(ctx, world, p.Listed, l.Zone) })
	wg.Go(func() { clean = ask(ctx, world, p.Clean, l.Zone) })
	wg.Go(func() { other = ask(ctx, world, p.Other, l.Zone) })
	wg.Wait()
	if h := listed.health(); h != OK {
		return h
	}
	for _, r := range []reply{clean, other} {
		if r.listed() {
			return Wildcard
		}
		if h := r.health(); h != OK {
			return h
		}
	}
	if !listed.listed() {
		return Dead
	}
	return OK
}

// present tells whether a closed world holds the list at all: its test point,
// or records of its zone. Where that cannot be found out, it does.
func present(ctx context.Context, world dns.Resolver, l List, f Family) bool {
	r := ask(ctx, world, l.points(f).Listed, l.Zone)
	if len(r.addrs) > 0 || r.code != "" && r.code != dns.NotRecorded {
		return true
	}
	for _, t := range []dns.Type{dns.TypeSOA, dns.TypeNS} {
		ans, err := world.Lookup(ctx, l.Zone, t)
		if code := dns.CodeOf(err); code != "" && code != dns.NotRecorded || len(ans.Records) > 0 {
			return true
		}
	}
	return false
}
