// SPDX-License-Identifier: MIT

package rbl

import (
	"context"
	"sync"
	"time"

	"mailproof/dns"
)

// How often lists are probed. Lists die over months, but refusals come and go
// within hours; one that was not reached is tried again soon.
const (
	ProbeEvery = 2 * time.Hour
	RetryEvery = 2 * time.Minute
)

// ProberOptions are what a Prober needs.
type ProberOptions struct {
	World dns.Resolver
	Lists []List // nil: Default()
	// After waits for a time to pass; nil: time.After. Tests bring their clock.
	After func(time.Duration) <-chan time.Time
	// Changed is told when the health of a list is not what it was; may be nil.
	Changed func(l List, f Family, was, is Health)
}

// A Prober keeps the health of lists for a server. It is a HealthSource.
type Prober struct {
	o      ProberOptions
	mu     sync.Mutex
	states map[target]Health
	first  chan struct{} // closed when every list was probed once
}

type target struct {
	id     string
	family Family
}

// NewProber returns a prober that knows nothing until Run runs.
func NewProber(o ProberOptions) *Prober {
	if o.Lists == nil {
		o.Lists = Default()
	}
	if o.After == nil {
		o.After = time.After
	}
	return &Prober{o: o, states: map[target]Health{}, first: make(chan struct{})}
}

// Run probes all lists at once and again, until ctx ends.
func (p *Prober) Run(ctx context.Context) {
	for once := true; ctx.Err() == nil; once = false {
		allWell := p.round(ctx)
		if once {
			close(p.first)
		}
		wait := ProbeEvery
		if !allWell {
			wait = RetryEvery
		}
		select {
		case <-ctx.Done():
		case <-p.o.After(wait):
		}
	}
}

// round probes every list and reports whether all were reached.
func (p *Prober) round(ctx context.Context) bool {
	var wg sync.WaitGroup
	for _, l := range p.o.Lists {
		for _, f := range l.Families {
			wg.Go(func() { p.set(l, f, Probe(ctx, p.o.World, l, f)) })
		}
	}
	wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.states {
		if h == Unreachable {
			return false
		}
	}
	return true
}

func (p *Prober) set(l List, f Family, h Health) {
	p.mu.Lock()
	was := p.states[target{l.ID, f}]
	p.states[target{l.ID, f}] = h
	p.mu.Unlock()
	if was != h && p.o.Changed != nil {
		p.o.Changed(l, f, was, h)
	}
}

// Health returns what the last probe found.
func (p *Prober) Health(ctx context.Context, l List, f Family) Health {
	select {
	case <-p.first:
	case <-ctx.Done():
		return Unreachable
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if h, ok := p.states[target{l.ID, f}]; ok {
		return h
	}
	return Unreachable
}
