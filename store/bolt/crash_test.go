// SPDX-License-Identifier: MIT

package bolt_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mailproof/report"
	"mailproof/store"
	"mailproof/store/bolt"
	"mailproof/store/storetest"
)

// crash copies the files of a store that is open and quiet: what a killed
// process leaves behind.
func crash(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s *bolt.Store, id string, n, again int) store.Lease {
	t.Helper()
	l, err := s.Claim(t.Context())
	must(t, err)
	if l.TestID != id || l.N != n || l.Again != again {
		t.Fatalf("claimed %+v, want %s/%d again %d", l, id, n, again)
	}
	return l
}

func noWork(t *testing.T, s *bolt.Store) {
	t.Helper()
	if l, err := s.Claim(t.Context()); !errors.Is(err, store.ErrNoWork) {
		t.Fatalf("claimed %+v (%v), want no work", l, err)
	}
}

// TestUncleanEnd: what was acknowledged is there; the backlog is worked one at
// a time, and each analysis that a crash cuts short leaves a mark.
func TestUncleanEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, bolt.Options{})
	must(t, s.CreateTest(t.Context(), storetest.NewTest("a")))
	big := mail(700_000)
	must(t, deliver(t, s, big, "a"))
	must(t, deliver(t, s, []byte("small"), "a"))
	claim(t, s, "a", 1, 0)
	claim(t, s, "a", 2, 0) // in normal operation several at once
	before, err := s.Test(t.Context(), "a")
	must(t, err)

	dir = crash(t, dir)
	s = open(t, dir, bolt.Options{})
	after, err := s.Test(t.Context(), "a")
	must(t, err)
	if after.Revision <= before.Revision || len(after.Messages) != 2 || after.State() != store.Received {
		t.Fatalf("after the crash: %+v, before: %+v", after, before)
	}
	r, _, err := s.Raw(t.Context(), "a", 1)
	must(t, err)
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, big) {
		t.Fatalf("the large message differs (%v)", err)
	}
	l := claim(t, s, "a", 1, 0)
	noWork(t, s) // one at a time
	must(t, s.Release(t.Context(), l))
	claim(t, s, "a", 1, 0) // giving back takes the mark away
	for again := 1; again <= 2; again++ {
		dir = crash(t, dir)
		s = open(t, dir, bolt.Options{})
		l = claim(t, s, "a", 1, again)
	}
	must(t, s.Finish(t.Context(), l, report.Report{Failed: "killed the analyser"}))
	claim(t, s, "a", 2, 0)
	must(t, s.Close()) // a clean end leaves no mark
	s = open(t, dir, bolt.Options{})
	must(t, deliver(t, s, []byte("third"), "a"))
	claim(t, s, "a", 2, 0)
	claim(t, s, "a", 3, 0) // and no more one at a time
}

func TestOrphans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, bolt.Options{})
	must(t, s.CreateTest(t.Context(), storetest.NewTest("a")))
	must(t, deliver(t, s, mail(200_000), "a"))
	sp, err := s.NewSpool(t.Context())
	must(t, err)
	defer sp.Discard()
	_, err = sp.Write(mail(500_000)) // still arriving at the crash
	must(t, err)
	dir = crash(t, dir)
	lost := filepath.Join(dir, "raw", "ab", "abababababababababababababababab.zst")
	must(t, os.MkdirAll(filepath.Dir(lost), 0o700))
	must(t, os.WriteFile(lost, []byte("installed, never committed"), 0o600))
	other := filepath.Join(dir, "raw", "README")
	must(t, os.WriteFile(other, nil, 0o600))
	if n := len(files(t, dir)); n != 4 {
		t.Fatalf("%d files before", n)
	}
	s = open(t, dir, bolt.Options{})
	if got := files(t, dir); len(got) != 2 { // the message and what is not ours
		t.Fatalf("left: %q", got)
	}
	_, err = s.Evidence(t.Context(), "a", 1)
	must(t, err)
	must(t, s.DeleteTest(t.Context(), "a"))
	if got := files(t, dir); len(got) != 1 {
		t.Fatalf("left after deleting: %q", got)
	}
}

func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	must(t, filepath.WalkDir(filepath.Join(dir, "raw"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, p)
		}
		return err
	}))
	return list
}

// TestFull: past the quota nothing is taken, reading and deleting go on, and
// service returns by itself once there is room.
func TestFull(t *testing.T) {
	t.Parallel()
	now := storetest.Start
	s := open(t, t.TempDir(), bolt.Options{MaxSize: 3 << 20, Now: func() time.Time { return now }})
	must(t, s.CreateTest(t.Context(), storetest.NewTest("a")))
	for _, size := range []int{500_000, 50_000} {
		n, err := 0, error(nil)
		for ; err == nil; n++ {
			err = deliver(t, s, mail(size), "a")
		}
		if !errors.Is(err, store.ErrFull) || n < 2 {
			t.Fatalf("after %d messages of %d octets: %v", n, size, err)
		}
	}
	if err := s.Probe(t.Context()); err != nil && !errors.Is(err, store.ErrFull) {
		t.Fatal(err)
	}
	_, err := s.Evidence(t.Context(), "a", 1)
	must(t, err)
	l := claim(t, s, "a", 1, 0)
	must(t, s.Finish(t.Context(), l, report.Report{}))
	now = now.Add(2 * time.Hour)
	if n, err := s.Purge(t.Context(), now); n != 1 || err != nil {
		t.Fatalf("purged %d: %v", n, err)
	}
	b := storetest.NewTest("b")
	b.ExpiresAt = now.Add(time.Hour)
	must(t, s.CreateTest(t.Context(), b))
	for range 3 {
		must(t, deliver(t, s, mail(500_000), "b"))
	}
	must(t, s.Probe(t.Context()))
}
