// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrSealed: a Fact was asked for after the run, that nobody needed in it.
var ErrSealed = errors.New("check: the run is over")

// A Fact is a value that several checks need and one computes. It belongs to
// the run: the first to ask for a key starts the computation, under the
// context of the whole run, so that one impatient check cannot spoil it for
// the others; each caller waits no longer than its own context.
type Fact[K comparable, V any] struct {
	id      string
	group   string
	compute func(ctx context.Context, in *Input, key K) V
}

// NewFact declares a fact; id is for people ("spf.mail-from"). DNS questions
// are charged to the budget of group, whoever asks first.
func NewFact[K comparable, V any](group, id string, compute func(context.Context, *Input, K) V) *Fact[K, V] {
	return &Fact[K, V]{id: id, group: group, compute: compute}
}

// memoKey tells facts of different types and keys apart.
type memoKey struct {
	fact any
	key  any
}

// memo is one computation, finished when done is closed.
type memo struct {
	done  chan struct{}
	value any
	err   error
}

type chainKey struct{}

// Get returns the value for key. An error means that it could not be had in
// time or that its computation crashed: return no findings then, the runner
// says why. A fact that asks for itself panics, naming the chain.
func (f *Fact[K, V]) Get(ctx context.Context, in *Input, key K) (V, error) {
	var zero V
	chain, _ := ctx.Value(chainKey{}).([]string)
	link := fmt.Sprintf("%s(%v)", f.id, key)
	if slices.Contains(chain, link) {
		panic("check: fact needs itself: " + strings.Join(append(chain, link), " → "))
	}
	m, first, err := in.run.memo(memoKey{f, key})
	if err != nil {
		return zero, err
	}
	if first {
		go f.fill(in.run.withChain(append(slices.Clone(chain), link)), in.in(f.group), key, m)
	}
	select {
	case <-m.done:
	case <-ctx.Done():
		return zero, ctx.Err()
	}
	if m.err != nil {
		return zero, m.err
	}
	return m.value.(V), nil
}

func (f *Fact[K, V]) fill(ctx context.Context, in *Input, key K, m *memo) {
	defer close(m.done)
	defer func() {
		if p := recover(); p != nil {
			m.err = newCrash("fact "+f.id, p)
			in.run.crashed(f.id, m.err)
		}
	}()
	m.value = f.compute(ctx, in, key)
}
