// SPDX-License-Identifier: MIT

package auth

import (
	"context"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/mailauth/spf"
)

// The statements about the HELO name's SPF record.
var (
	heloPass      = finding.Spec{ID: "spf.helo.pass", Status: finding.Pass, Params: spfParams, Refs: []string{"RFC 7208 §2.3"}}
	heloFail      = finding.Spec{ID: "spf.helo.fail", Status: finding.Warn, Weight: 2, Params: spfParams, Refs: []string{"RFC 7208 §2.3"}}
	heloNone      = finding.Spec{ID: "spf.helo.none", Status: finding.Info, Params: spfParams, Refs: []string{"RFC 7208 §2.3"}}
	heloOther     = finding.Spec{ID: "spf.helo.other", Status: finding.Info, Params: append(spfParams, "result"), Refs: []string{"RFC 7208 §2.3"}}
	heloTemperror = finding.Spec{ID: "spf.helo.temperror", Status: finding.Unknown, Params: spfParams, Refs: []string{"RFC 7208 §8.6"}}
)

// checkSPFHelo: receivers may look at the HELO name too. For the null sender it
// is what the spf check is about, and is not charged twice.
var checkSPFHelo = check.Check{
	ID: "spf.helo", Needs: check.NeedClientIP | check.NeedHelo,
	Specs:   []finding.Spec{heloPass, heloFail, heloNone, heloOther, heloTemperror},
	Applies: func(in *check.Input) bool { return !in.Session.HasMailFrom || in.Session.MailFrom != "" },
	Run:     runSPFHelo,
}

func runSPFHelo(ctx context.Context, in *check.Input) []finding.Finding {
	v, err := SPFHelo.Get(ctx, in, Only{})
	if err != nil {
		return nil
	}
	p := finding.Params{"domain": v.Domain, "client": in.Session.ClientIP.String()}
	spec := heloOther
	switch v.Result {
	case spf.Pass:
		spec = heloPass
	case spf.Fail:
		spec = heloFail
	case spf.None:
		spec = heloNone
	case spf.Temperror:
		spec = heloTemperror
	default:
		p["result"] = string(v.Result)
	}
	f := spec.At(v.Domain, p, spfSeen(in, v)...)
	if v.Result == spf.Fail {
		f = f.Fixed(spfHeloFix(v, in))
	}
	return []finding.Finding{f}
}

// spfHeloFix adds the client to the record of the HELO name.
func spfHeloFix(v spf.Verdict, in *check.Input) finding.Fix {
	ip := in.Session.ClientIP
	p := finding.Params{"address": ip.String()}
	if !publishable(ip) || v.Record == "" {
		return finding.Fix{Params: p}
	}
	return finding.Fix{DNS: changes(replaceTXT(v.Domain, v.Record, spf.WithAddress(v.Record, ip))), Params: p}
}
