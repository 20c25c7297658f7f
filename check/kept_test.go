// SPDX-License-Identifier: MIT

package check_test

import (
	"context"
	"testing"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
)

// TestAttackPlanTimesMessage: the plan runs every check again for each fix. A
// hostile message must not multiply its cost by that.
func TestAttackPlanTimesMessage(t *testing.T) {
	t.Parallel()
	type key struct{}
	computed, firsts := 0, 0
	ok := finding.Spec{ID: "dear.pass", Status: finding.Pass}
	dear := check.Check{ID: "dear", Specs: []finding.Spec{ok}, Run: func(_ context.Context, in *check.Input) []finding.Finding {
		if check.Keep(in, key{}, func() int { computed++; return 7 }) != 7 {
			t.Error("another value")
		}
		if check.Once(in, "once") {
			firsts++
		}
		return []finding.Finding{ok.At("", nil)}
	}}
	r := check.Runner{Groups: []check.Group{{ID: "g", Checks: []check.Check{dear}}}}
	job := check.Job{Evidence: &evidence.Evidence{}, Msg: evidence.Parse(nil), DNS: dns.Merge(), Kept: &check.Kept{}}
	for range 25 {
		r.Run(context.Background(), job, nil)
	}
	if computed != 1 || firsts != 1 {
		t.Errorf("computed %d times, first %d times", computed, firsts)
	}
	job.Kept = nil
	r.Run(context.Background(), job, nil)
	if computed != 2 || firsts != 2 {
		t.Errorf("without Kept: computed %d times, first %d times", computed, firsts)
	}
}
