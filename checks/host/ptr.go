// SPDX-License-Identifier: MIT

package host

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
)

var (
	ptrPresent = finding.Spec{ID: "ptr.present", Status: finding.Pass, Params: []string{"ip", "name"}}

	ptrMissing = finding.Spec{ID: "ptr.missing", Status: finding.Fail, Weight: 20, Cap: 60,
		Params: []string{"ip"}, Refs: []string{"RFC 1912 §2.1", "https://support.google.com/a/answer/81126"}}

	ptrMissingIPv6 = finding.Spec{ID: "ptr.missing-ipv6", Status: finding.Fail, Weight: 20, Cap: 40,
		Params: []string{"ip"}, Refs: []string{"RFC 1912 §2.1", "https://support.google.com/a/answer/81126"}}

	ptrSeveral = finding.Spec{ID: "ptr.several", Status: finding.Info, Params: []string{"ip", "names", "count"}}

	// Costs nothing: some name is confirmed, or fcrdns charges for it.
	ptrSeveralOpen = finding.Spec{ID: "ptr.several-unconfirmed", Status: finding.Warn,
		Params: []string{"ip", "names", "count", "unconfirmed"}, Refs: []string{"RFC 1912 §2.1"}}

	ptrTempError = finding.Spec{ID: "ptr.temperror", Status: finding.Unknown, Params: []string{"ip", "code"}}
)

var ptr = check.Check{
	ID:    "ptr",
	Needs: check.NeedClientIP,
	Uses:  check.NeedHelo,
	Specs: []finding.Spec{ptrPresent, ptrMissing, ptrMissingIPv6, ptrSeveral, ptrSeveralOpen, ptrTempError},
	Run:   runPTR,
}

func runPTR(ctx context.Context, in *check.Input) []finding.Finding {
	ip := in.Session.ClientIP
	rev, err := IPRev.Get(ctx, in, ip)
	if err != nil {
		return nil
	}
	p := finding.Params{"ip": ip.String()}
	one := func(s finding.Spec, value string) finding.Finding {
		return s.At(ip.String(), p, seenClient(ip), seenDNS(rev.Question, dns.TypePTR, value))
	}
	names := strings.Join(rev.Names, ", ")
	switch {
	case rev.Names == nil && rev.Code != "":
		p["code"] = string(rev.Code)
		return []finding.Finding{one(ptrTempError, string(rev.Code))}
	case len(rev.Names) == 0:
		spec := ptrMissing
		if !ip.Is4() {
			spec = ptrMissingIPv6
		}
		f := one(spec, string(rev.RCode)).Fixed(fixMissing(ctx, in, rev.Question))
		return []finding.Finding{f}
	case len(rev.Names) == 1:
		p["name"] = names
		return []finding.Finding{one(ptrPresent, names)}
	}
	p["names"], p["count"] = names, itoa(len(rev.Names))
	if open := unconfirmed(rev); len(open) > 0 {
		p["unconfirmed"] = strings.Join(open, ", ")
		return []finding.Finding{one(ptrSeveralOpen, names).Fixed(finding.Fix{})}
	}
	return []finding.Finding{one(ptrSeveral, names)}
}

// unconfirmed are names that certainly do not lead back.
func unconfirmed(rev Reverse) []string {
	var open []string
	for _, n := range rev.Names[:min(len(rev.Names), maxPTR)] {
		if !slices.Contains(rev.Confirmed, n) && !slices.Contains(rev.Undecided, n) {
			open = append(open, n)
		}
	}
	return open
}

// fixMissing knows the record only where the name that the host gives leads to
// its address: then that name is the one to publish. Otherwise it has steps.
func fixMissing(ctx context.Context, in *check.Input, question string) finding.Fix {
	name := heloName(in.Session.Helo)
	fix := finding.Fix{Params: finding.Params{"question": question}}
	if name == "" || genericMark(name, in.Session.ClientIP) != "" || !slices.Contains(heloAddrs(ctx, in, name), in.Session.ClientIP) {
		return fix
	}
	fix.DNS = []dns.Change{{Action: dns.Add, Name: question, Type: dns.TypePTR, TTL: 3600, Value: name, By: dns.ByNetwork}}
	return fix
}

// heloAddrs are the addresses of the HELO name in the family of the client;
// none if nobody knows.
func heloAddrs(ctx context.Context, in *check.Input, name string) []netip.Addr {
	addrs, err := addrsOf(ctx, in.DNS, name, family(in.Session.ClientIP))
	if err != nil {
		return nil
	}
	return addrs
}
