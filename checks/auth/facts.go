// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"sync"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/mailauth/dkim"
	"mailproof/mailauth/dmarc"
	"mailproof/mailauth/spf"
)

// Only is the key of facts of which a run has one.
type Only struct{}

// SPF is the verdict on MAIL FROM, or on postmaster@HELO for the null sender
// (RFC 7208 §2.4). It needs a client address and an envelope sender; without
// them its Result is empty.
var SPF = check.NewFact(group, "auth.spf", func(ctx context.Context, in *check.Input, _ Only) spf.Verdict {
	if !hasSPF(in) {
		return spf.Verdict{}
	}
	p := params(in)
	p.MailFrom = in.Session.MailFrom
	return spf.Check(ctx, in.DNS, p)
})

// SPFHelo is the verdict on the HELO name (RFC 7208 §2.3).
var SPFHelo = check.NewFact(group, "auth.spf-helo", func(ctx context.Context, in *check.Input, _ Only) spf.Verdict {
	if !in.Session.ClientIP.IsValid() || in.Session.Helo == "" {
		return spf.Verdict{}
	}
	return spf.Check(ctx, in.DNS, params(in))
})

// DKIM is one verdict for each signature, in wire order.
var DKIM = check.NewFact(group, "auth.dkim", func(ctx context.Context, in *check.Input, _ Only) []dkim.Verdict {
	return prepared(in).Verify(ctx, in.DNS, dkim.Options{Now: in.Now})
})

type preparedKey struct{}

// prepared is the message taken apart, with its digests, for all runs over it.
func prepared(in *check.Input) *dkim.Message {
	return check.Keep(in, preparedKey{}, func() *dkim.Message { return dkim.Prepare(in.Raw) })
}

// DMARC is the verdict on the From domains.
var DMARC = check.NewFact(group, "auth.dmarc", func(ctx context.Context, in *check.Input, _ Only) dmarc.Verdict {
	from, clear := authors(in)
	if !clear {
		from = append(from, "") // an author that nobody can evaluate: permerror at best
	}
	var wg sync.WaitGroup
	for _, d := range from { // so that the walk does not wait for SPF and DKIM
		wg.Go(func() { dmarc.Discover(ctx, in.DNS, d) })
	}
	defer wg.Wait()
	return dmarc.Evaluate(ctx, in.DNS, dmarc.Input{From: from, SPF: spfIdentities(ctx, in, from), DKIM: dkimIdentities(ctx, in)})
})

// An Org is an organizational domain (RFC 9989 §4.10.2). Err is the question
// that leaves it undecided.
type Org struct {
	Domain string
	Err    error
}

// OrgDomain is the organizational domain of a name.
var OrgDomain = check.NewFact(group, "auth.org-domain", func(ctx context.Context, in *check.Input, name string) Org {
	org, err := dmarc.OrgDomain(ctx, in.DNS, name)
	return Org{org, err}
})

// reports are the report hosts of the policy for a From domain.
var reports = check.NewFact(group, "auth.report-hosts", func(ctx context.Context, in *check.Input, name string) []dmarc.ReportHost {
	return dmarc.ReportHosts(ctx, in.DNS, dmarc.Discover(ctx, in.DNS, name))
})

func hasSPF(in *check.Input) bool {
	return in.Session.ClientIP.IsValid() && in.Session.HasMailFrom && (in.Session.MailFrom != "" || in.Session.Helo != "")
}

func params(in *check.Input) spf.Params {
	return spf.Params{IP: in.Session.ClientIP, Helo: in.Session.Helo, Receiver: in.Receiver, Now: in.Now}
}

// spfIdentities is the MAIL FROM identity. Where it was not observed nobody
// knows whether it would have passed for any of the authors.
func spfIdentities(ctx context.Context, in *check.Input, from []string) []dmarc.Identity {
	if v, err := SPF.Get(ctx, in, Only{}); err == nil && v.Result != "" {
		return []dmarc.Identity{{Domain: v.Domain, Result: string(v.Result)}}
	}
	var out []dmarc.Identity
	for _, d := range from {
		out = append(out, dmarc.Identity{Domain: d, Result: "temperror"})
	}
	return out
}

func dkimIdentities(ctx context.Context, in *check.Input) []dmarc.Identity {
	verdicts, err := DKIM.Get(ctx, in, Only{})
	var out []dmarc.Identity
	if err != nil {
		for _, d := range FromDomains(in) {
			out = append(out, dmarc.Identity{Domain: d, Result: "temperror"})
		}
	}
	for _, v := range verdicts {
		out = append(out, dmarc.Identity{Domain: ascii(v.Domain), Result: string(v.Result)})
	}
	return out
}

// overlaid is the input's world after changes, to prove a fix with.
func overlaid(in *check.Input, changes []dns.Change) dns.Resolver {
	return dns.Overlay(in.DNS, changes)
}
