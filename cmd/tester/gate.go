// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"sync/atomic"
	"time"
)

// A gate lets receiving go before analysing: a 250 that comes late may make a
// sender give up, a report that comes late only makes somebody wait. While
// mail comes in quickly, analyses begin one by one with a pause between them;
// they are never stopped altogether.
type gate struct {
	window atomic.Int64 // number of the present window
	count  atomic.Int64 // messages in it
	before atomic.Int64 // messages in the one before
	passed atomic.Int64 // window in which an analysis was last let through
}

const (
	gateWindow = 50 * time.Millisecond // over which incoming mail is counted
	gateBusy   = 10                    // messages in two windows from which on analyses go one a window: a hundred a second
)

// arrived counts a message that is being received.
func (g *gate) arrived() {
	g.turn()
	g.count.Add(1)
}

// turn begins a new window when its time has come.
func (g *gate) turn() (now int64) {
	now = time.Now().UnixNano() / int64(gateWindow)
	last := g.window.Load()
	if now == last || !g.window.CompareAndSwap(last, now) {
		return now
	}
	n := g.count.Swap(0)
	if now > last+1 {
		n = 0 // nothing came for a whole window
	}
	g.before.Store(n)
	return now
}

// open reports whether an analysis may begin now.
func (g *gate) open() bool {
	now := g.turn()
	if g.before.Load()+g.count.Load() < gateBusy {
		return true
	}
	last := g.passed.Load()
	return last != now && g.passed.CompareAndSwap(last, now)
}

// wait returns at once on a quiet server, else when it is the caller's turn.
func (g *gate) wait(ctx context.Context) error {
	for !g.open() {
		t := time.NewTimer(gateWindow)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
	return nil
}
