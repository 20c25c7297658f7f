// SPDX-License-Identifier: MIT

package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"mailproof/store"
)

// noise is n octets that cannot be compressed.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func deliver(w *world) {
	w.create("a")
	w.must(w.deliver("first\r\n", "a"))
	w.must(w.deliver("second\r\n", "a"))
	t := w.test("a")
	equal(w, "messages", t.Messages, []store.Message{
		{N: 1, ReceivedAt: Start, Size: 7, From: "a@example.org", State: store.Received},
		{N: 2, ReceivedAt: Start, Size: 8, From: "a@example.org", State: store.Received}})
	equal(w, "revision", t.Revision, uint64(3))
	e, err := w.s.Evidence(w.ctx, "a", 2)
	w.must(err)
	session := Session()
	session.RcptTo = "To-a+tag@test.example"
	equal(w, "session", e.Session, session)
	equal(w, "message", string(e.Raw), "second\r\n")
	equal(w, "time", e.ReceivedAt, Start)
	equal(w, "receiver", e.Receiver, "mx.test")
	for _, n := range []int{-1, 0, 3, 1 << 40} {
		_, err = w.s.Evidence(w.ctx, "a", n)
		w.want(err, store.ErrNotFound)
		_, _, err = w.s.Raw(w.ctx, "a", n)
		w.want(err, store.ErrNotFound)
	}
}

// sizes: every octet comes back, whatever the size and content.
func sizes(w *world) {
	text := bytes.Repeat([]byte("Received: from somewhere\r\n"), 50_000)
	rnd := noise(1_300_000)
	mixed := append(append(bytes.Clone(text[:200_000]), rnd[:500_000]...), text[:100_000]...)
	i := 0
	for _, from := range [][]byte{text, rnd, mixed} {
		for _, n := range []int{0, 1, 4095, 8192, 65535, 65536, 65537, 131072, 131073, 262144, 800_000} {
			w.create(name(i))
			sp := w.spool(from[:n])
			w.must(w.s.Deliver(w.ctx, w.delivery(name(i)), sp))
			sp.Discard()
			sp.Discard()
			i++
		}
	}
	check := func() {
		i := 0
		for _, from := range [][]byte{text, rnd, mixed} {
			for _, n := range []int{0, 1, 4095, 8192, 65535, 65536, 65537, 131072, 131073, 262144, 800_000} {
				w.wantRaw(name(i), 1, from[:n])
				e, err := w.s.Evidence(w.ctx, name(i), 1)
				w.must(err)
				if !bytes.Equal(e.Raw, from[:n]) {
					w.Fatalf("evidence of %d octets differs", n)
				}
				i++
			}
		}
	}
	check()
	w.reopen()
	check()
}

func several(w *world) {
	w.create("a", "b", "c")
	for _, raw := range []string{"small", string(noise(200_000))} {
		w.must(w.deliver(raw, "a", "b", "c", "a")) // a is named twice and gets it once
	}
	for _, id := range []string{"a", "b", "c"} {
		equal(w, "messages of "+id, len(w.test(id).Messages), 2)
		e, err := w.s.Evidence(w.ctx, id, 1)
		w.must(err)
		equal(w, "recipient", e.Session.RcptTo, "To-"+id+"+tag@test.example")
	}
	w.must(w.s.DeleteTest(w.ctx, "b"))
	w.must(w.s.DeleteTest(w.ctx, "a"))
	w.wantRaw("c", 1, []byte("small"))
	w.wantRaw("c", 2, noise(200_000))
}

func allOrNone(w *world) {
	w.create("a", "b")
	for _, raw := range []string{"small", string(noise(100_000))} {
		w.want(w.deliver(raw, "a", "unknown", "b"), store.ErrNotFound)
	}
	equal(w, "messages", len(w.test("a").Messages)+len(w.test("b").Messages), 0)
	equal(w, "revision", w.test("a").Revision, uint64(1))
	_, err := w.s.Claim(w.ctx)
	w.want(err, store.ErrNoWork)
}

func testFull(w *world) {
	w.create("a", "b")
	for range 5 {
		w.must(w.s.ByLocal(w.ctx, "to-a"))
		w.must(w.deliver("m", "a"))
	}
	w.want(w.s.ByLocal(w.ctx, "to-a"), store.ErrTestFull)
	w.want(w.deliver("m", "a"), store.ErrTestFull)
	w.want(w.deliver("m", "b", "a"), store.ErrTestFull)
	equal(w, "nothing is evicted", len(w.test("a").Messages), 5)
	equal(w, "all or none", len(w.test("b").Messages), 0)
	w.must(w.deliver("m", "b"))
}

func discarded(w *world) {
	w.create("a")
	for _, n := range []int{10, 500_000} {
		sp := w.spool(noise(n))
		sp.Discard()
		sp.Discard()
		if err := w.s.Deliver(w.ctx, w.delivery("a"), sp); err == nil {
			w.Fatal("delivered a discarded message")
		}
		if _, err := sp.Write([]byte("x")); err == nil {
			w.Fatal("wrote to a discarded message")
		}
	}
	equal(w, "messages", len(w.test("a").Messages), 0)
}

// parallel: many at once, and what is acknowledged is there, once.
func parallel(w *world) {
	const clients, each = 32, 4
	w.create("shared")
	var g sync.WaitGroup
	for i := range clients {
		w.create(name(i))
		g.Go(func() {
			for k := range each {
				raw := fmt.Sprintf("%d/%d %s", i, k, noise((i%3)*60_000))
				if err := w.deliver(raw, name(i)); err != nil {
					w.Error(err)
				}
				if err := w.deliver(raw, "shared"); err != nil && !errors.Is(err, store.ErrTestFull) {
					w.Error(err)
				}
			}
		})
	}
	g.Wait()
	for i := range clients {
		equal(w, "messages", len(w.test(name(i)).Messages), each)
		for k := range each {
			w.wantRaw(name(i), k+1, fmt.Appendf(nil, "%d/%d %s", i, k, noise((i%3)*60_000)))
		}
	}
	equal(w, "messages of the shared one", len(w.test("shared").Messages), 5)
	seen := map[store.Lease]bool{}
	var mu sync.Mutex
	for range 4 {
		g.Go(func() {
			for {
				l, err := w.s.Claim(w.ctx)
				if err != nil {
					if !errors.Is(err, store.ErrNoWork) {
						w.Error(err)
					}
					return
				}
				l.Token = 0
				mu.Lock()
				if seen[l] {
					w.Errorf("claimed twice: %+v", l)
				}
				seen[l] = true
				mu.Unlock()
			}
		})
	}
	g.Wait()
	equal(w, "claimed", len(seen), clients*each+5)
}
