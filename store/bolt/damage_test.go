// SPDX-License-Identifier: MIT

package bolt_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"mailproof/report"
	"mailproof/store"
	"mailproof/store/bolt"
	"mailproof/store/storetest"
)

const dbName = "mailproof.db"

// open opens dir with the clock of the suite.
func open(t testing.TB, dir string, o bolt.Options) *bolt.Store {
	t.Helper()
	s, err := tryOpen(t, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func tryOpen(t testing.TB, dir string, o bolt.Options) (*bolt.Store, error) {
	if o.Now == nil {
		o.Now = storetest.Start.Local
	}
	return bolt.Open(t.Context(), dir, o)
}

func deliver(t testing.TB, s *bolt.Store, raw []byte, id string) error {
	sp, err := s.NewSpool(t.Context())
	if err != nil {
		return err
	}
	defer sp.Discard()
	if _, err := sp.Write(raw); err != nil {
		return err
	}
	return s.Deliver(t.Context(), store.Delivery{Locals: []string{"to-" + id}, RcptTo: []string{"x@y"},
		ReceivedAt: storetest.Start, Session: storetest.Session()}, sp)
}

// seed makes a store with a few tests and messages and closes it.
func seed(t testing.TB, dir string) []byte {
	t.Helper()
	s := open(t, dir, bolt.Options{})
	for _, id := range []string{"a", "b", "c"} {
		if err := s.CreateTest(t.Context(), storetest.NewTest(id)); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if err := deliver(t, s, mail(2000), id); err != nil {
				t.Fatal(err)
			}
		}
	}
	l, err := s.Claim(t.Context())
	if err == nil {
		err = s.Finish(t.Context(), l, report.Report{})
	}
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, dbName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// use reads and changes everything it can; what it meets may be an error.
func use(t testing.TB, s *bolt.Store) (err error) {
	for _, id := range []string{"a", "b", "c"} {
		tt, e := s.Test(t.Context(), id)
		err = errors.Join(err, e)
		for i := range tt.Messages {
			_, e := s.Evidence(t.Context(), id, i+1)
			err = errors.Join(err, e)
		}
	}
	_, e := s.Claim(t.Context())
	err = errors.Join(err, e, deliver(t, s, []byte("m"), "b"))
	_, e = s.Purge(t.Context(), storetest.Start)
	return errors.Join(err, e)
}

func write(t testing.TB, data []byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, dbName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// unchanged checks that a database that could not be opened was left alone.
func unchanged(t *testing.T, dir string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, dbName))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("the damaged database was changed (%v)", err)
	}
}

func clear(err error) bool {
	for _, e := range []error{bolt.ErrTruncated, bolt.ErrCorrupt, bolt.ErrLocked, bolt.ErrNewer} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// TestCutAtEveryPage: either all of it is there, or the error says truncated.
func TestCutAtEveryPage(t *testing.T) {
	t.Parallel()
	whole := seed(t, t.TempDir())
	page := os.Getpagesize()
	opened := 0
	for n := 0; n < len(whole); n += page {
		for _, cut := range []int{n, n + 1, n + page/2} {
			dir := write(t, whole[:cut])
			s, err := tryOpen(t, dir, bolt.Options{})
			if err == nil { // only what was allocated ahead is missing
				opened++
				if err := errors.Join(use(t, s), s.Close()); err != nil {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				continue
			}
			if !errors.Is(err, bolt.ErrTruncated) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			unchanged(t, dir, whole[:cut])
		}
	}
	t.Logf("%d octets, opened %d times", len(whole), opened)
}

// TestFlipInMeta: one meta page is enough and both lead to the same content;
// if both are damaged the error says so.
func TestFlipInMeta(t *testing.T) {
	t.Parallel()
	whole := seed(t, t.TempDir())
	page := os.Getpagesize()
	flip := func(at ...int) (string, []byte) {
		b := bytes.Clone(whole)
		for _, i := range at {
			b[i] ^= 0x41
		}
		return write(t, b), b
	}
	for i := range 96 { // header, meta and some of what is unused behind
		for _, at := range []int{i, page + i} {
			dir, _ := flip(at)
			s, err := tryOpen(t, dir, bolt.Options{})
			if err != nil {
				t.Fatalf("octet %d of a meta page: %v", at, err)
			}
			if err := errors.Join(use(t, s), s.Close()); err != nil {
				t.Fatalf("octet %d of a meta page: %v", at, err)
			}
		}
		if i < 16 || i >= 80 { // not covered by the checksum, not used
			continue
		}
		dir, data := flip(i, page+i)
		if _, err := tryOpen(t, dir, bolt.Options{}); !errors.Is(err, bolt.ErrCorrupt) {
			t.Fatalf("octet %d of both meta pages: %v", i, err)
		}
		unchanged(t, dir, data)
	}
}

// TestDamagedPages: whatever octet of whatever page is wrong, there is an
// error or all is well, never a crash.
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	whole := seed(t, t.TempDir())
	page := os.Getpagesize()
	for at := 2 * page; at < min(len(whole), 48*page); at += page {
		for _, off := range []int{0, 8, 10, 12, 20, 25, 31, 200} {
			b := bytes.Clone(whole)
			b[at+off] ^= 0x5A
			s, err := tryOpen(t, write(t, b), bolt.Options{})
			if err != nil {
				if !clear(err) {
					t.Fatalf("page %d octet %d: %v", at/page, off, err)
				}
				continue
			}
			_ = use(t, s)
			_ = s.Close()
		}
	}
}

func TestOtherErrorsOfOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed(t, dir)
	path := filepath.Join(dir, dbName)

	s := open(t, dir, bolt.Options{})
	if _, err := tryOpen(t, dir, bolt.Options{}); !errors.Is(err, bolt.ErrLocked) {
		t.Fatalf("second process: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte{0, 0, 0, 0, 0, 0, 0, 2})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	newer, _ := os.ReadFile(path)
	if _, err := tryOpen(t, dir, bolt.Options{}); !errors.Is(err, bolt.ErrNewer) {
		t.Fatalf("newer schema: %v", err)
	}
	unchanged(t, dir, newer)

	text := bytes.Repeat([]byte("not a database\n"), 1000)
	dir = write(t, text)
	if _, err := tryOpen(t, dir, bolt.Options{}); !errors.Is(err, bolt.ErrCorrupt) {
		t.Fatalf("a text file: %v", err)
	}
	unchanged(t, dir, text)
}
