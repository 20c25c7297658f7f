// SPDX-License-Identifier: MIT

package analysis

import (
	"sync"

	"mailproof/check"
)

// An Event says how far the analysis of message N of a test is.
type Event struct {
	N, Done, Total int
	Check          string // the one that just ended
}

// Progress fans the events of running analyses out to whoever watches a test.
// A watcher that does not keep up misses events, never delays the analysis.
type Progress struct {
	mu    sync.Mutex
	tests map[string]*watched
}

// watched is a test that is being analysed or watched, or both.
type watched struct {
	now      *Event // where the running analysis stands; nil: none runs
	watchers map[chan Event]bool
}

// watcherRoom is how many events a slow watcher may be behind; more than the
// checks of one analysis, so that an attentive one misses nothing.
const watcherRoom = 128

func (p *Progress) test(id string) *watched {
	if p.tests == nil {
		p.tests = map[string]*watched{}
	}
	w := p.tests[id]
	if w == nil {
		w = &watched{watchers: map[chan Event]bool{}}
		p.tests[id] = w
	}
	return w
}

func (p *Progress) tidy(id string) {
	if w := p.tests[id]; w != nil && w.now == nil && len(w.watchers) == 0 {
		delete(p.tests, id)
	}
}

// Watch returns the events of the test until stop is called, first of all
// where a running analysis stands.
func (p *Progress) Watch(testID string) (events <-chan Event, stop func()) {
	ch := make(chan Event, watcherRoom)
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.test(testID)
	w.watchers[ch] = true
	if w.now != nil {
		ch <- *w.now
	}
	return ch, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(w.watchers, ch)
		p.tidy(testID)
	}
}

// begin returns what tells the watchers of the test how far message n is, and
// what ends it.
func (p *Progress) begin(testID string, n int) (tell func(check.Event), end func()) {
	tell = func(e check.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		w := p.test(testID)
		if w.now != nil && w.now.N == n && w.now.Done > e.Done {
			return // checks end in any order; the count only rises
		}
		w.now = &Event{N: n, Done: e.Done, Total: e.Total, Check: e.Check}
		for ch := range w.watchers {
			select {
			case ch <- *w.now:
			default: // behind by more than a whole analysis
			}
		}
	}
	end = func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if w := p.tests[testID]; w != nil {
			w.now = nil
			p.tidy(testID)
		}
	}
	return tell, end
}
