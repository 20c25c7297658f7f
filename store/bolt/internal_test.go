// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"mailproof/evidence"
	"mailproof/store"
)

// TestPoisonedRequest: a request that fails or panics, after it has written,
// fails alone and leaves nothing behind; its neighbours do not notice.
func TestPoisonedRequest(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	broken := errors.New("broken")
	bad := map[int]func(){3: func() {}, 7: func() { panic("poison") }}
	// The committer is kept busy until all wait, so that they share a commit.
	entered, begin := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = s.submit(t.Context(), false, 0, func(*txn) error { close(entered); <-begin; return nil })
	})
	<-entered
	results := make([]error, 12)
	for i := range results {
		all.Go(func() {
			results[i] = s.submit(t.Context(), false, 0, func(x *txn) error {
				if err := x.put(bMeta, fmt.Appendf(nil, "k%d", i), []byte("v")); err != nil {
					return err
				}
				if f := bad[i]; f != nil {
					f()
					return broken
				}
				return nil
			})
		})
	}
	for queued := 0; queued < len(results); runtime.Gosched() {
		s.queue.Lock()
		queued = len(s.queue.waiting)
		s.queue.Unlock()
	}
	close(begin)
	all.Wait()
	for i, err := range results {
		v := ""
		_ = s.submit(t.Context(), false, 0, func(x *txn) error {
			v = string(x.get(bMeta, fmt.Appendf(nil, "k%d", i)))
			return nil
		})
		if (bad[i] != nil) != (err != nil) || (bad[i] != nil) != (v == "") {
			t.Errorf("request %d: %v, stored %q", i, err, v)
		}
	}
}

// fillValue sets everything in v to something that is not zero, so that a
// field that is added to a type and not to its record shows.
func fillValue(v reflect.Value, r *rand.Rand) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Unix(r.Int64N(1<<36)-1<<35, r.Int64N(1e9)).UTC()
		return
	case *netip.Addr:
		*x = netip.AddrFrom16([16]byte{0x20, 1, byte(r.Int())})
		if r.IntN(2) == 0 {
			*x = netip.AddrFrom4([4]byte{1, 2, 3, byte(r.Int())})
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		b := make([]byte, 1+r.IntN(40))
		for i := range b {
			b[i] = byte(r.Int())
		}
		v.SetString(string(b))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(1<<40) + 1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1 + uint64(r.IntN(200)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem(), r)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(4), 8))
		for i := range v.Len() {
			fillValue(v.Index(i), r)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i), r)
		}
	default:
		panic(v.Kind())
	}
}

// roundTrips checks the records that seed describes.
func roundTrips(t *testing.T, r *rand.Rand) {
	var a store.Attempt
	fillValue(reflect.ValueOf(&a).Elem(), r)
	same(t, a, encodeAttempt(a), decodeAttempt)
	same(t, store.Attempt{At: time.Time{}}, encodeAttempt(store.Attempt{}), decodeAttempt)
	var at time.Time
	fillValue(reflect.ValueOf(&at).Elem(), r)
	h := head{rev: r.Uint64(), count: r.IntN(1 << 30), attempts: r.Uint64(), expires: at}
	same(t, h, encodeHead(h), decodeHead)
	w := waiting{tid: r.Uint64(), n: r.IntN(1 << 30), marks: r.IntN(5)}
	same(t, w, encodeWaiting(w), decodeWaiting)
	m := message{body: address{r.Uint64(), r.Uint64()}, backlog: r.Uint64(), at: at, size: r.Int64(), from: a.Reply, rcpt: a.Reason,
		failed: r.IntN(2) == 0, reports: r.IntN(100), score: r.IntN(101)}
	same(t, m, encodeMessage(m), decodeMessage)
	tt := store.Test{ID: a.Reply, Local: a.Reason, Label: "l", Lang: "zh-CN", Overlay: "o", CreatedAt: at, ExpiresAt: a.At}
	same(t, tt, encodeTest(tt), decodeTest)
	b := body{at: at, receiver: a.Reply, session: a.Session, size: 7, sum: r.Uint32(), data: []byte(a.Reason)}
	same(t, b, encodeBody(nil, &b), decodeBody)
	p := place{r.Uint64(), r.Uint64(), r.Uint64()}
	same(t, p, encodePlace(p), decodePlace)
}

func same[T any](t *testing.T, want T, rec []byte, decode func([]byte) (T, error)) {
	t.Helper()
	got, err := decode(rec)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
	}
}

// FuzzRecords: what was encoded is decoded the same; a record with a wrong
// octet is refused; what is no record is refused or decoded, never a panic.
func FuzzRecords(f *testing.F) {
	f.Add(uint64(1), []byte("\x01garbage"), uint16(3))
	f.Add(uint64(2), encodeAttempt(store.Attempt{Session: evidence.Session{Helo: "x"}}), uint16(9))
	f.Fuzz(func(t *testing.T, seed uint64, junk []byte, at uint16) {
		r := rand.New(rand.NewPCG(seed, 1))
		roundTrips(t, r)
		sealed := (&encoder{bytes.Clone(junk)}).sealed() // past the checksum
		for _, b := range [][]byte{junk, sealed} {
			decodeAll(b)
		}
		decodeAll(binary.BigEndian.AppendUint32(bytes.Clone(sealed), uint32(len(sealed))))
		rec := encodeHead(head{rev: seed})
		rec[int(at)%len(rec)] ^= 1 + byte(at>>8)&0x7f
		if _, err := decodeHead(rec); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("a damaged record: %v", err)
		}
	})
}

func decodeAll(b []byte) {
	_, _ = decodeAttempt(b)
	_, _ = decodeHead(b)
	_, _ = decodeWaiting(b)
	_, _ = decodeMessage(b)
	_, _ = decodeTest(b)
	_, _ = decodeBody(b)
	_, _ = decodeReport(b)
	_, _ = decodePlace(b)
}
