// SPDX-License-Identifier: MIT

package host

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"mailproof/check"
	"mailproof/dns"
)

// maxPTR is how many names of one address are looked at (RFC 8601 §3 wants a
// limit; RFC 7208 §4.6.4 uses this one).
const maxPTR = 10

// A Reverse is what DNS says of the client's address, in both directions.
type Reverse struct {
	Result    string   // RFC 8601 §2.7.3: pass fail temperror permerror
	Names     []string // of the PTR records, in lower case, sorted
	Confirmed []string // those whose addresses include the client's
	Undecided []string // those whose addresses could not be found out
	Addrs     map[string][]netip.Addr
	Code      dns.RCode // of the lookup that failed, for temperror
	Question  string    // that was asked for the PTR
	RCode     dns.RCode // of the PTR answer
}

// IPRev is the reverse check of an address (RFC 8601 §3): its names, and
// whether the address is among the addresses of a name.
var IPRev = check.NewFact(ID, "host.iprev", reverse)

func reverse(ctx context.Context, in *check.Input, ip netip.Addr) Reverse {
	r := Reverse{Question: dns.ReverseName(ip), Addrs: map[string][]netip.Addr{}}
	ans, err := in.DNS.Lookup(ctx, r.Question, dns.TypePTR)
	if err != nil {
		r.Result, r.Code = "temperror", dns.CodeOf(err)
		return r
	}
	r.RCode = ans.RCode
	for _, rec := range ans.Records {
		r.Names = append(r.Names, strings.ToLower(rec.Value))
	}
	slices.Sort(r.Names)
	r.Names = slices.Compact(r.Names)
	if len(r.Names) == 0 {
		r.Result = "permerror"
		return r
	}
	r.confirm(ctx, in.DNS, ip)
	switch {
	case len(r.Confirmed) > 0:
		r.Result = "pass"
	case len(r.Undecided) > 0:
		r.Result = "temperror"
	default:
		r.Result = "fail"
	}
	return r
}

// confirm asks for the addresses of every name at once, in the family of the
// client only.
func (r *Reverse) confirm(ctx context.Context, world dns.Resolver, ip netip.Addr) {
	names := r.Names[:min(len(r.Names), maxPTR)]
	type answer struct {
		addrs []netip.Addr
		err   error
	}
	answers := make([]answer, len(names))
	done := make(chan int, len(names))
	for i, name := range names {
		go func() {
			defer func() { done <- i }()
			answers[i].addrs, answers[i].err = addrsOf(ctx, world, name, family(ip))
		}()
	}
	for range names {
		<-done
	}
	for i, name := range names {
		switch a := answers[i]; {
		case a.err != nil:
			r.Undecided = append(r.Undecided, name)
			r.Code = dns.CodeOf(a.err)
		case slices.Contains(a.addrs, ip):
			r.Confirmed = append(r.Confirmed, name)
			fallthrough
		default:
			r.Addrs[name] = a.addrs
		}
	}
}

// family is the record type of an address.
func family(ip netip.Addr) dns.Type {
	if ip.Is4() {
		return dns.TypeA
	}
	return dns.TypeAAAA
}

// addrsOf asks for the addresses of one family. A name that may not be asked
// for has none.
func addrsOf(ctx context.Context, world dns.Resolver, name string, t dns.Type) ([]netip.Addr, error) {
	ans, err := world.Lookup(ctx, name, t)
	if dns.CodeOf(err) == dns.BadName {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, rec := range ans.Records {
		if a, err := netip.ParseAddr(rec.Value); err == nil {
			out = append(out, a)
		}
	}
	return out, nil
}

// join writes addresses for people.
func join(addrs []netip.Addr) string {
	s := make([]string, len(addrs))
	for i, a := range addrs {
		s[i] = a.String()
	}
	return strings.Join(s, ", ")
}
