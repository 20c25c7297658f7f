// SPDX-License-Identifier: MIT

// Package storetest is the definition of a store: what passes Run is one.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"mailproof/evidence"
	"mailproof/report"
	"mailproof/scoring"
	"mailproof/store"
)

// Options are what a backend must be able to be told.
type Options struct {
	MaxMessagesPerTest int              // 0: the backend's own
	Now                func() time.Time // never nil
}

// Open opens a store in dir. It is called again for a dir whose store was closed.
type Open func(t *testing.T, dir string, o Options) store.Store

// Run runs the suite on stores that open makes.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		run  func(*world)
	}{
		{"create", create}, {"expiry", expiry}, {"delete", deleted},
		{"deliver", deliver}, {"sizes", sizes}, {"several recipients", several},
		{"all or none", allOrNone}, {"test full", testFull}, {"attempts", attempts},
		{"spool discarded", discarded}, {"backlog order", backlogOrder},
		{"release", release}, {"lease lost", leaseLost}, {"states", states},
		{"reports", reports}, {"wait", wait}, {"wait work", waitWork},
		{"purge", purge}, {"reopen", reopen}, {"closed", closed}, {"parallel", parallel},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := &world{T: t, ctx: t.Context(), open: open, dir: t.TempDir(), now: Start}
			w.reopen()
			t.Cleanup(func() { w.s.Close() })
			c.run(w)
		})
	}
}

// Start is the time at which every world begins.
var Start = time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC)

// A world is one store and its clock.
type world struct {
	*testing.T
	ctx  context.Context
	open Open
	dir  string
	now  time.Time // not changed while others run
	s    store.Store
}

func (w *world) reopen() {
	w.Helper()
	if w.s != nil {
		w.must(w.s.Close())
	}
	w.s = w.open(w.T, w.dir, Options{MaxMessagesPerTest: 5, Now: func() time.Time { return w.now }})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) want(err, target error) {
	w.Helper()
	if !errors.Is(err, target) {
		w.Fatalf("got error %v, want %v", err, target)
	}
}

func equal[T any](w *world, what string, got, want T) {
	w.Helper()
	if !reflect.DeepEqual(got, want) {
		w.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// NewTest is a test with id and an address derived from it.
func NewTest(id string) store.Test {
	return store.Test{ID: id, Local: "to-" + id, Label: "läbel", Lang: "en", Overlay: "; delete a TXT\n",
		CreatedAt: Start, ExpiresAt: Start.Add(time.Hour)}
}

func (w *world) create(ids ...string) {
	w.Helper()
	for _, id := range ids {
		w.must(w.s.CreateTest(w.ctx, NewTest(id)))
	}
}

func (w *world) test(id string) store.Test {
	w.Helper()
	t, err := w.s.Test(w.ctx, id)
	w.must(err)
	return t
}

// Session is one with something in most fields.
func Session() evidence.Session {
	return evidence.Session{ClientIP: netip.MustParseAddr("2001:db8::1"), ClientPort: 4711, Helo: "mx.example.org",
		EHLO: true, MailFrom: "a@example.org", HasMailFrom: true, TLSKnown: true, TLSOffered: true,
		TLS: &evidence.TLS{Version: "TLS 1.3", Cipher: "X", SNI: "y"}, BodyType: "8BITMIME", Size: 12,
		Dialogue: []evidence.Line{{At: time.Millisecond, From: "server", Text: "220 hi"},
			{At: 2 * time.Millisecond, From: "client", Text: "EHLO \x00\xff"}}}
}

func (w *world) delivery(ids ...string) store.Delivery {
	d := store.Delivery{ReceivedAt: w.now, Session: Session(), Receiver: "mx.test"}
	for _, id := range ids {
		d.Locals = append(d.Locals, "to-"+id)
		d.RcptTo = append(d.RcptTo, "To-"+id+"+tag@test.example")
	}
	return d
}

func (w *world) spool(raw []byte) store.Spool {
	w.Helper()
	sp, err := w.s.NewSpool(w.ctx)
	w.must(err)
	w.Cleanup(sp.Discard)
	for rest := raw; len(rest) > 0; { // in uneven pieces, as they come from a network
		n := min(len(rest), 1+rand.IntN(100_000))
		k, err := sp.Write(rest[:n])
		w.must(err)
		rest = rest[k:]
	}
	equal(w, "size", sp.Size(), int64(len(raw)))
	return sp
}

func (w *world) deliver(raw string, ids ...string) error {
	w.Helper()
	sp := w.spool([]byte(raw))
	defer sp.Discard()
	return w.s.Deliver(w.ctx, w.delivery(ids...), sp)
}

func (w *world) wantRaw(id string, n int, raw []byte) {
	w.Helper()
	r, size, err := w.s.Raw(w.ctx, id, n)
	w.must(err)
	defer r.Close()
	got, err := io.ReadAll(r)
	w.must(err)
	if size != int64(len(raw)) || !bytes.Equal(got, raw) {
		w.Fatalf("raw of %s/%d: %d octets, said to be %d, want %d the same", id, n, len(got), size, len(raw))
	}
}

func (w *world) claim() store.Lease {
	w.Helper()
	l, err := w.s.Claim(w.ctx)
	w.must(err)
	return l
}

func (w *world) finish(score int) {
	w.Helper()
	w.must(w.s.Finish(w.ctx, w.claim(), report.Report{Score: scoring.Score{Tenths: score}}))
}

func name(i int) string { return fmt.Sprintf("t%04d", i) }
