// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"sync"
)

// Cache returns a Resolver that asks base each question once, whatever comes
// back, and shares the answer; names are asked in lower case, so that it does
// not matter who came first. It is made for one analysis: nothing expires.
//
// Lookups run under run, the context of the analysis, so a caller who gives up
// spoils nothing for the others; the caller itself waits no longer than its own
// context and then gets Timeout. A panic of base reaches every caller.
func Cache(run context.Context, base Resolver) Resolver {
	return &cache{run: run, base: base, flights: make(map[question]*flight)}
}

type cache struct {
	run  context.Context // of all lookups; see Cache
	base Resolver

	mu      sync.Mutex
	flights map[question]*flight
}

// A flight is one question on its way, or answered once done is closed.
type flight struct {
	done     chan struct{}
	ans      Answer
	err      error
	panicked any
}

func (c *cache) unwrap() Resolver { return c.base }

func (c *cache) Lookup(ctx context.Context, name string, t Type) (Answer, error) {
	low, err := Canonical(name, t)
	if err != nil {
		return Answer{}, err
	}
	q := question{low, t}
	c.mu.Lock()
	f, ok := c.flights[q]
	if !ok {
		f = &flight{done: make(chan struct{})}
		c.flights[q] = f
	}
	c.mu.Unlock()
	if !ok {
		go c.fly(f, q)
	}
	select {
	case <-f.done:
	default:
		select {
		case <-f.done:
		case <-ctx.Done():
			return Answer{}, AsError(ctx.Err(), name, t)
		}
	}
	if f.panicked != nil {
		panic(f.panicked)
	}
	return f.ans, f.err
}

func (c *cache) fly(f *flight, q question) {
	defer close(f.done)
	defer func() { f.panicked = recover() }()
	f.ans, f.err = c.base.Lookup(c.run, q.name, q.t)
}
