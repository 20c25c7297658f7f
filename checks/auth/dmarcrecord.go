// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"strconv"
	"strings"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/mailauth/dmarc"
)

// recordAdvice is about the policy record, whatever became of the mail.
func recordAdvice(ctx context.Context, in *check.Input, a *dmarc.Author) []finding.Finding {
	d := &a.Discovery
	rec := d.Record
	name := "_dmarc." + d.PolicyDomain
	quote := []finding.Observation{seen("dns", "record", name+" TXT "+clip(rec.Raw))}
	for _, c := range d.CNAMEs {
		quote = append(quote, seen("dns", "auth-cname", c))
	}
	p := func(more ...string) finding.Params {
		out := finding.Params{"domain": a.Domain, "policy-domain": d.PolicyDomain}
		for i := 0; i+1 < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	var out []finding.Finding
	if rec.P == dmarc.PolicyNone && !reportsAsked(rec) {
		out = append(out, dmarcNoRUA.At(d.PolicyDomain, p(), quote...).Fixed(ruaFix(ctx, in, a)))
	}
	if rec.Pct < 100 {
		f := dmarcPct.At(d.PolicyDomain, p("pct", strconv.Itoa(rec.Pct)), quote...)
		out = append(out, f.Fixed(finding.Fix{DNS: changes(replaceTXT(recordOwner(d), rec.Raw, withoutTag(rec, "pct")))}))
	}
	if rec.Test {
		out = append(out, dmarcTest.At(d.PolicyDomain, p(), quote...))
	}
	if odd := oddities(rec); len(odd) > 0 {
		out = append(out, dmarcOdd.At(d.PolicyDomain, p(), append(quote, odd...)...))
	}
	return append(out, hostAdvice(ctx, in, a, quote)...)
}

func reportsAsked(rec *dmarc.Record) bool {
	for _, u := range rec.RUA {
		if u.Valid {
			return true
		}
	}
	return false
}

// oddities quotes the deviations that are not statements of their own.
func oddities(rec *dmarc.Record) []finding.Observation {
	var out []finding.Observation
	for _, dev := range rec.Deviations {
		if dev.Code == dmarc.RemovedTag && dev.Tag == "pct" && rec.Pct < 100 {
			continue
		}
		out = append(out, seen("computed", "auth-deviation", strings.TrimSpace(dev.Code+" @"+strconv.Itoa(dev.At)+" "+clip(dev.Text))))
	}
	return out
}

// hostAdvice is about where reports are to go.
func hostAdvice(ctx context.Context, in *check.Input, a *dmarc.Author, quote []finding.Observation) []finding.Finding {
	hosts, err := reports.Get(ctx, in, a.Domain)
	if err != nil {
		return nil
	}
	policy := a.Discovery.PolicyDomain
	var out []finding.Finding
	for _, h := range hosts {
		p := finding.Params{"domain": a.Domain, "policy-domain": policy, "host": h.Host}
		switch {
		case h.Receives == dmarc.No:
			out = append(out, dmarcDead.At(policy+" "+h.Host, p, append(quote, seen("dns", "mx", h.Host+": -"))...).Fixed(finding.Fix{}))
		case h.External && h.Authorized == dmarc.No && h.Receives == dmarc.Yes: // else it is, or may be, the other thing
			p["name"] = h.Question
			out = append(out, dmarcUnauthorized.At(policy+" "+h.Host, p, append(quote, seen("dns", "name", h.Question+" TXT: -"))...).Fixed(finding.Fix{}))
		}
	}
	return out
}
