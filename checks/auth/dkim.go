// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/mailauth/dkim"
)

var dkimParams = []string{"domain", "selector", "reason"}

// The statements about signatures. At most one failed signature is charged.
var (
	dkimPass    = finding.Spec{ID: "dkim.pass", Status: finding.Pass, Params: append(dkimParams, "algorithm", "bits"), Refs: []string{"RFC 6376 §6.1"}}
	dkimNone    = finding.Spec{ID: "dkim.none", Status: finding.Fail, Weight: 15, Params: []string{"domain"}, Refs: []string{"RFC 6376 §5", "https://support.google.com/a/answer/81126"}}
	dkimBody    = failedSpec("dkim.body-changed", "RFC 6376 §6.1.3")
	dkimHeader  = failedSpec("dkim.header-changed", "RFC 6376 §6.1.3")
	dkimNoKey   = failedSpec("dkim.key-missing", "RFC 6376 §6.1.2")
	dkimRevoked = failedSpec("dkim.key-revoked", "RFC 6376 §3.6.1")
	dkimDamaged = failedSpec("dkim.key-damaged", "RFC 6376 §3.6.1")
	dkimExpired = failedSpec("dkim.expired", "RFC 6376 §3.5")
	dkimTooWeak = failedSpec("dkim.too-weak", "RFC 8301 §3")
	dkimInvalid = failedSpec("dkim.invalid", "RFC 6376 §6.1")
	dkimAlso    = finding.Spec{ID: "dkim.also-failed", Status: finding.Info, Params: dkimParams, Refs: []string{"RFC 6376 §6.1"}}
	dkimNotRead = finding.Spec{ID: "dkim.not-evaluated", Status: finding.Info, Params: dkimParams, Refs: []string{"RFC 6376 §8.4"}}
	dkimTemp    = finding.Spec{ID: "dkim.temperror", Status: finding.Unknown, Params: dkimParams, Refs: []string{"RFC 6376 §6.1.2"}}
	dkimKey1024 = finding.Spec{ID: "dkim.key-1024", Status: finding.Warn, Weight: 2, Params: append(dkimParams, "bits"), Refs: []string{"RFC 8301 §3.2"}}
	dkimLength  = finding.Spec{ID: "dkim.body-length", Status: finding.Warn, Weight: 5, Params: append(dkimParams, "covered", "total"), Refs: []string{"RFC 6376 §8.2"}}
	dkimTesting = finding.Spec{ID: "dkim.testing", Status: finding.Warn, Weight: 3, Params: dkimParams, Refs: []string{"RFC 6376 §3.6.1"}}
	// Costs nothing: the signature is valid, and whoever cannot read it takes the mail as unsigned.
	dkimEd25519  = finding.Spec{ID: "dkim.ed25519-only", Status: finding.Warn, Params: dkimParams, Refs: []string{"RFC 8463 §6"}}
	dkimUnsigned = finding.Spec{ID: "dkim.weak-headers", Status: finding.Warn, Weight: 3, Params: append(dkimParams, "fields"), Refs: []string{"RFC 6376 §5.4.1"}}
)

func failedSpec(id finding.ID, ref string) finding.Spec {
	return finding.Spec{ID: id, Status: finding.Fail, Weight: 15, Params: dkimParams, Refs: []string{ref}}
}

// failures says which statement belongs to which reason; others are invalid.
var failures = map[dkim.Reason]finding.Spec{
	dkim.BodyHash: dkimBody, dkim.BodyLength: dkimBody, dkim.BadSignature: dkimHeader, dkim.KeyMissing: dkimNoKey,
	dkim.KeyRevoked: dkimRevoked, dkim.KeySyntax: dkimDamaged, dkim.Expired: dkimExpired, dkim.SHA1: dkimTooWeak, dkim.KeyShort: dkimTooWeak,
}

func dkimCheck(c Config) check.Check {
	return check.Check{
		ID: "dkim", Needs: check.NeedMessage,
		Specs: []finding.Spec{
			dkimPass, dkimNone, dkimBody, dkimHeader, dkimNoKey, dkimRevoked, dkimDamaged, dkimExpired, dkimTooWeak, dkimInvalid,
			dkimAlso, dkimNotRead, dkimTemp, dkimKey1024, dkimLength, dkimTesting, dkimEd25519, dkimUnsigned,
		},
		Run: func(ctx context.Context, in *check.Input) []finding.Finding { return runDKIM(ctx, in, c) },
	}
}

func runDKIM(ctx context.Context, in *check.Input, c Config) []finding.Finding {
	verdicts, err := DKIM.Get(ctx, in, Only{})
	if err != nil {
		return nil
	}
	compare(ctx, in, c, verdicts)
	if len(verdicts) == 0 {
		domain := strings.Join(FromDomains(in), ", ")
		return []finding.Finding{dkimNone.At(domain, finding.Params{"domain": domain}, seen("message", "header", "DKIM-Signature: -")).Fixed(finding.Fix{})}
	}
	charged := chargedSignature(in, verdicts)
	advised := advisedSignatures(in, verdicts)
	newOnly := onlyEd25519(verdicts)
	var out []finding.Finding
	for i := range listed(verdicts) {
		v := &verdicts[i]
		s := subject(verdicts, i)
		out = append(out, signature(ctx, in, v, s, i == charged))
		if v.Result == dkim.Pass && slices.Contains(advised, i) {
			out = append(out, signatureAdvice(v, s)...)
		}
		if i == newOnly {
			out = append(out, ed25519Advice(v, s))
		}
	}
	return out
}

// maxListed bounds the signatures that a report names: a header has room for
// thousands, and only the first ten are verified.
const maxListed = 30

func listed(verdicts []dkim.Verdict) []dkim.Verdict {
	return verdicts[:min(len(verdicts), maxListed)]
}

type comparedKey struct{}

// compare asks the second opinion, once for all runs over a message. A
// difference is for the operator.
func compare(ctx context.Context, in *check.Input, c Config, verdicts []dkim.Verdict) {
	if c.Opinion == nil || len(verdicts) == 0 || !check.Once(in, comparedKey{}) {
		return
	}
	_, differences := c.Opinion(ctx, in.DNS, in.Raw, verdicts)
	for _, d := range differences {
		if in.Log != nil {
			in.Log.Warn("dkim: the second opinion differs", "difference", d)
		}
		if c.Differs != nil {
			c.Differs(d)
		}
	}
}

// chargedSignature is the failed signature that costs points, or -1: the first
// of the author's organization, unless one of it passes or is undecided; where
// there is none of it, the first, unless any passes or is undecided.
func chargedSignature(in *check.Input, verdicts []dkim.Verdict) int {
	first, own := -1, -1
	for i := range verdicts {
		v := &verdicts[i]
		switch v.Result {
		case dkim.Pass, dkim.TempError:
			if v.Result == dkim.TempError || ours(in, v.Domain) {
				return -1
			}
		case dkim.Neutral:
		default:
			if own < 0 && ours(in, v.Domain) {
				own = i
			}
			if first < 0 {
				first = i
			}
		}
	}
	if own >= 0 {
		return own
	}
	if passing(verdicts) {
		return -1
	}
	return first
}

func passing(verdicts []dkim.Verdict) bool {
	return slices.ContainsFunc(verdicts, func(v dkim.Verdict) bool { return v.Result == dkim.Pass })
}

// advisedSignatures are those whose quality matters: the author's own, or all
// where it has none. Decided by names alone, so that it stays the same when a
// key cannot be had.
func advisedSignatures(in *check.Input, verdicts []dkim.Verdict) []int {
	var own, all []int
	for i := range verdicts {
		if verdicts[i].Result == dkim.Neutral {
			break // the rest was not evaluated
		}
		all = append(all, i)
		if ours(in, verdicts[i].Domain) {
			own = append(own, i)
		}
	}
	if len(own) > 0 {
		return own
	}
	return all
}

// subject tells signatures apart: domain/selector, numbered if it occurs twice.
func subject(verdicts []dkim.Verdict, i int) string {
	name := func(v *dkim.Verdict) string { return ascii(v.Domain) + "/" + v.Selector }
	n := 1
	for j := range i {
		if name(&verdicts[j]) == name(&verdicts[i]) {
			n++
		}
	}
	if n > 1 {
		return fmt.Sprintf("%s#%d", name(&verdicts[i]), n)
	}
	return name(&verdicts[i])
}

func signature(ctx context.Context, in *check.Input, v *dkim.Verdict, s string, charged bool) finding.Finding {
	p := finding.Params{"domain": v.Domain, "selector": v.Selector, "reason": string(v.Reason)}
	quote := dkimSeen(v)
	switch v.Result {
	case dkim.Pass:
		p["algorithm"], p["bits"] = v.Algorithm, strconv.Itoa(v.KeyBits)
		return dkimPass.At(s, p, quote...)
	case dkim.TempError:
		return dkimTemp.At(s, p, quote...)
	case dkim.Neutral:
		return dkimNotRead.At(s, p, quote...)
	}
	if !charged {
		return dkimAlso.At(s, p, quote...)
	}
	spec, known := failures[v.Reason]
	if !known {
		spec = dkimInvalid
	}
	return spec.At(s, p, quote...).Fixed(dkimFix(ctx, in, v))
}

// dkimSeen quotes the signature, the key and what was made of them.
func dkimSeen(v *dkim.Verdict) []finding.Observation {
	out := []finding.Observation{seen("header", "signature", clip(v.Value))}
	if v.Key != nil {
		out = append(out, seen("dns", "name", v.Key.Name))
		switch {
		case v.Key.Record != nil:
			out = append(out, seen("dns", "key", clip(v.Key.Record.Text)))
		case v.Key.Err != nil:
			out = append(out, seen("dns", "error", v.Key.Err.Error()))
		}
	}
	if v.Reason != "" {
		out = append(out, seen("computed", "reason", strings.TrimSpace(string(v.Reason)+" "+clip(v.Detail))))
	}
	return append(out, seen("computed", "result", string(v.Result)))
}

// maxQuote bounds one quotation; a signature of an honest mail has 1000 octets.
const maxQuote = 2000

func clip(s string) string {
	if len(s) > maxQuote {
		return s[:maxQuote] + "…"
	}
	return s
}
