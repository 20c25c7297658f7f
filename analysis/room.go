// SPDX-License-Identifier: MIT

package analysis

import (
	"context"
	"sync"
)

// room bounds the octets of messages that are analysed at once: analyses mostly
// wait for name servers, so there are many at a time, and large messages must
// not add up. One message always fits, however large.
type room struct {
	mu    sync.Mutex
	taken int64
	freed chan struct{} // closed and made anew when something is given back
}

// maxRoom is what all analyses together may hold of raw messages; parsing
// takes about as much again.
const maxRoom = 40 << 20

// take waits until n octets fit and returns what gives them back.
func (r *room) take(ctx context.Context, n int64) (give func(), err error) {
	for {
		r.mu.Lock()
		if r.freed == nil {
			r.freed = make(chan struct{})
		}
		if r.taken == 0 || r.taken+n <= maxRoom {
			r.taken += n
			r.mu.Unlock()
			return func() { r.give(n) }, nil
		}
		freed := r.freed
		r.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	close(r.freed)
	r.freed = make(chan struct{})
}
