// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Trace is a Resolver that remembers what was asked of it and what came back,
// each question once. It is safe for concurrent use.
type Trace struct {
	base Resolver

	mu     sync.Mutex
	seen   map[question]Exchange
	sealed bool
}

// NewTrace returns a Trace that asks base.
func NewTrace(base Resolver) *Trace {
	return &Trace{base: base, seen: make(map[question]Exchange)}
}

func (t *Trace) unwrap() Resolver { return t.base }

// Lookup asks base and remembers the outcome.
func (t *Trace) Lookup(ctx context.Context, name string, typ Type) (Answer, error) {
	start := time.Now()
	ans, err := t.base.Lookup(ctx, name, typ)
	q := questionOf(name, typ)
	x := Exchange{Name: q.name, Type: typ, Answer: ans, RTT: time.Since(start)}
	if err != nil {
		e := AsError(err, name, typ)
		x.Answer, x.Code, x.Detail = Answer{}, e.Code, e.Detail
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old, again := t.seen[q]
	// One caller's impatience is no outcome if another one waited longer.
	if !t.sealed && (!again || old.Code == Timeout && x.Code != Timeout) {
		t.seen[q] = x
	}
	return ans, err
}

// Exchanges returns what was remembered so far, sorted by name and type.
func (t *Trace) Exchanges() []Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Exchange, 0, len(t.seen))
	for _, x := range t.seen {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Exchange) int {
		return compareQuestions(question{a.Name, a.Type}, question{b.Name, b.Type})
	})
	return out
}

// Seal returns the exchanges and ends the remembering: answers that come later,
// to checks that have been given up, do not change the report.
func (t *Trace) Seal() []Exchange {
	t.mu.Lock()
	t.sealed = true
	t.mu.Unlock()
	return t.Exchanges()
}
