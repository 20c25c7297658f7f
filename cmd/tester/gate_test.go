// SPDX-License-Identifier: MIT

package main

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		waited := func() time.Duration {
			start := time.Now()
			if err := g.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		if d := waited(); d != 0 {
			t.Errorf("a quiet server waits %v", d)
		}
		g.passed()
		if d := waited(); d != 0 {
			t.Errorf("one message makes analyses wait %v", d)
		}
		for range gateBusy {
			g.passed()
		}
		if d := waited(); d == 0 || d > gateWait {
			t.Errorf("a busy server waits %v, want up to %v", d, gateWait)
		}
		<-time.After(3 * gateWindow) // virtual time
		if d := waited(); d != 0 {
			t.Errorf("after a pause it still waits %v", d)
		}
	})
}
