// SPDX-License-Identifier: MIT

package storetest

import (
	"strconv"
	"sync"
	"time"

	"mailproof/report"
	"mailproof/store"
)

func create(w *world) {
	_, err := w.s.Test(w.ctx, "a")
	w.want(err, store.ErrNotFound)
	w.want(w.s.ByLocal(w.ctx, "to-a"), store.ErrNotFound)
	w.create("a")
	want := NewTest("a")
	want.Revision, want.Messages = 1, []store.Message{}
	equal(w, "test", w.test("a"), want)
	w.must(w.s.ByLocal(w.ctx, "to-a"))
	w.want(w.s.ByLocal(w.ctx, "a"), store.ErrNotFound) // two secrets
	_, err = w.s.Test(w.ctx, "to-a")
	w.want(err, store.ErrNotFound)

	w.want(w.s.CreateTest(w.ctx, NewTest("a")), store.ErrExists)
	other := NewTest("b")
	other.Local = "to-a"
	w.want(w.s.CreateTest(w.ctx, other), store.ErrExists)
	_, err = w.s.Test(w.ctx, "b")
	w.want(err, store.ErrNotFound)
}

func expiry(w *world) {
	w.create("a")
	w.must(w.deliver("m", "a"))
	w.now = Start.Add(time.Hour - 1)
	w.must(w.s.ByLocal(w.ctx, "to-a"))
	w.now = Start.Add(time.Hour) // not purged yet, but gone for everybody
	w.gone("a")
	_, err := w.s.Claim(w.ctx)
	w.want(err, store.ErrNoWork)
}

// gone checks that nothing leads to the test any more.
func (w *world) gone(id string) {
	w.Helper()
	_, err := w.s.Test(w.ctx, id)
	w.want(err, store.ErrNotFound)
	w.want(w.s.ByLocal(w.ctx, "to-"+id), store.ErrNotFound)
	_, _, err = w.s.Raw(w.ctx, id, 1)
	w.want(err, store.ErrNotFound)
	_, err = w.s.Evidence(w.ctx, id, 1)
	w.want(err, store.ErrNotFound)
	_, err = w.s.Report(w.ctx, id, 1, 0)
	w.want(err, store.ErrNotFound)
	_, err = w.s.Wait(w.ctx, id, 0)
	w.want(err, store.ErrNotFound)
	w.want(w.s.Requeue(w.ctx, id, 1), store.ErrNotFound)
	w.want(w.s.DeleteTest(w.ctx, id), store.ErrNotFound)
	w.want(w.s.AddAttempt(w.ctx, "to-"+id, store.Attempt{}), store.ErrNotFound)
	w.want(w.deliver("m", id), store.ErrNotFound)
}

func deleted(w *world) {
	w.create("a", "b")
	w.must(w.deliver("both", "a", "b"))
	w.must(w.deliver("one", "a"))
	w.must(w.s.AddAttempt(w.ctx, "to-a", store.Attempt{At: Start}))
	w.finish(50)
	w.must(w.s.DeleteTest(w.ctx, "a"))
	w.gone("a")
	w.wantRaw("b", 1, []byte("both"))
	equal(w, "the rest of the backlog", w.claim().TestID, "b")
	w.create("a") // id and address may be used again, and nothing is left
	t := w.test("a")
	equal(w, "messages", len(t.Messages)+len(t.Attempts), 0)
	w.must(w.deliver("new", "a"))
	w.wantRaw("a", 1, []byte("new"))
}

func attempts(w *world) {
	w.create("a")
	for i := range store.MaxAttempts + 3 {
		w.must(w.s.AddAttempt(w.ctx, "to-a", store.Attempt{At: Start.Add(time.Duration(i)), Reason: "limit",
			Reply: strconv.Itoa(i), Session: Session()}))
	}
	t := w.test("a")
	equal(w, "number", len(t.Attempts), store.MaxAttempts)
	for i, a := range t.Attempts { // oldest first; the first three are gone
		equal(w, "attempt", a, store.Attempt{At: Start.Add(time.Duration(i + 3)), Reason: "limit",
			Reply: strconv.Itoa(i + 3), Session: Session()})
	}
	equal(w, "revision", t.Revision, uint64(1+store.MaxAttempts+3))
	equal(w, "state", state(t), store.Waiting)
}

func purge(w *world) {
	late := NewTest("late")
	late.ExpiresAt = Start.Add(2 * time.Hour)
	w.must(w.s.CreateTest(w.ctx, late))
	big := string(noise(300_000))
	for i := range 40 {
		w.create(name(i))
		w.must(w.s.AddAttempt(w.ctx, "to-"+name(i), store.Attempt{At: Start}))
		for range 3 {
			w.must(w.deliver("m", name(i)))
		}
	}
	w.must(w.deliver(big, name(0), "late"))
	w.finish(10)
	n, err := w.s.Purge(w.ctx, Start.Add(time.Hour)) // strictly before now
	w.must(err)
	equal(w, "purged at the very moment", n, 0)
	w.now = Start.Add(time.Hour + 1)
	n, err = w.s.Purge(w.ctx, w.now)
	w.must(err)
	equal(w, "purged", n, 40)
	w.wantRaw("late", 1, []byte(big))
	equal(w, "backlog", w.claim().TestID, "late")
	_, err = w.s.Claim(w.ctx)
	w.want(err, store.ErrNoWork)
	n, err = w.s.Purge(w.ctx, w.now)
	w.must(err)
	equal(w, "purged again", n, 0)
	for i := range 40 {
		w.gone(name(i))
	}
}

func reopen(w *world) {
	w.create("a", "b")
	w.must(w.deliver("one", "a"))
	w.must(w.deliver("two", "a", "b"))
	w.must(w.s.AddAttempt(w.ctx, "to-b", store.Attempt{At: Start, Session: Session()}))
	w.finish(77)
	before, other := w.test("a"), w.test("b")
	w.reopen()
	equal(w, "test a", w.test("a"), before)
	equal(w, "test b", w.test("b"), other)
	w.wantRaw("b", 1, []byte("two"))
	r, err := w.s.Report(w.ctx, "a", 1, 0)
	w.must(err)
	equal(w, "score", r.Score.Tenths, 77)
	// What was being analysed at a clean end is analysed anew, without a mark.
	l := w.claim()
	rev := w.test("a").Revision
	w.reopen()
	again := w.claim()
	equal(w, "message", []any{again.TestID, again.N, again.Again}, []any{l.TestID, l.N, 0})
	w.want(w.s.Finish(w.ctx, l, report.Report{}), store.ErrLeaseLost)
	if got := w.test("a").Revision; got <= rev {
		w.Fatalf("revision %d after reopening, %d before", got, rev)
	}
}

func closed(w *world) {
	w.create("a")
	w.must(w.deliver("m", "a"))
	l := w.claim()
	sp := w.spool([]byte("x"))
	var waiters sync.WaitGroup
	waiters.Go(func() {
		if _, err := w.s.Wait(w.ctx, "a", 100); err != store.ErrClosed {
			w.Errorf("wait: %v", err)
		}
	})
	waiters.Go(func() {
		if err := w.s.WaitWork(w.ctx); err != store.ErrClosed {
			w.Errorf("wait for work: %v", err)
		}
	})
	w.must(w.s.Close())
	waiters.Wait()
	w.must(w.s.Close())
	_, err := w.s.Test(w.ctx, "a")
	w.want(err, store.ErrClosed)
	_, err = w.s.Claim(w.ctx)
	w.want(err, store.ErrClosed)
	_, err = w.s.NewSpool(w.ctx)
	w.want(err, store.ErrClosed)
	for _, err := range []error{w.s.CreateTest(w.ctx, NewTest("b")), w.s.Deliver(w.ctx, w.delivery("a"), sp),
		w.s.Finish(w.ctx, l, report.Report{}), w.s.Release(w.ctx, l), w.s.Probe(w.ctx), w.s.ByLocal(w.ctx, "to-a"),
		w.s.DeleteTest(w.ctx, "a")} {
		w.want(err, store.ErrClosed)
	}
}
