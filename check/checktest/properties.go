// SPDX-License-Identifier: MIT

package checktest

import (
	"context"
	"strings"
	"testing"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/scoring"
)

// FixRemoves applies the DNS fix of the finding through an overlay and fails
// unless the finding is gone, nothing new is wrong and the score is not lower.
func FixRemoves(t testing.TB, groups []check.Group, c Case, id finding.ID) {
	t.Helper()
	before := Run(t, groups, c)
	f := Find(t, before, id)
	if f.Fix == nil || len(f.Fix.DNS) == 0 {
		t.Fatalf("%s offers no record", id)
	}
	after := RunWith(t, groups, c, dns.Overlay(c.Resolver(t), f.Fix.DNS))
	was, is := troubles(before.Findings), troubles(after.Findings)
	if _, still := is[line(f)]; still {
		t.Errorf("%s is still there after %+v", line(f), f.Fix.DNS)
	}
	for l, g := range is {
		if _, known := was[l]; !known {
			t.Errorf("the fix of %s brings %s: %v %+v", line(f), l, g.Params, f.Fix.DNS)
		}
	}
	policy := scoring.DefaultPolicy()
	s0, _ := scoring.Compute(policy, before.Findings, before.Ran)
	s1, _ := scoring.Compute(policy, after.Findings, after.Ran)
	if s1.Tenths < s0.Tenths {
		t.Errorf("the fix of %s lowers the score from %d to %d", line(f), s0.Tenths, s1.Tenths)
	}
}

// EveryLookupFails runs the case once for every question that it asks, with
// that question unanswered, and once with all unanswered: no warn or fail may
// appear that the clean run lacks, and silence must show as unknown.
func EveryLookupFails(t testing.TB, groups []check.Group, c Case) {
	t.Helper()
	world := c.Resolver(t)
	asked := dns.NewTrace(world)
	clean := troubles(RunWith(t, groups, c, asked).Findings)
	questions := asked.Exchanges()
	for _, code := range []dns.RCode{dns.Timeout, dns.ServFail} {
		for _, q := range questions {
			broken := failing{base: world, name: q.Name, typ: q.Type, code: code}
			for l := range troubles(RunWith(t, groups, c, broken).Findings) {
				if _, known := clean[l]; !known {
					t.Errorf("%s %s %s: brings %s", q.Type, q.Name, code, l)
				}
			}
		}
	}
	allSilent(t, groups, c, clean, len(questions))
}

func allSilent(t testing.TB, groups []check.Group, c Case, clean map[string]finding.Finding, questions int) {
	t.Helper()
	unknown := 0
	res := RunWith(t, groups, c, failing{code: dns.Timeout})
	for l := range troubles(res.Findings) {
		if _, known := clean[l]; !known {
			t.Errorf("no answers at all: brings %s", l)
		}
	}
	for _, f := range res.Findings {
		if f.Status == finding.Unknown {
			unknown++
		}
	}
	if questions > 0 && unknown == 0 {
		t.Errorf("%d questions and no answer, but nothing is unknown", questions)
	}
}

// failing answers like base but for one question; without base, none.
type failing struct {
	base dns.Resolver
	name string
	typ  dns.Type
	code dns.RCode
}

func (f failing) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	if f.base == nil || (t == f.typ && strings.EqualFold(strings.TrimSuffix(name, "."), f.name)) {
		return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: f.code}
	}
	return f.base.Lookup(ctx, name, t)
}
