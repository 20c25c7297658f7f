// SPDX-License-Identifier: MIT

package bolt

import (
	"testing"

	"mailproof/store"
)

// The state that a reader sees comes from the database, which also holds the
// revision; the lease in memory only tells waiting from being analysed.
func TestSummaryIsNotOlderThanItsRevision(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m      message
		leased bool
		want   store.State
	}{
		{message{backlog: 7}, false, store.Received},
		{message{backlog: 7}, true, store.Analyzing},
		{message{backlog: 7, reports: 1}, true, store.Analyzing}, // asked for again
		{message{reports: 1}, true, store.Done},                  // committed, lease not yet given up
		{message{reports: 1, failed: true}, true, store.Failed},
		{message{reports: 1}, false, store.Done},
	} {
		if got := c.m.summary(1, c.leased).State; got != c.want {
			t.Errorf("%+v, leased %v: %v, want %v", c.m, c.leased, got, c.want)
		}
	}
}
