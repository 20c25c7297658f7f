// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// A packWorld is a store whose deliveries share commits on purpose.
type packWorld struct {
	t    *testing.T
	s    *Store
	want map[string]map[int][]byte // test, n → message
}

func newPackWorld(t *testing.T, tests int) *packWorld {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := &packWorld{t, s, map[string]map[int][]byte{}}
	for i := range tests {
		id := fmt.Sprint(i)
		if err := s.CreateTest(t.Context(), store.Test{ID: id, Local: id}); err != nil {
			t.Fatal(err)
		}
		w.want[id] = map[int][]byte{}
	}
	return w
}

// deliver delivers all the messages in one transaction.
func (w *packWorld) deliver(to [][]string, messages [][]byte) {
	w.t.Helper()
	var recs [][]byte
	var bodies []*body
	for i, m := range messages {
		sp, err := w.s.NewSpool(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		b := &body{at: time.Unix(1, 0), receiver: fmt.Sprint(i)}
		if _, err := sp.Write(m); err != nil {
			w.t.Fatal(err)
		}
		if err := sp.(*spool).fill(b); err != nil {
			w.t.Fatal(err)
		}
		b.data = bytes.Clone(b.data)
		sp.(*spool).kept = true
		sp.Discard()
		recs, bodies = append(recs, encodeBody(nil, b)), append(bodies, b)
	}
	err := w.s.submit(w.t.Context(), true, 0, func(x *txn) error {
		for i := range recs {
			if err := x.deliver(&store.Delivery{Locals: to[i], RcptTo: to[i]}, bodies[i], recs[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for i, m := range messages {
		for _, id := range to[i] {
			w.want[id][len(w.want[id])+1] = m
		}
	}
}

// remove deletes a test.
func (w *packWorld) remove(id string) {
	w.t.Helper()
	if err := w.s.DeleteTest(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
	delete(w.want, id)
}

// check reads everything that should be there.
func (w *packWorld) check() {
	w.t.Helper()
	for id, list := range w.want {
		for n, want := range list {
			e, err := w.s.Evidence(w.t.Context(), id, n)
			if err != nil || !bytes.Equal(e.Raw, want) {
				w.t.Fatalf("test %s message %d: %d octets (%v), want %d", id, n, len(e.Raw), err, len(want))
			}
		}
	}
}

// packed returns all that is in packs, and the number of packs and of places.
func (w *packWorld) packed() (all []byte, packs, places int) {
	w.t.Helper()
	err := w.s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bPacks).ForEach(func(k, v []byte) error {
			if bytes.Equal(k, packKey(num(k))) {
				all = append(all, v...)
				packs++
			} else {
				places++
			}
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all, packs, places
}

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	var key [32]byte
	key[0] = byte(seed)
	_, _ = io.ReadFull(rand.NewChaCha8(key), b)
	return b
}

// TestPackLosesItsDeliveries: one commit is one pack; what is deleted can no
// longer be found in it, what is left is whole, and the last takes it along.
func TestPackLosesItsDeliveries(t *testing.T) {
	t.Parallel()
	w := newPackWorld(t, 4)
	secret := []byte("what is deleted must not be found")
	w.deliver([][]string{{"0"}, {"1"}, {"2", "3"}, {"0", "3"}},
		[][]byte{noise(3000, 1), secret, noise(5000, 2), noise(100_000, 3)})
	if all, packs, places := w.packed(); packs != 1 || places != 4 || !bytes.Contains(all, secret) {
		t.Fatalf("%d packs with %d deliveries", packs, places)
	}
	w.check()
	w.remove("1")
	if all, packs, places := w.packed(); packs != 1 || places != 3 || bytes.Contains(all, secret) {
		t.Fatalf("after deleting one: %d packs with %d deliveries", packs, places)
	}
	w.check()
	w.remove("2") // its message has another recipient
	w.remove("0")
	if _, packs, places := w.packed(); packs != 1 || places != 2 {
		t.Fatalf("after deleting what is shared: %d packs with %d deliveries", packs, places)
	}
	w.check()
	w.remove("3")
	if _, packs, places := w.packed(); packs != 0 || places != 0 {
		t.Fatalf("at the end: %d packs with %d deliveries", packs, places)
	}
	left, err := filepath.Glob(filepath.Join(w.s.dir, rawName, "*", "*"))
	if err != nil || len(left) != 0 {
		t.Fatalf("files left: %q (%v)", left, err)
	}
}

// TestPackIsBounded: a large commit makes several packs, and after each
// deletion, in any order, all others are whole.
func TestPackIsBounded(t *testing.T) {
	t.Parallel()
	w := newPackWorld(t, 12)
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		var to [][]string
		var messages [][]byte
		for i := range 24 {
			to = append(to, []string{fmt.Sprint(i % 12)})
			messages = append(messages, noise(r.IntN(maxInline), r.Uint64()))
		}
		w.deliver(to, messages)
	}
	if all, packs, places := w.packed(); places != 72 || packs < len(all)/maxPack {
		t.Fatalf("%d octets in %d packs with %d deliveries", len(all), packs, places)
	}
	for _, i := range r.Perm(12) {
		w.check()
		w.remove(fmt.Sprint(i))
	}
	if _, packs, places := w.packed(); packs != 0 || places != 0 {
		t.Fatalf("at the end: %d packs with %d deliveries", packs, places)
	}
}

// FuzzPlace: no place leads out of its pack.
func FuzzPlace(f *testing.F) {
	f.Add(uint64(0), uint64(3), []byte("abc"))
	f.Add(uint64(1), ^uint64(0), []byte("abc"))
	f.Fuzz(func(t *testing.T, off, size uint64, pack []byte) {
		part, err := place{off: off, size: size}.of(pack)
		if err == nil && (uint64(len(part)) != size || !bytes.Equal(part, pack[off:off+size])) {
			t.Fatalf("%d octets", len(part))
		}
		if err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatal(err)
		}
	})
}
