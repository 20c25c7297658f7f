// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"sync/atomic"
	"time"
)

// A gate lets receiving go before analysing: a 250 that comes late may make a
// sender give up, a report that comes late only makes somebody wait. While
// mail comes in quickly, each analysis first waits a little; it is never
// stopped altogether.
type gate struct {
	window atomic.Int64 // number of the present window
	count  atomic.Int64 // messages in it
	before atomic.Int64 // messages in the one before
}

const (
	gateWindow = 50 * time.Millisecond  // over which incoming mail is counted
	gateBusy   = 10                     // messages in two windows from which on analyses wait: a hundred a second
	gateWait   = 100 * time.Millisecond // before each analysis then: ten a second and worker go on in any load
)

// passed counts a message that is being received.
func (g *gate) passed() {
	g.turn()
	g.count.Add(1)
}

// turn begins a new window when its time has come.
func (g *gate) turn() {
	now := time.Now().UnixNano() / int64(gateWindow)
	last := g.window.Load()
	if now == last || !g.window.CompareAndSwap(last, now) {
		return
	}
	n := g.count.Swap(0)
	if now > last+1 {
		n = 0 // nothing came for a whole window
	}
	g.before.Store(n)
}

func (g *gate) busy() bool {
	g.turn()
	return g.before.Load()+g.count.Load() >= gateBusy
}

// wait returns at once on a quiet server, else after gateWait or when it has
// become quiet.
func (g *gate) wait(ctx context.Context) error {
	for spent := time.Duration(0); spent < gateWait && g.busy(); spent += gateWindow {
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
