// SPDX-License-Identifier: MIT

package rbl

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"mailproof/dns"
)

var (
	answers = netip.MustParsePrefix("127.0.0.0/8")      // RFC 5782 §2.1
	errs    = netip.MustParsePrefix("127.255.255.0/24") // what lists agree to answer instead of data
)

// maxTexts and maxText bound what a list may put into the report.
const (
	maxTexts = 5
	maxText  = 500
)

// questionName is the name to ask a zone about an address (RFC 5782 §2.1, §2.4).
// A mapped address is written as IPv6: that is what test points are.
func questionName(ip netip.Addr, zone string) string {
	if ip.Is4() {
		return strings.TrimSuffix(dns.ReverseName(ip), "in-addr.arpa") + zone
	}
	const hex = "0123456789abcdef"
	a := ip.As16()
	var b []byte
	for i := len(a) - 1; i >= 0; i-- {
		b = append(b, hex[a[i]&15], '.', hex[a[i]>>4], '.')
	}
	return string(b) + zone
}

// A reply is what a list answered about one target.
type reply struct {
	name  string
	addrs []netip.Addr // sorted; none: not listed
	code  dns.RCode    // of the error, if nobody knows
}

func ask(ctx context.Context, world dns.Resolver, ip netip.Addr, zone string) reply {
	r := reply{name: questionName(ip, zone)}
	ans, err := world.Lookup(ctx, r.name, dns.TypeA)
	if err != nil {
		r.code = dns.CodeOf(err)
		return r
	}
	for _, rec := range ans.Records {
		if a, err := netip.ParseAddr(rec.Value); err == nil {
			r.addrs = append(r.addrs, a)
		}
	}
	slices.SortFunc(r.addrs, netip.Addr.Compare)
	r.addrs = slices.Compact(r.addrs)
	return r
}

// health is what the reply says about the list itself: an answer that is no
// answer about the target. OK means that nothing of the kind is to be seen.
func (r reply) health() Health {
	switch {
	case r.code != "":
		return Unreachable
	case slices.ContainsFunc(r.addrs, func(a netip.Addr) bool { return !answers.Contains(a) }):
		return Broken // parked, or a resolver that rewrites NXDOMAIN
	case slices.ContainsFunc(r.addrs, errs.Contains):
		return Refused
	}
	return OK
}

func (r reply) listed() bool { return r.health() == OK && len(r.addrs) > 0 }

// codes are the answers as text.
func (r reply) codes() []string {
	out := make([]string, len(r.addrs))
	for i, a := range r.addrs {
		out[i] = a.String()
	}
	return out
}

// meanings are those of all answers, heaviest first; "other" stands for an
// answer that the list's codes do not know.
func (l List) meanings(addrs []netip.Addr) []string {
	var out []string
	known := map[netip.Addr]bool{}
	for _, c := range l.Codes {
		for _, a := range addrs {
			if c.First.Compare(a) <= 0 && a.Compare(c.Last) <= 0 {
				known[a] = true
				if !slices.Contains(out, c.Meaning) {
					out = append(out, c.Meaning)
				}
			}
		}
	}
	if len(known) < len(addrs) {
		out = append(out, "other")
	}
	return out
}

// textOf asks why the target is listed; nobody's points depend on it.
func textOf(ctx context.Context, world dns.Resolver, name string) []string {
	list, err := dns.TXT(ctx, world, name)
	if err != nil {
		return nil
	}
	slices.Sort(list)
	out := []string{}
	for _, t := range list[:min(len(list), maxTexts)] {
		out = append(out, strings.ToValidUTF8(t[:min(len(t), maxText)], "\uFFFD"))
	}
	return out
}
