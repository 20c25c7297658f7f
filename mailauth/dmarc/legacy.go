// SPDX-License-Identifier: MIT

package dmarc

import "golang.org/x/net/publicsuffix"

// Legacy is what a receiver concludes that still follows RFC 7489 and finds
// organizational domains by the public suffix list, as old as the version of
// golang.org/x/net in the build.
type Legacy struct {
	Result       Result
	Org          string
	PolicyDomain string
	Policy       Policy // p or sp as published; t=y means nothing to RFC 7489
	Percent      int    // pct: the share of failing mail that Policy is meant for
	Disposition  Policy
	Differs      bool // another result or another disposition than RFC 9989 gives
	record       *Record
}

// LegacyOrgDomain is the organizational domain by the public suffix list
// (RFC 7489 §3.2): one label more than the public suffix. A public suffix is
// its own. The private part of the list counts.
func LegacyOrgDomain(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// IsPublicSuffix reports whether domain itself is on the public suffix list.
func IsPublicSuffix(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(clean(domain))
	return suffix == clean(domain) && (icann || labels(suffix) > 1)
}

// legacy evaluates by RFC 7489 from the answers of the walk, which include
// the two names that it asks for.
func legacy(domain string, steps []Step, in Input) Legacy {
	l := Legacy{Result: None, Org: LegacyOrgDomain(domain), Percent: 100, Disposition: PolicyNone}
	undecided := l.discover(domain, steps)
	switch {
	case undecided:
		l.Result = TempError
	case l.record == nil:
	case !l.record.Usable():
		l.Result = PermError
	default:
		l.Percent = l.record.Pct
		place := AtAuthor
		if l.PolicyDomain != domain {
			place = AtOrg
		}
		l.Policy, _ = l.record.policyAt(place, Yes) // np is of RFC 9091, which few knew
		l.Result, _ = outcome(l.align(domain, in), nil)
		if l.Result == Fail {
			l.Disposition = l.Policy
			if l.Percent == 0 { // RFC 7489 §6.6.4: the others get the next lower one
				l.Disposition = l.Policy.lowered()
			}
		}
	}
	return l
}

// discover is RFC 7489 §6.6.3: the author domain; if nothing is there, the
// organizational domain. Several records end it.
func (l *Legacy) discover(domain string, steps []Step) (undecided bool) {
	for _, name := range distinct([]string{domain, l.Org}) {
		for i := range steps {
			s := &steps[i]
			if s.Domain != name {
				continue
			}
			if s.Err != nil {
				return true
			}
			if len(s.Records) > 0 {
				l.record, l.PolicyDomain = s.Record(), name
				return false
			}
		}
	}
	return false
}

func (l *Legacy) align(domain string, in Input) []Alignment {
	var all []Alignment
	add := func(by string, ids []Identity, mode Mode) {
		for _, id := range ids {
			name := clean(id.Domain)
			same := name == domain || mode == Relaxed && LegacyOrgDomain(name) == l.Org
			all = append(all, Alignment{By: by, Domain: name, Result: id.Result, Mode: mode, Aligned: tri(validName(name) && same)})
		}
	}
	add(BySPF, in.SPF, l.record.ASPF)
	add(ByDKIM, in.DKIM, l.record.ADKIM)
	return all
}

// differs compares the two verdicts, where both are known.
func (l *Legacy) differs(a *Author) bool {
	if a.Result == TempError || l.Result == TempError {
		return false
	}
	return l.Result != a.Result || l.Disposition != a.Disposition
}
