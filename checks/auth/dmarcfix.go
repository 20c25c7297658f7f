// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/mailauth/dmarc"
)

// recordOwner is the name that really holds the policy record.
func recordOwner(d *dmarc.Discovery) string {
	if n := len(d.CNAMEs); n > 0 {
		return d.CNAMEs[n-1]
	}
	return "_dmarc." + d.PolicyDomain
}

// policyFix publishes a record that every receiver can use: a new p=none where
// there is none, the repaired one where there is something. It is offered only
// if the mail passes with it.
func policyFix(ctx context.Context, in *check.Input, a *dmarc.Author, broken *dmarc.Step) finding.Fix {
	var c []dns.Change
	switch {
	case broken == nil:
		home := a.Legacy.Org
		record := withReports(ctx, in, a, "v=DMARC1; p=none")
		if record == "" {
			return finding.Fix{}
		}
		c = changes(addTXT("_dmarc."+home, record))
	case len(broken.Records) > 1:
		c = oneOf(ctx, in, a, broken)
	default:
		rec := brokenRecord(broken)
		if repaired := repaired(ctx, in, a, rec); repaired != "" {
			c = changes(replaceTXT(stepOwner(broken), rec.Raw, repaired))
		}
	}
	if len(c) == 0 || !dmarcPasses(ctx, in, a, c) {
		return finding.Fix{}
	}
	return finding.Fix{DNS: c}
}

func stepOwner(s *dmarc.Step) string {
	if n := len(s.CNAMEs); n > 0 {
		return s.CNAMEs[n-1]
	}
	return s.Name()
}

// repaired is a record in its right form, with an address for reports if it
// has neither a policy to enforce nor one.
func repaired(ctx context.Context, in *check.Input, a *dmarc.Author, rec *dmarc.Record) string {
	text := rec.Repaired()
	if again := dmarc.Parse(text); again.P == dmarc.PolicyNone && !reportsAsked(&again) {
		return withReports(ctx, in, a, text)
	}
	return text
}

// oneOf keeps one of several records, the first that can be used, and removes
// the others.
func oneOf(ctx context.Context, in *check.Input, a *dmarc.Author, s *dmarc.Step) []dns.Change {
	keep := 0
	for i := range s.Records {
		if s.Records[i].Usable() && !s.Records[i].PolicyInvalid {
			keep = i
			break
		}
	}
	text := repaired(ctx, in, a, &s.Records[keep])
	if text == "" {
		return nil
	}
	var out []dns.Change
	for i := range s.Records {
		if i != keep {
			out = append(out, removeTXT(stepOwner(s), s.Records[i].Raw))
		}
	}
	if text != s.Records[keep].Raw {
		out = append(out, replaceTXT(stepOwner(s), s.Records[keep].Raw, text))
	}
	return out
}

// withReports adds an address for reports: postmaster, which every domain that
// receives mail has to have (RFC 5321 §4.5.1), of the organization or else of
// the From domain. Empty if neither receives mail: then nobody but the owner
// knows a good address.
func withReports(ctx context.Context, in *check.Input, a *dmarc.Author, record string) string {
	for _, home := range []string{a.Legacy.Org, a.Domain} {
		if ok, err := dmarc.Receives(ctx, in.DNS, home); err == nil && ok == dmarc.Yes {
			return strings.TrimRight(record, "; ") + "; rua=mailto:postmaster@" + home
		}
	}
	return ""
}

// ruaFix adds an address for reports to a record that only watches.
func ruaFix(ctx context.Context, in *check.Input, a *dmarc.Author) finding.Fix {
	d := &a.Discovery
	text := withReports(ctx, in, a, withoutTag(d.Record, "rua"))
	if text == "" {
		return finding.Fix{}
	}
	c := changes(replaceTXT(recordOwner(d), d.Record.Raw, text))
	if after := dmarc.Discover(ctx, overlaid(in, c), a.Domain); after.Record == nil || !reportsAsked(after.Record) {
		return finding.Fix{}
	}
	return finding.Fix{DNS: c}
}

// withoutTag is a record less one tag, all else as published.
func withoutTag(rec *dmarc.Record, name string) string {
	var keep []string
	for part := range strings.SplitSeq(rec.Raw, ";") {
		tag, _, _ := strings.Cut(part, "=")
		if part = strings.TrimSpace(part); part != "" && !strings.EqualFold(strings.TrimSpace(tag), name) {
			keep = append(keep, part)
		}
	}
	return strings.Join(keep, "; ")
}

// dmarcPasses proves a change for one author.
func dmarcPasses(ctx context.Context, in *check.Input, a *dmarc.Author, c []dns.Change) bool {
	v := dmarc.Evaluate(ctx, overlaid(in, c), dmarc.Input{
		From: []string{a.Domain}, SPF: spfIdentities(ctx, in, []string{a.Domain}), DKIM: dkimIdentities(ctx, in),
	})
	return v.Result == dmarc.Pass
}
