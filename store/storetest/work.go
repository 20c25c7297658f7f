// SPDX-License-Identifier: MIT

package storetest

import (
	"context"
	"errors"
	"time"

	"mailproof/report"
	"mailproof/scoring"
	"mailproof/store"
)

func backlogOrder(w *world) {
	w.create("a", "b")
	for _, id := range []string{"a", "b", "a"} {
		w.must(w.deliver("m", id))
	}
	for _, want := range []store.Lease{{TestID: "a", N: 1}, {TestID: "b", N: 1}, {TestID: "a", N: 2}} {
		want.Size, want.Overlay = 1, w.test(want.TestID).Overlay
		l := w.claim()
		l.Token = 0
		equal(w, "lease", l, want)
	}
	_, err := w.s.Claim(w.ctx)
	w.want(err, store.ErrNoWork)
}

func release(w *world) {
	w.create("a", "b")
	w.must(w.deliver("m", "a"))
	w.must(w.deliver("m", "b"))
	l := w.claim()
	w.must(w.s.Release(w.ctx, l))
	w.want(w.s.Release(w.ctx, l), store.ErrLeaseLost)
	w.want(w.s.Finish(w.ctx, l, report.Report{}), store.ErrLeaseLost)
	equal(w, "state", state(w.test("a")), store.Received)
	again := w.claim()
	equal(w, "the oldest comes first", []any{again.TestID, again.Again}, []any{"a", 0})
	if again.Token == l.Token {
		w.Fatal("two leases have one token")
	}
}

func leaseLost(w *world) {
	w.create("a")
	w.must(w.deliver("m", "a"))
	l := w.claim()
	wrong := l
	wrong.Token++
	w.want(w.s.Finish(w.ctx, wrong, report.Report{}), store.ErrLeaseLost)
	w.must(w.s.DeleteTest(w.ctx, "a"))
	w.want(w.s.Finish(w.ctx, l, report.Report{}), store.ErrLeaseLost)
	w.create("a")
	w.must(w.deliver("m", "a"))
	w.want(w.s.Finish(w.ctx, l, report.Report{}), store.ErrLeaseLost)
	w.finish(1)
	w.want(w.s.Finish(w.ctx, l, report.Report{}), store.ErrLeaseLost)
}

// states: each step of a message is seen and raises the revision.
func states(w *world) {
	w.create("a")
	last := uint64(0)
	step := func(want store.State) {
		w.Helper()
		t := w.test("a")
		equal(w, "state", state(t), want)
		if t.Revision <= last {
			w.Fatalf("%s: revision %d after %d", want, t.Revision, last)
		}
		last = t.Revision
	}
	step(store.Waiting)
	w.must(w.deliver("m", "a"))
	step(store.Received)
	l := w.claim()
	step(store.Analyzing)
	w.must(w.s.Release(w.ctx, l))
	step(store.Received)
	l = w.claim()
	step(store.Analyzing)
	w.must(w.s.AddAttempt(w.ctx, "to-a", store.Attempt{}))
	step(store.Analyzing)
	w.must(w.s.Finish(w.ctx, l, report.Report{Score: scoring.Score{Tenths: 87}}))
	step(store.Done)
	w.must(w.s.Requeue(w.ctx, "a", 1))
	step(store.Received)
	l = w.claim()
	step(store.Analyzing)
	w.must(w.s.Finish(w.ctx, l, report.Report{Failed: "killed"}))
	step(store.Failed)
	w.reopen()
	equal(w, "state", state(w.test("a")), store.Failed)
}

func reports(w *world) {
	w.create("a")
	w.must(w.deliver("m", "a"))
	_, err := w.s.Report(w.ctx, "a", 1, 0)
	w.want(err, store.ErrNotFound)
	w.must(w.s.Requeue(w.ctx, "a", 1)) // it is on the backlog: nothing changes
	w.want(w.s.Requeue(w.ctx, "a", 2), store.ErrNotFound)
	for i, score := range []int{40, 90} {
		l := w.claim()
		w.must(w.s.Finish(w.ctx, l, report.Report{ID: "r", Duration: time.Second, Score: scoring.Score{Tenths: score}}))
		m := w.test("a").Messages[0]
		equal(w, "summary", []int{m.Reports, m.Score}, []int{i + 1, score})
		_, err = w.s.Claim(w.ctx)
		w.want(err, store.ErrNoWork)
		w.must(w.s.Requeue(w.ctx, "a", 1))
	}
	for rev, want := range map[int][]int{0: {2, 90}, 1: {1, 40}, 2: {2, 90}} {
		r, err := w.s.Report(w.ctx, "a", 1, rev)
		w.must(err)
		equal(w, "report", r, report.Report{ID: "r", TestID: "a", Message: 1, Revision: want[0],
			Duration: time.Second, Score: scoring.Score{Tenths: want[1]}})
	}
	for _, rev := range []int{-1, 3} {
		_, err = w.s.Report(w.ctx, "a", 1, rev)
		w.want(err, store.ErrNotFound)
	}
}

func wait(w *world) {
	w.create("a", "other")
	rev, err := w.s.Wait(w.ctx, "a", 0)
	w.must(err)
	equal(w, "revision", rev, uint64(1))
	_, err = w.s.Wait(w.ctx, "unknown", 0)
	w.want(err, store.ErrNotFound)
	expired, cancel := context.WithCancel(w.ctx)
	cancel()
	_, err = w.s.Wait(expired, "a", 1)
	w.want(err, context.Canceled)

	var lease store.Lease
	for _, change := range []func() error{
		func() error { return w.deliver("m", "a") },
		func() error { lease = w.claim(); return nil },
		func() error { return w.s.Finish(w.ctx, lease, report.Report{}) },
		func() error { return w.s.Requeue(w.ctx, "a", 1) },
		func() error { return w.s.AddAttempt(w.ctx, "to-a", store.Attempt{}) },
	} {
		seen := w.test("a").Revision
		got := make(chan uint64)
		go func() {
			r, err := w.s.Wait(w.ctx, "a", seen)
			if err != nil {
				w.Error(err)
			}
			got <- r
		}()
		w.must(w.deliverOther())
		select {
		case r := <-got:
			w.Fatalf("woken by another test, revision %d after %d", r, seen)
		default:
		}
		w.must(change())
		if r := <-got; r <= seen {
			w.Fatalf("revision %d after %d", r, seen)
		}
	}
	seen := w.test("a").Revision
	ended := make(chan error)
	go func() { _, err := w.s.Wait(w.ctx, "a", seen); ended <- err }()
	w.must(w.s.DeleteTest(w.ctx, "a"))
	w.want(<-ended, store.ErrNotFound)
}

// deliverOther changes another test.
func (w *world) deliverOther() error {
	return w.s.AddAttempt(w.ctx, "to-other", store.Attempt{})
}

func waitWork(w *world) {
	w.create("a")
	expired, cancel := context.WithCancel(w.ctx)
	cancel()
	w.want(w.s.WaitWork(expired), context.Canceled)
	var held store.Lease
	nothing := func() {}
	for _, c := range []struct {
		before func()
		change func() error
	}{
		{nothing, func() error { return w.deliver("m", "a") }},
		{func() { w.finish(1) }, func() error { return w.s.Requeue(w.ctx, "a", 1) }},
		{func() { held = w.claim() }, func() error { return w.s.Release(w.ctx, held) }},
	} {
		c.before()
		got := make(chan error)
		go func() {
			// Woken does not mean first: claim and wait again until it works.
			for {
				if err := w.s.WaitWork(w.ctx); err != nil {
					got <- err
					return
				}
				l, err := w.s.Claim(w.ctx)
				if err == nil {
					err = w.s.Release(w.ctx, l)
				}
				if !errors.Is(err, store.ErrNoWork) && !errors.Is(err, store.ErrLeaseLost) {
					got <- err
					return
				}
			}
		}()
		w.must(c.change())
		w.must(<-got)
	}
}

func state(t store.Test) store.State { return t.State() }
