// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"slices"
	"strings"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/mailauth/dkim"
	"mailproof/mailauth/dmarc"
	"mailproof/mailauth/spf"
	"mailproof/report"
)

// describe fills the report's authentication part from the facts of the run;
// iprev is filled by checks/host. What was not found out stays empty.
func describe(ctx context.Context, in *check.Input, r *report.Report) {
	a := &r.Authentication
	mailFrom, err := SPF.Get(ctx, in, Only{})
	if err == nil && mailFrom.Result != "" {
		a.SPF = describeSPF(&mailFrom)
	}
	if helo, err := SPFHelo.Get(ctx, in, Only{}); err == nil && helo.Result != "" {
		a.SPFHelo = describeSPF(&helo)
	}
	a.DKIM = []report.DKIM{}
	signatures, _ := DKIM.Get(ctx, in, Only{})
	for i := range listed(signatures) {
		a.DKIM = append(a.DKIM, describeDKIM(&signatures[i]))
	}
	a.DMARC = report.DMARC{Result: string(dmarc.None)}
	if v, err := DMARC.Get(ctx, in, Only{}); err != nil {
		a.DMARC.Result = string(dmarc.TempError)
	} else if decisive := v.Author(); decisive != nil {
		a.DMARC = describeDMARC(&v, decisive, a.SPF != nil)
	}
	if !hasARC(in) {
		a.ARC = &report.ARC{Result: "none"}
	}
	a.Header = header(in, a)
}

// hasARC reports whether the mail claims an ARC chain (RFC 8617 §4.1). This
// version does not verify one, so of such a mail it says nothing.
func hasARC(in *check.Input) bool {
	return slices.ContainsFunc(in.Msg.Fields, func(f evidence.Field) bool {
		return len(f.Name) > 4 && strings.EqualFold(f.Name[:4], "ARC-")
	})
}

// What a report repeats of records. They come from the sender's name servers
// and may have 64 kB each; honest ones stay far below. The answers themselves
// are kept whole in the DNS part.
const (
	maxRecord = 8 << 10 // octets of one record
	maxTerms  = 1000    // of all SPF records of a trace
)

func recordText(s string) string {
	if len(s) > maxRecord {
		return s[:maxRecord] + "…"
	}
	return s
}

func describeSPF(v *spf.Verdict) *report.SPF {
	left := maxTerms
	return &report.SPF{
		Result: string(v.Result), Domain: v.Domain, Record: recordText(v.Record), Matched: recordText(v.Matched), Lookups: v.Lookups,
		VoidLookups: v.VoidLookups, Explanation: v.Explanation, Reason: string(v.Reason), Trace: describeTrace(v.Trace, &left),
	}
}

// describeTrace stops at the terms for which there is no room left.
func describeTrace(t *spf.Trace, left *int) *report.SPFTrace {
	if t == nil {
		return nil
	}
	out := &report.SPFTrace{Domain: t.Domain, Record: recordText(t.Record()), Result: string(t.Result), Terms: []report.SPFTerm{}}
	for i := range t.Steps {
		if *left--; *left < 0 {
			break
		}
		s := &t.Steps[i]
		out.Terms = append(out.Terms, report.SPFTerm{
			Text: recordText(s.Term.Text), At: s.Term.At, Outcome: string(s.Outcome), Detail: detail(s), Lookups: s.Count, Child: describeTrace(s.Child, left),
		})
	}
	return out
}

// detail is what made a term match or fail.
func detail(s *spf.Step) string {
	switch {
	case s.Reason != "":
		return string(s.Reason)
	case s.Found != "":
		return s.Found
	}
	return s.Target
}

func describeDKIM(v *dkim.Verdict) report.DKIM {
	d := report.DKIM{
		Result: string(v.Result), Domain: v.Domain, Selector: v.Selector, Identity: v.Identity, Algorithm: v.Algorithm, KeyBits: v.KeyBits,
		Canonicalization: string(v.HeaderCanon) + "/" + string(v.BodyCanon), SignedHeaders: v.SignedHeaders,
		Reason: string(v.Reason), Diagnosis: v.Detail, SignedAt: v.Timestamp, ExpiresAt: v.Expires,
	}
	if d.SignedHeaders == nil {
		d.SignedHeaders = []string{}
	}
	if v.BodyLength >= 0 {
		n := v.BodyLength
		d.BodyLength = &n
	}
	if v.Key != nil {
		d.CNAME = v.Key.Answer.CNAMEs
		if v.Key.Record != nil {
			d.Record = recordText(v.Key.Record.Text)
		}
	}
	return d
}

func describeDMARC(v *dmarc.Verdict, a *dmarc.Author, hasSPF bool) report.DMARC {
	d := report.DMARC{
		Result: string(v.Result), FromDomain: a.Domain, PolicyDomain: a.Discovery.PolicyDomain,
		Policy: string(a.Policy), Disposition: string(a.Disposition),
		RFC7489: report.RFC7489{
			Result: string(a.Legacy.Result), PolicyDomain: a.Legacy.PolicyDomain, Policy: string(a.Legacy.Policy), Differs: a.Legacy.Differs,
		},
	}
	if a.Discovery.Record != nil {
		d.Record = recordText(a.Discovery.Record.Raw)
	}
	if hasSPF {
		d.Alignment.SPF = best(a, dmarc.BySPF)
	}
	d.Alignment.DKIM = best(a, dmarc.ByDKIM)
	return d
}

// best is the identity of a mechanism that comes nearest to a pass.
func best(a *dmarc.Author, by string) report.Aligned {
	var out report.Aligned
	rank := -1
	for i := range a.Alignments {
		al := &a.Alignments[i]
		if al.By != by {
			continue
		}
		n := 0
		if al.Aligned == dmarc.Yes {
			n += 2
		}
		if al.Result == "pass" {
			n++
		}
		if n > rank {
			rank = n
			out = report.Aligned{Aligned: al.Passes(), Mode: string(al.Mode), Domain: strings.TrimSpace(al.Domain)}
		}
	}
	return out
}
