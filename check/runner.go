// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"mailproof/evidence"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/scoring"
)

// DefaultTimeout is how long one check may take: two tries of three seconds
// for each of a few questions that depend on each other.
const DefaultTimeout = 20 * time.Second

// A Runner runs the checks of its groups. It does not change while it runs.
type Runner struct {
	Groups  []Group
	Timeout time.Duration                 // of a check without its own; zero: DefaultTimeout
	Crashed func(where string, err error) // told of every panic in a check or a fact, may be nil
}

// An Event says that a check is done.
type Event struct {
	Done, Total int
	Check       string
}

// A Result is what one run found, in declared order.
type Result struct {
	Findings []finding.Finding
	Ran      []scoring.Ran

	runner *Runner
	run    *run
}

// outcome is what became of one check.
type outcome struct {
	findings []finding.Finding
	ran      scoring.Ran
}

// Run runs every check and returns findings in declared order, whatever order
// they finished in. A panic, a deadline or missing evidence becomes a finding
// of the check that could not say anything. progress may be nil; it is called
// from many goroutines.
func (r *Runner) Run(ctx context.Context, job Job, progress func(Event)) *Result {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	state := newRun(ctx, job, r.Groups, r.tell)
	total := 0
	for _, g := range r.Groups {
		total += len(g.Checks)
	}
	outcomes := make([]outcome, total)
	var wg sync.WaitGroup
	var done atomic.Int64
	i := 0
	for _, g := range r.Groups {
		for _, c := range g.Checks {
			slot := &outcomes[i]
			i++
			wg.Go(func() {
				*slot = r.one(ctx, c, g.ID, state.inputs[g.ID])
				if progress != nil {
					progress(Event{Done: int(done.Add(1)), Total: total, Check: c.ID})
				}
			})
		}
	}
	wg.Wait()
	state.seal()
	res := &Result{runner: r, run: state}
	for _, o := range outcomes {
		res.Findings = append(res.Findings, o.findings...)
		res.Ran = append(res.Ran, o.ran)
	}
	return res
}

// Describe fills the typed parts of the report from the facts of the run.
func (res *Result) Describe(ctx context.Context, rep *report.Report) {
	res.run.ctx = ctx
	for _, g := range res.runner.Groups {
		if g.Describe != nil {
			g.Describe(ctx, res.run.inputs[g.ID], rep)
		}
	}
}

// one runs one check and makes its findings complete.
func (r *Runner) one(ctx context.Context, c Check, section string, in *Input) outcome {
	found := r.findings(ctx, c, in)
	o := outcome{ran: scoring.Ran{Check: c.ID, Section: section, Weight: c.Weight(), Decided: true}}
	for _, f := range found {
		f.Check, f.Section = c.ID, section
		f.Claimed = f.Claimed || claimed(c, in.Evidence)
		if f.Status == finding.Unknown {
			o.ran.Decided = false
		}
		if f.Status != finding.Skipped {
			o.ran.Applies = true
		}
		o.findings = append(o.findings, f)
	}
	return o
}

// findings is what the check says, or what the runner has to say for it.
func (r *Runner) findings(ctx context.Context, c Check, in *Input) (found []finding.Finding) {
	if c.Needs&^observed(in.Evidence) != 0 {
		return []finding.Finding{notObserved(c).At("", nil)}
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = max(r.Timeout, 0)
	}
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			r.tell(c.ID, newCrash("check "+c.ID, p))
			found = []finding.Finding{crashedSpec(c).At("", nil)}
		}
	}()
	if c.Applies != nil && !c.Applies(in) {
		return []finding.Finding{doesNotApply(c).At("", nil)}
	}
	found = c.Run(ctx, in)
	if len(found) > 0 {
		return found
	}
	if in.run.anyCrash() && ctx.Err() == nil {
		return []finding.Finding{crashedSpec(c).At("", nil)}
	}
	return []finding.Finding{noAnswer(c).At("", nil)}
}

func (r *Runner) tell(where string, err error) {
	if r.Crashed != nil {
		r.Crashed(where, err)
	}
}

// anyCrash reports whether a fact crashed in this run.
func (r *run) anyCrash() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.memos {
		select {
		case <-m.done:
			if c := (*crash)(nil); errors.As(m.err, &c) {
				return true
			}
		default:
		}
	}
	return false
}

// observed is what there is to look at.
func observed(ev *evidence.Evidence) Need {
	n := Need(0)
	for _, o := range []struct {
		need Need
		is   bool
	}{
		{NeedMessage, ev.Raw != nil},
		{NeedClientIP, ev.Session.ClientIP.IsValid()},
		{NeedHelo, ev.Session.Helo != ""},
		{NeedMailFrom, ev.Session.HasMailFrom},
		{NeedTLS, ev.Session.TLSKnown},
		{NeedDialogue, len(ev.Session.Dialogue) > 0},
	} {
		if o.is {
			n |= o.need
		}
	}
	return n
}

// claimed reports whether a finding of c rests on what the message says of itself.
func claimed(c Check, ev *evidence.Evidence) bool {
	rests := c.Needs | c.Uses
	for field, need := range map[string]Need{"client_ip": NeedClientIP, "helo": NeedHelo, "mail_from": NeedMailFrom} {
		if rests&need != 0 && ev.Session.IsRecovered(field) {
			return true
		}
	}
	return false
}
