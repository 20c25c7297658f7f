// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"mailproof/dns"
	"mailproof/evidence"
)

// A Job is one evidence value to be examined.
type Job struct {
	Evidence *evidence.Evidence
	Msg      *evidence.Message
	DNS      dns.Resolver // of the whole run; groups get budgets of it
	Now      time.Time
	Log      *slog.Logger
	Kept     *Kept // shared by runs over the same evidence; nil: nothing is kept
}

// run is what belongs to one run of all checks: the memo of facts and the
// inputs of the groups.
type run struct {
	ctx     context.Context
	inputs  map[string]*Input
	crashed func(where string, err error) // told of every panic

	mu     sync.Mutex
	memos  map[memoKey]*memo
	sealed bool
}

func newRun(ctx context.Context, job Job, groups []Group, crashed func(string, error)) *run {
	r := &run{ctx: ctx, crashed: crashed, inputs: map[string]*Input{}, memos: map[memoKey]*memo{}}
	for _, g := range groups {
		budget := g.Budget
		if budget == 0 {
			budget = DefaultBudget
		}
		r.inputs[g.ID] = &Input{
			Evidence: job.Evidence, Msg: job.Msg, Now: job.Now, Log: job.Log,
			DNS: dns.Budget(job.DNS, budget), run: r, group: g.ID, kept: job.Kept,
		}
	}
	return r
}

// in is the input of the group that a fact belongs to.
func (in *Input) in(group string) *Input {
	if other, ok := in.run.inputs[group]; ok {
		return other
	}
	return in // a run of one group alone, in tests
}

// memo returns the computation for key, and whether the caller is to do it.
func (r *run) memo(key memoKey) (m *memo, first bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m, ok := r.memos[key]; ok {
		return m, false, nil
	}
	if r.sealed {
		return nil, false, ErrSealed
	}
	m = &memo{done: make(chan struct{})}
	r.memos[key] = m
	return m, true, nil
}

// seal ends the run: what was not asked for by now stays unasked.
func (r *run) seal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = true
}

func (r *run) withChain(chain []string) context.Context {
	return context.WithValue(r.ctx, chainKey{}, chain)
}

// A crash is a panic that became an error.
type crash struct {
	where string
	value any
	stack []byte
}

func newCrash(where string, value any) *crash {
	return &crash{where: where, value: value, stack: debug.Stack()}
}

func (c *crash) Error() string { return fmt.Sprintf("%s crashed: %v", c.where, c.value) }
