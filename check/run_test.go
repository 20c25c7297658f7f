// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailproof/evidence"
	"mailproof/finding"
)

var said = finding.Spec{ID: "t.said", Status: finding.Pass}

func says(id string, run func(context.Context, *Input) []finding.Finding) Check {
	return Check{ID: id, Specs: []finding.Spec{said, {ID: "t.heavy", Status: finding.Fail, Weight: 20}}, Run: run}
}

func ids(fs []finding.Finding) string {
	var s []string
	for _, f := range fs {
		s = append(s, string(f.ID))
	}
	return strings.Join(s, " ")
}

func job() Job {
	return Job{Evidence: &evidence.Evidence{Raw: []byte("x")}, Msg: &evidence.Message{}}
}

func ok(context.Context, *Input) []finding.Finding { return []finding.Finding{said.At("", nil)} }

func TestDeclaredOrderWhateverFinishesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var checks []Check
		for i := range 5 {
			spec := finding.Spec{ID: finding.ID(fmt.Sprintf("t.c%d", i)), Status: finding.Pass}
			checks = append(checks, says(fmt.Sprintf("c%d", i), func(ctx context.Context, _ *Input) []finding.Finding {
				<-time.After(time.Duration(5-i) * time.Second) // virtual time
				return []finding.Finding{spec.At("", nil)}
			}))
		}
		var events atomic.Int64
		r := Runner{Groups: []Group{{ID: "dns", Checks: checks}}}
		start := time.Now()
		res := r.Run(t.Context(), job(), func(Event) { events.Add(1) })
		if got := ids(res.Findings); got != "t.c0 t.c1 t.c2 t.c3 t.c4" {
			t.Errorf("order %s", got)
		}
		if events.Load() != 5 || time.Since(start) != 5*time.Second {
			t.Errorf("%d events after %v", events.Load(), time.Since(start))
		}
	})
}

func TestWhatGoesWrongIsUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		crashes := map[string]int{}
		crashing := NewFact("dns", "crashing", func(context.Context, *Input, int) int { panic("boom") })
		slow := NewFact("dns", "slow", func(ctx context.Context, _ *Input, _ int) int { <-ctx.Done(); return 0 })
		use := func(f *Fact[int, int]) func(context.Context, *Input) []finding.Finding {
			return func(ctx context.Context, in *Input) []finding.Finding {
				if _, err := f.Get(ctx, in, 1); err != nil {
					return nil
				}
				return ok(ctx, in)
			}
		}
		checks := []Check{
			says("panics", func(context.Context, *Input) []finding.Finding { panic("boom") }),
			says("late", use(slow)),
			says("of.crashed-fact", use(crashing)),
			{ID: "needs", Needs: NeedClientIP, Run: ok},
			{ID: "other", Applies: func(*Input) bool { return false }, Run: ok},
			says("fine", ok),
		}
		r := Runner{Groups: []Group{{ID: "dns", Checks: checks}}, Crashed: func(c string, _ error) {
			mu.Lock()
			defer mu.Unlock()
			crashes[c]++
		}}
		res := r.Run(t.Context(), job(), nil)
		want := "panics.crashed late.no-answer of.crashed-fact.crashed needs.not-observed other.does-not-apply t.said"
		if got := ids(res.Findings); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for i, f := range res.Findings[:4] {
			if f.Status != finding.Unknown || res.Ran[i].Decided {
				t.Errorf("%s is %s, decided %v", f.ID, f.Status, res.Ran[i].Decided)
			}
		}
		if res.Ran[4].Applies || !res.Ran[5].Decided || res.Ran[5].Weight != 20 {
			t.Errorf("ran: %+v", res.Ran[4:])
		}
		if crashes["panics"] != 1 || crashes["crashing"] != 1 {
			t.Errorf("crashes told: %v", crashes)
		}
	})
}

func TestFactIsComputedOnceAndAnImpatientCheckDoesNotSpoilIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var computed atomic.Int64
		fact := NewFact("dns", "shared", func(ctx context.Context, _ *Input, n int) int {
			computed.Add(1)
			select {
			case <-time.After(3 * time.Second):
				return n * 2
			case <-ctx.Done():
				return -1
			}
		})
		get := func(ctx context.Context, in *Input) []finding.Finding {
			v, err := fact.Get(ctx, in, 21)
			if err != nil || v != 42 {
				return nil
			}
			return ok(ctx, in)
		}
		hasty := says("hasty", get)
		hasty.Timeout = time.Second
		r := Runner{Groups: []Group{{ID: "dns", Checks: []Check{hasty, says("a", get), says("b", get)}}}}
		res := r.Run(t.Context(), job(), nil)
		if got := ids(res.Findings); got != "hasty.no-answer t.said t.said" || computed.Load() != 1 {
			t.Errorf("%s, computed %d times", got, computed.Load())
		}
	})
}

func TestFactThatNeedsItselfNamesTheChain(t *testing.T) {
	t.Parallel()
	var a, b *Fact[int, int]
	a = NewFact("dns", "a", func(ctx context.Context, in *Input, n int) int { v, _ := b.Get(ctx, in, n); return v })
	b = NewFact("dns", "b", func(ctx context.Context, in *Input, n int) int { v, _ := a.Get(ctx, in, n); return v })
	var told []string // facts crash one after the other here
	r := Runner{
		Groups: []Group{{ID: "dns", Checks: []Check{says("c", func(ctx context.Context, in *Input) []finding.Finding {
			if _, err := a.Get(ctx, in, 1); err != nil {
				return nil
			}
			return ok(ctx, in)
		})}}},
		Crashed: func(_ string, err error) { told = append(told, err.Error()) },
	}
	r.Run(t.Context(), job(), nil)
	if !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, "a(1) → b(1) → a(1)") }) {
		t.Errorf("told %q", told)
	}
}

func TestFindingsOnRecoveredFactsAreMarked(t *testing.T) {
	t.Parallel()
	j := job()
	j.Evidence.Session = evidence.Session{Helo: "mx.example.org", Recovered: []string{"helo"}}
	checks := []Check{{ID: "a", Needs: NeedHelo, Run: ok}, {ID: "b", Uses: NeedHelo, Run: ok}, {ID: "c", Run: ok}}
	r := Runner{Groups: []Group{{ID: "sender", Checks: checks}}}
	res := r.Run(t.Context(), j, nil)
	if f := res.Findings; !f[0].Claimed || !f[1].Claimed || f[2].Claimed {
		t.Errorf("claimed: %v %v %v", f[0].Claimed, f[1].Claimed, f[2].Claimed)
	}
}
