// SPDX-License-Identifier: MIT

package analysis

import (
	"sync"

	"mailproof/check"
)

// Progress fans the events of running analyses out to whoever watches a test.
// A watcher that does not keep up misses events, never delays the analysis.
type Progress struct {
	mu       sync.Mutex
	watchers map[string]map[chan check.Event]bool
}

// watcherRoom is how many events a slow watcher may be behind; more than the
// checks of one analysis, so that an attentive one misses nothing.
const watcherRoom = 128

// Watch returns the events of the test until stop is called.
func (p *Progress) Watch(testID string) (events <-chan check.Event, stop func()) {
	ch := make(chan check.Event, watcherRoom)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchers == nil {
		p.watchers = map[string]map[chan check.Event]bool{}
	}
	if p.watchers[testID] == nil {
		p.watchers[testID] = map[chan check.Event]bool{}
	}
	p.watchers[testID][ch] = true
	return ch, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watchers[testID], ch)
		if len(p.watchers[testID]) == 0 {
			delete(p.watchers, testID)
		}
	}
}

// publisher returns what tells the watchers of the test.
func (p *Progress) publisher(testID string) func(check.Event) {
	return func(e check.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for ch := range p.watchers[testID] {
			select {
			case ch <- e:
			default: // behind by more than a whole analysis
			}
		}
	}
}
