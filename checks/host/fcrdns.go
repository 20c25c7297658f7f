// SPDX-License-Identifier: MIT

package host

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	fcrdnsPass = finding.Spec{ID: "fcrdns.pass", Status: finding.Pass, Params: []string{"ip", "name"},
		Refs: []string{"RFC 8601 §2.7.3"}}

	fcrdnsMismatch = finding.Spec{ID: "fcrdns.mismatch", Status: finding.Fail, Weight: 15, Cap: 70,
		Params: []string{"ip", "names", "addresses"},
		Refs:   []string{"RFC 8601 §2.7.3", "https://support.google.com/a/answer/81126"}}

	fcrdnsNoAddress = finding.Spec{ID: "fcrdns.no-address", Status: finding.Fail, Weight: 15, Cap: 70,
		Params: []string{"ip", "names"},
		Refs:   []string{"RFC 8601 §2.7.3", "https://support.google.com/a/answer/81126"}}

	fcrdnsNoPTR     = finding.Spec{ID: "fcrdns.no-ptr", Status: finding.Skipped, Params: []string{"ip"}}
	fcrdnsTempError = finding.Spec{ID: "fcrdns.temperror", Status: finding.Unknown, Params: []string{"ip", "code"}}
)

// fcrdns asks whether a name of the address leads back to the address. What
// the missing name costs, ptr has charged.
var fcrdns = check.Check{
	ID:    "fcrdns",
	Needs: check.NeedClientIP,
	Uses:  check.NeedHelo,
	Specs: []finding.Spec{fcrdnsPass, fcrdnsMismatch, fcrdnsNoAddress, fcrdnsNoPTR, fcrdnsTempError},
	Run:   runFCrDNS,
}

func runFCrDNS(ctx context.Context, in *check.Input) []finding.Finding {
	ip := in.Session.ClientIP
	rev, err := IPRev.Get(ctx, in, ip)
	if err != nil {
		return nil
	}
	p := finding.Params{"ip": ip.String()}
	seen := []finding.Observation{seenClient(ip)}
	for _, n := range rev.Names {
		seen = append(seen, seenDNS(rev.Question, dns.TypePTR, n))
		if addrs, ok := rev.Addrs[n]; ok {
			seen = append(seen, seenDNS(n, family(ip), join(addrs)))
		}
	}
	switch rev.Result {
	case "pass":
		p["name"] = strings.Join(rev.Confirmed, ", ")
		return []finding.Finding{fcrdnsPass.At(ip.String(), p, seen...)}
	case "permerror":
		return []finding.Finding{fcrdnsNoPTR.At(ip.String(), p, seen...)}
	case "temperror":
		p["code"] = string(rev.Code)
		return []finding.Finding{fcrdnsTempError.At(ip.String(), p, seen...)}
	}
	return []finding.Finding{mismatch(in, rev, p, seen)}
}

func mismatch(in *check.Input, rev Reverse, p finding.Params, seen []finding.Observation) finding.Finding {
	ip := in.Session.ClientIP
	var addrs []string
	for _, n := range rev.Names {
		if a := join(rev.Addrs[n]); a != "" {
			addrs = append(addrs, a)
		}
	}
	p["names"] = strings.Join(rev.Names, ", ")
	spec := fcrdnsNoAddress
	if len(addrs) > 0 {
		spec = fcrdnsMismatch
		p["addresses"] = strings.Join(addrs, ", ")
	}
	return spec.At(ip.String(), p, seen...).Fixed(fixMismatch(in, rev))
}

// fixMismatch gives the name the address that it lacks. There is no such
// record where the name cannot be a host of the sender: a generic one is the
// provider's, and a name without a domain is nobody's.
func fixMismatch(in *check.Input, rev Reverse) finding.Fix {
	ip := in.Session.ClientIP
	fix := finding.Fix{Params: finding.Params{"question": rev.Question, "name": rev.Names[0]}}
	i := slices.IndexFunc(rev.Names, func(n string) bool {
		return validHost(n) && !isLocalName(n) && genericMark(n, ip) == ""
	})
	if i < 0 || !evidence.Public(ip) {
		return fix
	}
	fix.Params["name"] = rev.Names[i]
	fix.DNS = []dns.Change{{Action: dns.Add, Name: rev.Names[i], Type: family(ip), TTL: 3600, Value: ip.String(), By: dns.ByDomain}}
	return fix
}

func itoa(n int) string { return strconv.Itoa(n) }
