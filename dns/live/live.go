// SPDX-License-Identifier: MIT

// Package live asks recursive resolvers on the network.
//
// It validates no DNSSEC itself (that is the resolver's work, and a known way to
// be made busy) but keeps the AD bit of the resolver it was told to trust.
package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	wire "github.com/miekg/dns"

	"mailproof/dns"
)

// Defaults and limits.
const (
	defaultTimeout = 3 * time.Second // what a resolver needs for a slow zone
	defaultTries   = 2               // one datagram may be lost
	defaultConfig  = "/etc/resolv.conf"
	maxInFlight    = 1024 // questions at a time: each holds a descriptor
)

// Options say whom to ask and how patiently. The zero value is useful.
type Options struct {
	// Upstreams are recursive resolvers as HOST:PORT or HOST (port 53), asked
	// in this order. Empty: those of /etc/resolv.conf.
	Upstreams []string
	// Timeout bounds one try; 0 means 3 s.
	Timeout time.Duration
	// Tries are made in all, each with the next upstream; 0 means 2, or as many
	// as there are upstreams, if those are more.
	Tries int
}

// A Resolver asks the network. It is a dns.Resolver, safe for concurrent use.
type Resolver struct {
	upstreams []*upstream
	timeout   time.Duration
	tries     int
	slots     chan struct{}
	first     atomic.Int32 // the upstream to try first: the one that answered last
}

// New returns a Resolver. Close gives back what it holds.
func New(o Options) (*Resolver, error) {
	servers := o.Upstreams
	if len(servers) == 0 {
		c, err := wire.ClientConfigFromFile(defaultConfig)
		if err != nil {
			return nil, fmt.Errorf("find the system's resolver: %w", err)
		}
		for _, s := range c.Servers {
			servers = append(servers, net.JoinHostPort(s, c.Port))
		}
	}
	if len(servers) == 0 {
		return nil, errors.New("no resolver is named in " + defaultConfig)
	}
	r := &Resolver{timeout: o.Timeout, tries: o.Tries, slots: make(chan struct{}, maxInFlight)}
	if r.timeout <= 0 {
		r.timeout = defaultTimeout
	}
	if r.tries <= 0 {
		r.tries = max(defaultTries, len(servers))
	}
	for _, s := range servers {
		if _, _, err := net.SplitHostPort(s); err != nil {
			s = net.JoinHostPort(s, "53")
		}
		if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
			return nil, fmt.Errorf("resolver %q is not HOST:PORT", s)
		}
		r.upstreams = append(r.upstreams, &upstream{addr: s})
	}
	return r, nil
}

// Close closes the idle sockets; questions under way end as they would.
func (r *Resolver) Close() error {
	for _, u := range r.upstreams {
		u.close()
	}
	return nil
}

// Lookup asks for name and follows CNAMEs, within the answer and, where the
// answer breaks off, by asking on.
func (r *Resolver) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	at, err := dns.Canonical(name, t)
	if err != nil {
		return dns.Answer{}, err
	}
	number, ok := wire.StringToType[string(t)]
	if !ok {
		return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: dns.BadName, Detail: "unknown type"}
	}
	c := chase{name: name, t: t, number: number, at: at}
	c.ans = dns.Answer{RCode: dns.NoError, Secure: true, Source: dns.SourceLive}
	for {
		m, err := r.ask(ctx, question{name: c.at, t: number})
		if err != nil {
			return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: err.code, Detail: err.detail}
		}
		if done, err := c.read(m); err != nil {
			return dns.Answer{}, err
		} else if done {
			return dns.Limit(name, t, c.ans)
		}
	}
}

// ask tries the upstreams in turn until one answers. Of several failures the
// one that says most is returned.
func (r *Resolver) ask(ctx context.Context, q question) (*wire.Msg, *failure) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, &failure{dns.Timeout, ctx.Err().Error()}
	}
	var worst *failure
	first := int(r.first.Load())
	for i := range r.tries {
		at := (first + i) % len(r.upstreams)
		u := r.upstreams[at]
		if i > 0 && len(r.upstreams) == 1 && worst.code == dns.Refused {
			break // it would say so again
		}
		m, fail := r.try(ctx, u, &q)
		if fail == nil {
			r.first.Store(int32(at))
			return m, nil
		}
		if worst == nil || telling[fail.code] > telling[worst.code] {
			worst = fail
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, worst
}

// telling orders failures by what they say about the name asked.
var telling = map[dns.RCode]int{dns.Timeout: 0, dns.Refused: 1, dns.BadAnswer: 2, dns.ServFail: 3}

// try asks one upstream, by TCP if the datagram was too small for the answer.
func (r *Resolver) try(ctx context.Context, u *upstream, q *question) (*wire.Msg, *failure) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	m, err := u.udp(ctx, *q)
	if err == nil && m.Truncated {
		m, err = u.tcp(ctx, *q)
		if err == nil && m.Truncated {
			return nil, &failure{dns.BadAnswer, u.addr + ": truncated over TCP"}
		}
	}
	if err != nil {
		return nil, failed(u.addr, err)
	}
	switch m.Rcode {
	case wire.RcodeSuccess, wire.RcodeNameError:
		if referral(m) {
			return nil, &failure{dns.BadAnswer, u.addr + ": referral, it does not resolve for us"}
		}
		return m, nil
	case wire.RcodeServerFailure:
		return nil, &failure{dns.ServFail, u.addr}
	case wire.RcodeRefused:
		return nil, &failure{dns.Refused, u.addr}
	case wire.RcodeFormatError, wire.RcodeNotImplemented:
		q.plain = true // a server from before EDNS (RFC 6891 §7)
	}
	return nil, &failure{dns.BadAnswer, u.addr + ": " + wire.RcodeToString[m.Rcode]}
}

// referral: no answer but the names of other servers (RFC 2308 §2.2.1).
func referral(m *wire.Msg) bool {
	ns := false
	for _, rr := range m.Ns {
		switch rr.Header().Rrtype {
		case wire.TypeSOA:
			return false
		case wire.TypeNS:
			ns = true
		}
	}
	return ns && len(m.Answer) == 0 && m.Rcode == wire.RcodeSuccess && !m.Authoritative
}
