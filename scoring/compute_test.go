// SPDX-License-Identifier: MIT

package scoring

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"mailproof/finding"
)

func weigh(section, id string, w, cap int) finding.Finding {
	return finding.Finding{ID: finding.ID(id), Section: section, Status: finding.Fail, Weight: w, Cap: cap}
}

func TestCharging(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		found []finding.Finding
		want  []int // penalties in order, score.capped included
		score int
	}{
		{"nothing", nil, nil, 100},
		{"section limit, heaviest first", []finding.Finding{
			weigh("dns", "a.x", 5, 0), weigh("dns", "b.x", 15, 0)}, []int{0, 15}, 85},
		{"tie in declared order", []finding.Finding{
			weigh("dns", "a.x", 10, 0), weigh("dns", "b.x", 10, 0)}, []int{10, 5}, 85},
		{"cap takes the rest", []finding.Finding{weigh("rbl", "a.x", 40, 20)}, []int{40, 40}, 20},
		{"lowest cap", []finding.Finding{
			weigh("rbl", "a.x", 10, 60), weigh("dns", "b.x", 10, 50)}, []int{10, 10, 30}, 50},
		{"cap above the score does nothing", []finding.Finding{weigh("rbl", "a.x", 40, 70)}, []int{40}, 60},
		{"providers cost nothing", []finding.Finding{weigh("providers", "a.x", 30, 0)}, []int{0}, 100},
		{"unknown is free", []finding.Finding{
			{ID: "a.x", Section: "dns", Status: finding.Unknown, Weight: 10, Cap: 10}}, []int{0}, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			score, out := Compute(DefaultPolicy(), c.found, nil)
			var got []int
			for _, f := range out {
				got = append(got, f.Penalty)
			}
			if !slices.Equal(got, c.want) || score.Tenths != c.score {
				t.Errorf("penalties %v, score %d; want %v, %d", got, score.Tenths, c.want, c.score)
			}
		})
	}
}

func TestInnerLimit(t *testing.T) {
	t.Parallel()
	var found []finding.Finding
	for i := range 4 {
		f := weigh("rbl", fmt.Sprintf("l%d.listed", i), 3, 0)
		f.Limit = "rbl.low"
		found = append(found, f)
	}
	score, _ := Compute(DefaultPolicy(), found, nil)
	if score.Tenths != 94 {
		t.Errorf("four lists of the low tier leave %d, want 94", score.Tenths)
	}
}

// The properties that the contract promises, over random findings.
func TestProperties(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	p := DefaultPolicy()
	for range 3000 {
		found := randomFindings(rnd, p)
		score, out := Compute(p, found, nil)
		checkSums(t, p, score, out)
		again, _ := Compute(p, found, nil)
		if again.Tenths != score.Tenths {
			t.Fatalf("not deterministic: %d and %d", score.Tenths, again.Tenths)
		}
		more := append(slices.Clone(found), weigh(p.Sections[rnd.IntN(8)].ID, "more.x", rnd.IntN(30), rnd.IntN(100)))
		if s, _ := Compute(p, more, nil); s.Tenths > score.Tenths {
			t.Fatalf("one finding more raised %d to %d", score.Tenths, s.Tenths)
		}
	}
}

func checkSums(t *testing.T, p Policy, score Score, out []finding.Finding) {
	t.Helper()
	ofFindings, ofSections := 0, 0
	for _, f := range out {
		ofFindings += f.Penalty
		if f.Penalty < 0 || f.Penalty > f.Weight || (f.Penalty > 0 && !costs(f)) {
			t.Fatalf("%s charged %d of %d as %s", f.ID, f.Penalty, f.Weight, f.Status)
		}
	}
	for i, s := range score.Sections {
		ofSections += s.Penalty
		if s.ID != p.Sections[i].ID {
			t.Fatalf("section %d is %s", i, s.ID)
		}
	}
	if score.Tenths != Full-ofFindings || score.Tenths != Full-ofSections || score.Tenths < 0 {
		t.Fatalf("score %d, findings %d, sections %d", score.Tenths, ofFindings, ofSections)
	}
	for _, f := range out {
		if costs(f) && f.Cap > 0 && score.Tenths > f.Cap {
			t.Fatalf("score %d above the cap %d of %s", score.Tenths, f.Cap, f.ID)
		}
	}
}

func randomFindings(rnd *rand.Rand, p Policy) []finding.Finding {
	statuses := []finding.Status{finding.Pass, finding.Info, finding.Warn, finding.Fail, finding.Unknown, finding.Skipped}
	limits := []string{"", "", "rbl.low", "rbl.medium", "message.bulk"}
	found := make([]finding.Finding, rnd.IntN(25))
	for i := range found {
		found[i] = finding.Finding{
			ID: finding.ID(fmt.Sprintf("r%d.x", i)), Section: p.Sections[rnd.IntN(len(p.Sections))].ID,
			Status: statuses[rnd.IntN(len(statuses))], Weight: rnd.IntN(41), Limit: limits[rnd.IntN(len(limits))],
		}
		if rnd.IntN(4) == 0 {
			found[i].Cap = rnd.IntN(100)
		}
	}
	return found
}

func TestCoverageAndVerdict(t *testing.T) {
	t.Parallel()
	ran := func(check string, w int, applies, decided bool) Ran {
		return Ran{Check: check, Weight: w, Applies: applies, Decided: decided}
	}
	for _, c := range []struct {
		name        string
		ran         []Ran
		coverage    float64
		provisional bool
		verdict     Verdict
	}{
		{"all decided", []Ran{ran("spf", 20, true, true)}, 1, false, Perfect},
		{"skipped does not count", []Ran{ran("spf", 20, true, true), ran("x", 80, false, true)}, 1, false, Perfect},
		{"under 60 %", []Ran{ran("a", 59, true, true), ran("b", 41, true, false)}, 0.59, true, Excellent},
		{"60 %", []Ran{ran("a", 60, true, true), ran("b", 40, true, false)}, 0.6, false, Perfect},
		{"the three unknown", []Ran{ran("spf", 1, true, false), ran("dkim", 1, true, false),
			ran("dmarc", 1, true, false), ran("x", 97, true, true)}, 0.97, true, Excellent},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := Compute(DefaultPolicy(), nil, c.ran)
			if s.Coverage != c.coverage || s.Provisional != c.provisional || s.Verdict != c.verdict {
				t.Errorf("got %v %v %v", s.Coverage, s.Provisional, s.Verdict)
			}
		})
	}
}
