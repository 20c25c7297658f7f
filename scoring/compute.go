// SPDX-License-Identifier: MIT

package scoring

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"mailproof/finding"
)

// Capped is what the score says for itself: the subject's cap took away what
// the penalties had left above it.
const Capped finding.ID = "score.capped"

// Compute charges the findings and adds them up. It returns them in the given
// order with penalties set, and with score.capped, if one was needed, behind
// the last finding of its section. It reads id, section, status, weight, cap
// and limit of a finding, and nothing else.
func Compute(p Policy, found []finding.Finding, ran []Ran) (Score, []finding.Finding) {
	out := slices.Clone(found)
	for i := range out {
		out[i].Penalty = 0
	}
	left := Full
	for _, s := range p.Sections {
		left -= chargeSection(p, s, out, left)
	}
	if f, ok := capped(out, left); ok {
		left -= f.Penalty
		out = insert(out, f)
	}
	score := Score{Tenths: left, Coverage: coverage(ran)}
	score.Provisional = score.Coverage < provisionalBelow || undecided(p, ran)
	score.Verdict = verdict(score)
	score.Sections = sections(p, out)
	return score, out
}

// chargeSection charges the findings of one section from the heaviest down,
// ties in declared order, until a limit or the score is used up.
func chargeSection(p Policy, s Limit, out []finding.Finding, left int) (charged int) {
	var idx []int
	for i := range out {
		if out[i].Section == s.ID && costs(out[i]) {
			idx = append(idx, i)
		}
	}
	slices.SortStableFunc(idx, func(a, b int) int { return cmp.Compare(out[b].Weight, out[a].Weight) })
	inner := map[string]int{}
	for _, i := range idx {
		f := &out[i]
		room := min(s.Tenths-charged, left-charged)
		if limit, ok := p.Limits[f.Limit]; ok {
			room = min(room, limit-inner[f.Limit])
		}
		f.Penalty = max(0, min(f.Weight, room))
		inner[f.Limit] += f.Penalty
		charged += f.Penalty
	}
	return charged
}

func costs(f finding.Finding) bool {
	return f.Status == finding.Warn || f.Status == finding.Fail
}

// capped is the finding for the lowest cap that applies, if the score is above it.
func capped(out []finding.Finding, left int) (finding.Finding, bool) {
	var lowest *finding.Finding
	for i := range out {
		f := &out[i]
		if costs(*f) && f.Cap > 0 && (lowest == nil || f.Cap < lowest.Cap) {
			lowest = f
		}
	}
	if lowest == nil || left <= lowest.Cap {
		return finding.Finding{}, false
	}
	params := finding.Params{} // with those of the cause, so that its title can be repeated
	maps.Copy(params, lowest.Params)
	params["cap"], params["finding"], params["subject"] = tenths(lowest.Cap), string(lowest.ID), lowest.Subject
	return finding.Finding{
		ID: Capped, Check: "score", Section: lowest.Section, Status: finding.Fail,
		Weight: left - lowest.Cap, Penalty: left - lowest.Cap, Subject: string(lowest.ID),
		Params: params,
	}, true
}

// insert puts f behind the last finding of its section.
func insert(out []finding.Finding, f finding.Finding) []finding.Finding {
	at := 0
	for i := range out {
		if out[i].Section == f.Section {
			at = i + 1
		}
	}
	return slices.Insert(out, at, f)
}

func sections(p Policy, out []finding.Finding) []Section {
	all := make([]Section, len(p.Sections))
	for i, s := range p.Sections {
		all[i] = Section{ID: s.ID, Limit: s.Tenths}
		for _, f := range out {
			if f.Section == s.ID {
				all[i].Penalty += f.Penalty
				if costs(f) {
					all[i].Weight += f.Weight
				}
			}
		}
	}
	return all
}

// coverage is the weight of what was decided over that of what applies; 1
// when nothing that weighs applies.
func coverage(ran []Ran) float64 {
	decided, all := 0, 0
	for _, r := range ran {
		if r.Applies {
			all += r.Weight
			if r.Decided {
				decided += r.Weight
			}
		}
	}
	if all == 0 {
		return 1
	}
	return float64(decided) / float64(all)
}

// undecided reports whether all decisive checks are unknown.
func undecided(p Policy, ran []Ran) bool {
	n := 0
	for _, r := range ran {
		if slices.Contains(p.Decisive, r.Check) && r.Applies && !r.Decided {
			n++
		}
	}
	return len(p.Decisive) > 0 && n == len(p.Decisive)
}

func verdict(s Score) Verdict {
	if s.Tenths == Full && !s.Provisional {
		return Perfect
	}
	for _, v := range []struct {
		from int
		is   Verdict
	}{{90, Excellent}, {70, Good}, {50, Fair}, {30, Poor}} {
		if s.Tenths >= v.from {
			return v.is
		}
	}
	return Bad
}

func tenths(n int) string { return fmt.Sprintf("%d.%d", n/10, n%10) }
