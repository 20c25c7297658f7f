// SPDX-License-Identifier: MIT

package spf

import (
	"context"
	"strings"

	"mailproof/dns"
)

// Check is check_host() (RFC 7208 §4) for one identity. It always comes to a
// verdict; what DNS could not say is a Temperror with Verdict.DNS. It takes no
// longer than MaxTime. Questions that were asked early and are not needed may
// still be on their way when it returns; they end with ctx or MaxTime.
func Check(ctx context.Context, r dns.Resolver, p Params) Verdict {
	s := newSession(p)
	if !s.valid {
		return Verdict{Result: None, Domain: s.domain, Reason: BadDomain}
	}
	ctx, cancel := context.WithTimeout(ctx, MaxTime)
	w := newWorld(ctx, r)
	defer func() {
		if len(w.flying) == 0 {
			cancel()
			return
		}
		go func() { w.wg.Wait(); cancel() }()
	}()
	for {
		e := &eval{session: s, w: w}
		v := e.run()
		if len(e.want) == 0 {
			w.settle()
			return v
		}
		w.advance(e.want)
	}
}

// A session is the Params in the form that macros and mechanisms need.
type session struct {
	Params
	domain        string
	valid         bool
	local, origin string // of the sender
}

func newSession(p Params) session {
	s := session{Params: p}
	s.IP = p.IP.Unmap().WithZone("")
	sender := p.MailFrom
	if sender == "" {
		sender = strings.TrimSuffix(p.Helo, ".") // §2.4
	}
	if i := strings.LastIndexByte(sender, '@'); i >= 0 {
		s.local, s.origin = sender[:i], sender[i+1:]
	} else {
		s.origin = sender
	}
	if s.local == "" {
		s.local = "postmaster" // §4.3
	}
	s.origin = strings.TrimSuffix(s.origin, ".")
	if ascii, ok := identity(s.origin); ok {
		s.origin = ascii
	}
	s.domain = p.Domain
	if s.domain == "" {
		s.domain = s.origin
	}
	s.domain, s.valid = identity(s.domain)
	s.valid = s.valid && s.IP.IsValid()
	return s
}
