// SPDX-License-Identifier: MIT

package checktest

import (
	"context"
	"testing"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
)

var (
	missing = finding.Spec{ID: "toy.missing", Status: finding.Warn, Weight: 10}
	there   = finding.Spec{ID: "toy.there", Status: finding.Pass}
	silent  = finding.Spec{ID: "toy.no-dns", Status: finding.Unknown}
)

// toy asks for one record and offers to add it.
func toy(honest bool) []check.Group {
	return []check.Group{{ID: "dns", Checks: []check.Check{{
		ID: "toy", Specs: []finding.Spec{missing, there, silent},
		Run: func(ctx context.Context, in *check.Input) []finding.Finding {
			texts, err := dns.TXT(ctx, in.DNS, "example.org")
			switch {
			case err != nil && honest:
				return []finding.Finding{silent.At("example.org", nil)}
			case len(texts) == 0:
				fix := finding.Fix{DNS: []dns.Change{{Action: dns.Add, Name: "example.org", Type: dns.TypeTXT, Value: "toy"}}}
				return []finding.Finding{missing.At("example.org", nil).Fixed(fix)}
			}
			return []finding.Finding{there.At("example.org", nil)}
		},
	}}}}
}

func TestAnHonestCheckHoldsTheProperties(t *testing.T) {
	t.Parallel()
	empty := Case{Zone: "example.org. 60 IN A 192.0.2.1\n"}
	Want(t, Run(t, toy(true), empty), "toy", "toy.missing example.org")
	FixRemoves(t, toy(true), empty, "toy.missing")
	EveryLookupFails(t, toy(true), Case{Zone: "example.org. 60 IN TXT x\n"})
}

// probe stands in for a test that is expected to fail.
type probe struct {
	testing.TB
	failed bool
}

func (p *probe) Helper()               {}
func (p *probe) Errorf(string, ...any) { p.failed = true }

func TestADishonestCheckIsCaught(t *testing.T) {
	t.Parallel()
	p := &probe{TB: t}
	EveryLookupFails(p, toy(false), Case{Zone: "example.org. 60 IN TXT x\n"})
	if !p.failed {
		t.Error("a failed lookup that became a warning was not noticed")
	}
}
