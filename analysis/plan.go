// SPDX-License-Identifier: MIT

package analysis

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/scoring"
)

// maxSteps bounds the plan: each step is two more runs of the checks, and
// nobody reads on after a dozen.
const maxSteps = 12

// A trial is a set of fixes that are thought to be made: records laid over the
// DNS, and findings left out because what mends them is not a record.
type trial struct {
	changes []dns.Change
	without map[string]bool // id and subject
}

func (t trial) plus(fix finding.Fix, found []finding.Finding) trial {
	next := trial{changes: slices.Concat(t.changes, fix.DNS), without: map[string]bool{}}
	for k := range t.without {
		next.without[k] = true
	}
	if len(fix.DNS) == 0 {
		for _, f := range found {
			next.without[key(f)] = true
		}
	}
	return next
}

func key(f finding.Finding) string { return string(f.ID) + "\x00" + f.Subject }

// plan lists the fixes of the report, those that gain most first. A record is
// tried: laid over the answers of this run, and everything run again.
func (a *Analyzer) plan(ctx context.Context, v visit, rep report.Report, world dns.Resolver) []report.Step {
	recorded := dns.Recorded(rep.DNS, world)
	score := func(t trial) int { return a.try(ctx, v, recorded, t) }
	var steps []report.Step
	var fixes []finding.Fix
	for _, step := range candidates(rep.Findings) {
		fix := *rep.Findings[step.Findings[0]].Fix
		step.ScoreAfter = score(trial{}.plus(fix, of(rep.Findings, step)))
		step.Gain = step.ScoreAfter - rep.Score.Tenths
		step.Tried = len(fix.DNS) > 0
		steps = append(steps, step)
		fixes = append(fixes, fix)
	}
	order := make([]int, len(steps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(steps[y].Gain, steps[x].Gain) })
	return running(order, steps, fixes, rep, score)
}

// running adds the steps up in their order. A step that adds nothing to those
// before it is left out: they mend the same. If what is left out adds
// something together, where two faults hide each other, it comes last.
func running(order []int, steps []report.Step, fixes []finding.Fix, rep report.Report, score func(trial) int) []report.Step {
	var out []report.Step
	var held []int
	done, now := trial{}, rep.Score.Tenths
	for _, i := range order {
		next := done.plus(fixes[i], of(rep.Findings, steps[i]))
		steps[i].Running = steps[i].ScoreAfter
		if len(out) > 0 {
			steps[i].Running = score(next)
		}
		if steps[i].Running <= now {
			held = append(held, i)
			continue
		}
		done, now = next, steps[i].Running
		out = append(out, steps[i])
	}
	if len(held) < 2 {
		return out
	}
	var tail []report.Step
	for _, i := range held {
		done = done.plus(fixes[i], of(rep.Findings, steps[i]))
		steps[i].Running = score(done)
		tail = append(tail, steps[i])
	}
	if tail[len(tail)-1].Running > now {
		out = append(out, tail...)
	}
	return out
}

// candidates are the fixes on offer, one for all findings that offer the same.
func candidates(found []finding.Finding) []report.Step {
	var steps []report.Step
	same := map[string]int{}
	for i, f := range found {
		if f.Fix == nil || f.Weight == 0 || len(steps) == maxSteps {
			continue
		}
		name := key(f)
		if len(f.Fix.DNS)+len(f.Fix.Header) > 0 {
			data, _ := json.Marshal([]any{f.Fix.DNS, f.Fix.Header}) // plain strings and numbers: cannot fail
			name = string(data)
		}
		at, known := same[name]
		if !known {
			at = len(steps)
			same[name] = at
			steps = append(steps, report.Step{})
		}
		steps[at].FindingIDs = append(steps[at].FindingIDs, f.ID)
		steps[at].Findings = append(steps[at].Findings, i)
	}
	return steps
}

func of(found []finding.Finding, s report.Step) []finding.Finding {
	out := make([]finding.Finding, len(s.Findings))
	for i, at := range s.Findings {
		out[i] = found[at]
	}
	return out
}

// try is the score, in tenths, that the delivery would get in the trial.
func (a *Analyzer) try(ctx context.Context, v visit, recorded dns.Resolver, t trial) int {
	world := recorded
	if len(t.changes) > 0 {
		world = dns.Overlay(recorded, t.changes)
	}
	res := a.runner.Run(ctx, v.job(dns.Cache(ctx, world)), nil)
	left := slices.DeleteFunc(slices.Clone(res.Findings), func(f finding.Finding) bool { return t.without[key(f)] })
	s, _ := scoring.Compute(a.Policy, left, res.Ran)
	return s.Tenths
}
