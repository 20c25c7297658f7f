// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"sync"
)

// Budget returns a Resolver that lets n different questions through to base and
// answers all further ones with OverBudget. Asking again what was asked before
// is free, so it may stand before a Cache that others share.
func Budget(base Resolver, n int) Resolver {
	return &budget{base: base, most: n, asked: make(map[question]bool)}
}

type budget struct {
	base Resolver
	most int

	mu    sync.Mutex
	asked map[question]bool
}

func (b *budget) unwrap() Resolver { return b.base }

func (b *budget) Lookup(ctx context.Context, name string, t Type) (Answer, error) {
	if !b.allow(questionOf(name, t)) {
		return Answer{}, &Error{Name: name, Type: t, Code: OverBudget}
	}
	return b.base.Lookup(ctx, name, t)
}

func (b *budget) allow(q question) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.asked[q] && len(b.asked) >= b.most {
		return false
	}
	b.asked[q] = true
	return true
}
