// SPDX-License-Identifier: MIT

package check

import "sync"

// A Kept holds what was computed from the message alone, whatever the DNS
// says. The plan of a report runs all checks again for each fix: a Kept that
// is shared by these runs makes hostile megabytes cost once, not thirty times.
type Kept struct {
	mu    sync.Mutex
	known map[any]func() any
}

// Keep returns what compute makes, for all runs over the same evidence: the
// first to ask for the key computes it. compute must not look at in.DNS.
func Keep[K comparable, V any](in *Input, key K, compute func() V) V {
	if in.kept == nil {
		return compute()
	}
	return in.kept.get(key, func() any { return compute() }).(V)
}

// Once reports whether it is asked for the key for the first time in all runs
// over the same evidence.
func Once[K comparable](in *Input, key K) bool {
	first := false
	Keep(in, key, func() bool { first = true; return true })
	return first
}

func (k *Kept) get(key any, compute func() any) any {
	k.mu.Lock()
	if k.known == nil {
		k.known = map[any]func() any{}
	}
	get, ok := k.known[key]
	if !ok {
		get = sync.OnceValue(compute)
		k.known[key] = get
	}
	k.mu.Unlock()
	return get()
}
