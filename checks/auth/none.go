// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"strings"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/mailauth/dkim"
	"mailproof/mailauth/spf"
)

var (
	authNone = finding.Spec{ID: "auth.none", Status: finding.Fail, Weight: 15, Cap: 40, Params: []string{"spf", "dkim"},
		Refs: []string{"https://support.google.com/a/answer/81126", "https://senders.yahooinc.com/best-practices/"}}
	authPassed    = finding.Spec{ID: "auth.passed", Status: finding.Pass, Params: []string{"by"}}
	authUndecided = finding.Spec{ID: "auth.undecided", Status: finding.Unknown, Params: []string{"spf", "dkim"}}
)

// checkNone: providers refuse mail for which neither SPF nor DKIM vouches.
var checkNone = check.Check{
	ID: "auth", Needs: check.NeedMessage, Uses: check.NeedClientIP | check.NeedMailFrom,
	Specs: []finding.Spec{authNone, authPassed, authUndecided}, Run: runNone,
}

func runNone(ctx context.Context, in *check.Input) []finding.Finding {
	v, err := SPF.Get(ctx, in, Only{})
	if err != nil {
		return nil
	}
	signatures, err := DKIM.Get(ctx, in, Only{})
	if err != nil {
		return nil
	}
	sender, undecided := string(v.Result), v.Result == "" || v.Result == spf.Temperror
	if sender == "" {
		sender = "-"
	}
	var passed, results []string
	if v.Result == spf.Pass {
		passed = append(passed, "SPF")
	}
	for _, s := range signatures {
		results = append(results, string(s.Result))
		if s.Result == dkim.Pass {
			passed = append(passed, "DKIM")
		}
		undecided = undecided || s.Result == dkim.TempError
	}
	if len(results) == 0 {
		results = []string{string(dkim.None)}
	}
	quote := []finding.Observation{seen("computed", "auth-spf", sender), seen("computed", "auth-dkim", strings.Join(results, ", "))}
	p := finding.Params{"spf": sender, "dkim": strings.Join(results, ", ")}
	switch {
	case len(passed) > 0:
		return []finding.Finding{authPassed.At("", finding.Params{"by": strings.Join(once(passed), ", ")}, quote...)}
	case undecided:
		return []finding.Finding{authUndecided.At("", p, quote...)}
	}
	return []finding.Finding{authNone.At("", p, quote...).Fixed(finding.Fix{})}
}

func once(list []string) []string {
	var out []string
	for _, s := range list {
		if len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}
