// SPDX-License-Identifier: MIT

package main

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		all := func(n int) time.Duration { // until n analyses were let through
			start := time.Now()
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					if err := g.wait(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			return time.Since(start)
		}
		if d := all(20); d != 0 {
			t.Errorf("a quiet server waits %v", d)
		}
		g.arrived()
		if d := all(20); d != 0 {
			t.Errorf("one message makes analyses wait %v", d)
		}
		stop := make(chan struct{})
		var load sync.WaitGroup
		load.Go(func() { // mail every millisecond
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond): // virtual time
					g.arrived()
				}
			}
		})
		<-time.After(3 * gateWindow)
		if d := all(20); d < 15*gateWindow || d > 25*gateWindow {
			t.Errorf("20 analyses on a busy server began within %v, want one a window", d)
		}
		close(stop)
		load.Wait()
		<-time.After(3 * gateWindow)
		if d := all(20); d != 0 {
			t.Errorf("after a pause it still waits %v", d)
		}
	})
}
