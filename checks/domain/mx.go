// SPDX-License-Identifier: MIT

package domain

import (
	"context"
	"slices"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
)

// lighter is the weight of a bad mail host beside one that works: mail gets
// through, later.
const lighter = 3

var (
	mxPresent = finding.Spec{ID: "mx.present", Status: finding.Pass, Params: []string{"domain", "hosts"}}

	// Costs nothing: RFC 5321 §5.1 makes the domain its own mail host.
	mxImplicit = finding.Spec{ID: "mx.implicit", Status: finding.Warn, Params: []string{"domain", "addresses"},
		Refs: []string{"RFC 5321 §5.1"}}

	mxNone = finding.Spec{ID: "mx.none", Status: finding.Fail, Weight: 15, Params: []string{"domain"}, Refs: []string{"RFC 5321 §5.1"}}

	mxNoDomain = finding.Spec{ID: "mx.no-domain", Status: finding.Fail, Weight: 15, Cap: 50, Params: []string{"domain"},
		Refs: []string{"https://senders.yahooinc.com/smtp-error-codes/"}}

	mxNull = finding.Spec{ID: "mx.null", Status: finding.Fail, Weight: 15, Cap: 50, Params: []string{"domain"},
		Refs: []string{"RFC 7505 §4.2"}}

	mxLiteral = finding.Spec{ID: "mx.ip-literal", Status: finding.Fail, Weight: 10, Params: []string{"domain", "hosts"},
		Refs: []string{"RFC 5321 §5.1", "RFC 1035 §3.3.9"}}

	mxCNAME = finding.Spec{ID: "mx.cname", Status: finding.Warn, Weight: 3, Params: []string{"domain", "hosts", "targets"},
		Refs: []string{"RFC 2181 §10.3", "RFC 5321 §5.1"}}

	mxNoAddress = finding.Spec{ID: "mx.no-address", Status: finding.Fail, Weight: 10, Params: []string{"domain", "hosts"},
		Refs: []string{"RFC 5321 §5.1"}}

	mxPrivate = finding.Spec{ID: "mx.private-address", Status: finding.Fail, Weight: 10,
		Params: []string{"domain", "hosts", "addresses"}, Refs: []string{"RFC 6890"}}

	mxTempError = finding.Spec{ID: "mx.temperror", Status: finding.Unknown, Params: []string{"domain", "code"}}
	mxNoName    = finding.Spec{ID: "mx.no-name", Status: finding.Skipped}
)

// mx asks whether the domains of the sender, in From and in the envelope, can
// receive mail: replies and bounces go there, and receivers look.
var mx = check.Check{
	ID:    "mx",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{mxPresent, mxImplicit, mxNone, mxNoDomain, mxNull, mxLiteral, mxCNAME, mxNoAddress,
		mxPrivate, mxTempError, mxNoName},
	Run: runMX,
}

func runMX(ctx context.Context, in *check.Input) []finding.Finding {
	uses := senders(in)
	if len(uses) == 0 {
		return []finding.Finding{mxNoName.At("", nil)}
	}
	perDomain := make([][]finding.Finding, len(uses))
	done := make(chan int, len(uses))
	for i, u := range uses {
		go func() {
			defer func() { done <- i }()
			if d, err := Hosts.Get(ctx, in, u.domain); err == nil {
				perDomain[i] = judge(u, d)
			}
		}()
	}
	for range uses {
		<-done
	}
	var found []finding.Finding
	for i, fs := range perDomain {
		if fs == nil {
			return nil // no answer in time: the runner says so
		}
		for _, f := range fs {
			f.Claimed = uses[i].claimed
			found = append(found, f)
		}
	}
	return found
}

// judge says what is right or wrong with a domain.
func judge(u use, d MailDomain) []finding.Finding {
	p := finding.Params{"domain": u.domain}
	one := func(s finding.Spec) []finding.Finding { return []finding.Finding{s.At(u.domain, p, u.seen...)} }
	fixed := func(s finding.Spec, fix finding.Fix) []finding.Finding {
		return []finding.Finding{s.At(u.domain, p, u.seen...).Fixed(fix)}
	}
	switch {
	case d.Code != "":
		p["code"] = string(d.Code)
		return one(mxTempError)
	case d.Missing:
		u.see("MX "+u.domain, string(dns.NXDomain))
		return fixed(mxNoDomain, finding.Fix{})
	case d.Null:
		u.see("MX "+u.domain, "0 .")
		return fixed(mxNull, finding.Fix{})
	case len(d.Hosts) == 0 && len(d.Implicit) == 0:
		u.see("MX, A, AAAA "+u.domain, "–")
		return fixed(mxNone, finding.Fix{})
	case len(d.Hosts) == 0:
		p["addresses"] = join(d.Implicit)
		u.see("A, AAAA "+u.domain, join(d.Implicit))
		change := dns.Change{Action: dns.Add, Name: u.domain, Type: dns.TypeMX, TTL: 3600, Value: "10 " + u.domain, By: dns.ByDomain}
		return fixed(mxImplicit, finding.Fix{DNS: []dns.Change{change}})
	}
	return judgeHosts(u, d)
}

// judgeHosts looks at the targets of the MX records.
func judgeHosts(u use, d MailDomain) []finding.Finding {
	var literal, alias, lost, private, unknown []Host
	works := false
	for _, h := range d.Hosts {
		u.see("MX "+u.domain, h.Record)
		switch {
		case h.Literal:
			literal = append(literal, h)
			continue
		case h.Code != "":
			unknown = append(unknown, h)
			works = true // as far as anybody knows
			continue
		case len(h.Addrs) == 0:
			lost = append(lost, h)
		case !h.works():
			private = append(private, h)
		default:
			works = true
		}
		if h.Alias != "" && len(h.Addrs) > 0 {
			alias = append(alias, h)
		}
		u.see("A, AAAA "+h.Name, join(h.Addrs))
	}
	var found []finding.Finding
	add := func(s finding.Spec, hosts []Host, p finding.Params, fix finding.Fix) {
		if len(hosts) == 0 {
			return
		}
		p["domain"], p["hosts"] = u.domain, names(hosts)
		f := s.At(u.domain, p, u.seen...).Fixed(fix)
		if works {
			f = f.Weighing(lighter)
		}
		found = append(found, f)
	}
	add(mxLiteral, literal, finding.Params{}, fixDrop(u.domain, literal, works))
	add(mxCNAME, alias, finding.Params{"targets": aliases(alias)}, fixAlias(u.domain, alias, d.Hosts))
	add(mxNoAddress, lost, finding.Params{}, fixDrop(u.domain, lost, works && len(unknown) == 0))
	add(mxPrivate, private, finding.Params{"addresses": addresses(private)}, fixDrop(u.domain, private, works && len(unknown) == 0))
	if len(unknown) > 0 {
		p := finding.Params{"domain": u.domain, "code": string(unknown[0].Code)}
		found = append(found, mxTempError.At(u.domain, p, u.seen...))
	}
	if len(found) == 0 {
		p := finding.Params{"domain": u.domain, "hosts": names(d.Hosts)}
		found = append(found, mxPresent.At(u.domain, p, u.seen...))
	}
	return found
}

// fixDrop removes hosts that are of no use where another one works. What the
// right host would be is not ours to guess.
func fixDrop(domain string, hosts []Host, others bool) finding.Fix {
	var fix finding.Fix
	if !others {
		return fix
	}
	for _, h := range hosts {
		fix.DNS = append(fix.DNS, dns.Change{Action: dns.Remove, Name: domain, Type: dns.TypeMX, Old: h.Record, By: dns.ByDomain})
	}
	return fix
}

// fixAlias puts the canonical name in the place of the alias, or removes the
// record where the canonical name is a mail host already.
func fixAlias(domain string, hosts, all []Host) finding.Fix {
	var fix finding.Fix
	have := map[string]bool{}
	for _, h := range all {
		have[strings.ToLower(h.Name)] = h.Alias == ""
	}
	for _, h := range hosts {
		c := dns.Change{Action: dns.Replace, Name: domain, Type: dns.TypeMX, TTL: 3600, Old: h.Record,
			Value: h.Pref + " " + h.Alias, By: dns.ByDomain}
		if have[strings.ToLower(h.Alias)] {
			c = dns.Change{Action: dns.Remove, Name: domain, Type: dns.TypeMX, Old: h.Record, By: dns.ByDomain}
		}
		have[strings.ToLower(h.Alias)] = true
		fix.DNS = append(fix.DNS, c)
	}
	return fix
}

func each(hosts []Host, value func(Host) string) string {
	var s []string
	for _, h := range hosts {
		if v := value(h); !slices.Contains(s, v) {
			s = append(s, v)
		}
	}
	return strings.Join(s, ", ")
}

func names(hosts []Host) string     { return each(hosts, func(h Host) string { return h.Name }) }
func aliases(hosts []Host) string   { return each(hosts, func(h Host) string { return h.Alias }) }
func addresses(hosts []Host) string { return each(hosts, func(h Host) string { return join(h.Addrs) }) }

// domainsOf are the domains of an address field, without literals.
func domainsOf(msg *evidence.Message, field string) []string {
	f, ok := msg.Get(field)
	if !ok {
		return nil
	}
	list, _ := evidence.ParseAddressList(f.Value)
	var out []string
	for _, a := range list.Addresses() {
		if !strings.HasPrefix(a.Domain, "[") && !slices.Contains(out, a.Domain) && len(out) < maxDomains {
			out = append(out, a.Domain)
		}
	}
	return out
}
