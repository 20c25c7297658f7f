// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"strconv"
	"strings"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/mailauth/spf"
)

var spfParams = []string{"domain", "client"}

// The statements about the envelope sender's SPF record.
var (
	spfPass      = finding.Spec{ID: "spf.pass", Status: finding.Pass, Params: spfParams, Refs: []string{"RFC 7208 §2.6.3"}}
	spfFail      = finding.Spec{ID: "spf.fail", Status: finding.Fail, Weight: 20, Params: spfParams, Refs: []string{"RFC 7208 §8.4"}}
	spfSoftfail  = finding.Spec{ID: "spf.softfail", Status: finding.Warn, Weight: 15, Params: spfParams, Refs: []string{"RFC 7208 §8.5"}}
	spfNeutral   = finding.Spec{ID: "spf.neutral", Status: finding.Warn, Weight: 10, Params: spfParams, Refs: []string{"RFC 7208 §8.2"}}
	spfPermerror = finding.Spec{ID: "spf.permerror", Status: finding.Fail, Weight: 15, Params: append(spfParams, "reason", "term"), Refs: []string{"RFC 7208 §8.7"}}
	spfTwo       = finding.Spec{ID: "spf.two-records", Status: finding.Fail, Weight: 15, Params: append(spfParams, "count"), Refs: []string{"RFC 7208 §4.5"}}
	spfLookups   = finding.Spec{ID: "spf.too-many-lookups", Status: finding.Fail, Weight: 15, Params: spfParams, Refs: []string{"RFC 7208 §4.6.4"}}
	spfNone      = finding.Spec{ID: "spf.none", Status: finding.Fail, Weight: 10, Params: spfParams, Refs: []string{"RFC 7208 §8.1"}}
	spfBadDomain = finding.Spec{ID: "spf.bad-domain", Status: finding.Fail, Weight: 10, Params: spfParams, Refs: []string{"RFC 7208 §4.3"}}
	spfTemperror = finding.Spec{ID: "spf.temperror", Status: finding.Unknown, Params: append(spfParams, "answer"), Refs: []string{"RFC 7208 §8.6"}}

	spfPlusAll = finding.Spec{ID: "spf.plusall", Status: finding.Fail, Weight: 15, Cap: 60, Params: spfParams, Refs: []string{"RFC 7208 §5.1"}}
	spfNear    = finding.Spec{ID: "spf.many-lookups", Status: finding.Warn, Weight: 2, Params: append(spfParams, "count"), Refs: []string{"RFC 7208 §4.6.4"}}
	spfPTR     = finding.Spec{ID: "spf.ptr", Status: finding.Warn, Weight: 2, Params: spfParams, Refs: []string{"RFC 7208 §5.5"}}
	spfNoAll   = finding.Spec{ID: "spf.no-all", Status: finding.Warn, Weight: 2, Params: spfParams, Refs: []string{"RFC 7208 §4.7"}}
	spfWide    = finding.Spec{ID: "spf.wide", Status: finding.Warn, Weight: 2, Params: append(spfParams, "term"), Refs: []string{"RFC 7208 §5.6"}}
)

var checkSPF = check.Check{
	ID: "spf", Needs: check.NeedClientIP | check.NeedMailFrom, Uses: check.NeedHelo,
	Specs: []finding.Spec{
		spfPass, spfFail, spfSoftfail, spfNeutral, spfPermerror, spfTwo, spfLookups, spfNone, spfBadDomain, spfTemperror,
		spfPlusAll, spfNear, spfPTR, spfNoAll, spfWide,
	},
	Applies: hasSPF,
	Run:     runSPF,
}

// spfSpec picks the statement for a verdict.
func spfSpec(v spf.Verdict) finding.Spec {
	switch v.Reason {
	case spf.BadDomain:
		if v.Result == spf.None {
			return spfBadDomain
		}
	case spf.TwoRecords:
		if v.Where == nil || v.Where.Domain == v.Domain {
			return spfTwo
		}
	case spf.TooManyLookups:
		return spfLookups
	}
	return map[spf.Result]finding.Spec{
		spf.Pass: spfPass, spf.Fail: spfFail, spf.Softfail: spfSoftfail, spf.Neutral: spfNeutral,
		spf.Permerror: spfPermerror, spf.Temperror: spfTemperror, spf.None: spfNone,
	}[v.Result]
}

func runSPF(ctx context.Context, in *check.Input) []finding.Finding {
	v, err := SPF.Get(ctx, in, Only{})
	if err != nil {
		return nil
	}
	spec := spfSpec(v)
	p := finding.Params{"domain": v.Domain, "client": in.Session.ClientIP.String()}
	f := spec.At(v.Domain, extended(spec, p, v), spfSeen(in, v)...)
	if spec.Status == finding.Fail || spec.Status == finding.Warn {
		f = f.Fixed(spfFix(ctx, in, v))
	}
	return append([]finding.Finding{f}, spfAdvice(ctx, in, v, p)...)
}

// extended adds the parameters that only some statements have.
func extended(spec finding.Spec, p finding.Params, v spf.Verdict) finding.Params {
	out := finding.Params{}
	for k, val := range p {
		out[k] = val
	}
	switch spec.ID {
	case spfPermerror.ID:
		out["reason"], out["term"] = string(v.Reason), ""
		if v.Where != nil {
			out["term"] = v.Where.Term
			if v.Where.Code != "" {
				out["reason"] = string(v.Where.Code)
			}
		}
	case spfTwo.ID:
		out["count"] = strconv.Itoa(len(v.Trace.Records))
	case spfTemperror.ID:
		out["answer"] = string(v.Reason)
		if v.DNS != nil {
			out["answer"] = string(v.DNS.Code)
		}
	}
	return out
}

// spfSeen quotes what the verdict rests on.
func spfSeen(in *check.Input, v spf.Verdict) []finding.Observation {
	out := []finding.Observation{seen("session", "client", in.Session.ClientIP.String()), seen("session", "domain", v.Domain)}
	if v.Trace != nil {
		for _, r := range v.Trace.Records {
			out = append(out, seen("dns", "record", v.Domain+" TXT "+r))
		}
	}
	if v.Matched != "" {
		out = append(out, seen("computed", "matched", v.Matched))
	}
	if v.Where != nil {
		out = append(out, seen("computed", "reason", strings.TrimSpace(string(v.Reason)+" "+v.Where.Domain+" "+v.Where.Term)))
	}
	if v.DNS != nil {
		out = append(out, seen("dns", "error", string(v.DNS.Type)+" "+v.DNS.Name+" "+string(v.DNS.Code)))
	}
	if v.Explanation != "" {
		out = append(out, seen("dns", "text", v.Explanation))
	}
	return append(out, seen("computed", "lookups", strconv.Itoa(v.Lookups)), seen("computed", "result", string(v.Result)))
}

// Sizes above which a network is hardly one sender's: /16 and /32 are the
// largest blocks that a hosting company would hand to one customer.
const (
	narrow4 = 16
	narrow6 = 32
)

// spfAdvice is about the record itself, whatever it says of this client.
func spfAdvice(ctx context.Context, in *check.Input, v spf.Verdict, p finding.Params) []finding.Finding {
	if v.Record == "" || v.Reason == spf.Syntax {
		return nil
	}
	rec, _ := spf.ParseRecord(v.Record)
	quote := []finding.Observation{seen("dns", "record", v.Domain+" TXT "+v.Record)}
	var out []finding.Finding
	if plus := plusAll(rec); plus >= 0 {
		out = append(out, spfPlusAll.At(v.Domain, p, quote...).Fixed(plusAllFix(ctx, in, v, rec.Terms[plus])))
	}
	if v.Lookups >= spf.MaxLookups-1 && v.Lookups <= spf.MaxLookups && v.Result != spf.Temperror {
		q := finding.Params{"domain": p["domain"], "client": p["client"], "count": strconv.Itoa(v.Lookups)}
		out = append(out, spfNear.At(v.Domain, q, append(quote, seen("computed", "lookups", q["count"]))...).Fixed(finding.Fix{}))
	}
	return append(out, termAdvice(rec, v, p, quote)...)
}

func termAdvice(rec spf.Record, v spf.Verdict, p finding.Params, quote []finding.Observation) []finding.Finding {
	var out []finding.Finding
	ends, ptr := false, false
	var wide []string
	for _, t := range rec.Terms {
		ends = ends || t.Kind == spf.All || t.Kind == spf.Redirect
		ptr = ptr || t.Kind == spf.PTR
		limit := narrow4
		if t.Kind == spf.IP6 {
			limit = narrow6
		}
		if t.Network.IsValid() && t.Qualifier == spf.QPass && t.Network.Bits() < limit {
			wide = append(wide, t.Text)
		}
	}
	if ptr {
		out = append(out, spfPTR.At(v.Domain, p, quote...).Fixed(finding.Fix{}))
	}
	if !ends {
		out = append(out, spfNoAll.At(v.Domain, p, quote...).Fixed(finding.Fix{
			DNS: changes(replaceTXT(v.Domain, v.Record, strings.TrimRight(v.Record, " ")+" ~all")),
		}))
	}
	if len(wide) > 0 {
		q := finding.Params{"domain": p["domain"], "client": p["client"], "term": strings.Join(wide, " ")}
		out = append(out, spfWide.At(v.Domain, q, quote...).Fixed(finding.Fix{}))
	}
	return out
}

// plusAll is the place of a +all in a record, or -1.
func plusAll(rec spf.Record) int {
	for i, t := range rec.Terms {
		if t.Kind == spf.All {
			if t.Qualifier == spf.QPass {
				return i
			}
			return -1 // what stands behind is ignored (RFC 7208 §5.1)
		}
	}
	return -1
}
