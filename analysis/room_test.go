// SPDX-License-Identifier: MIT

package analysis

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r room
		var held, most atomic.Int64
		var wg sync.WaitGroup
		for range 20 { // sixteen megabytes each: two fit
			wg.Go(func() {
				give, err := r.take(t.Context(), 16<<20)
				if err != nil {
					t.Error(err)
					return
				}
				most.Store(max(most.Load(), held.Add(1)))
				<-time.After(time.Second) // virtual time
				held.Add(-1)
				give()
			})
		}
		wg.Wait()
		if most.Load() != 2 {
			t.Errorf("%d at once", most.Load())
		}
		give, err := r.take(t.Context(), 2*maxRoom) // alone, anything fits
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.take(ctx, 1); err == nil {
			t.Error("beside it, something fits")
		}
		give()
	})
}
