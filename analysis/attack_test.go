// SPDX-License-Identifier: MIT

package analysis_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"mailproof/store"
)

// TestAttackDamagedMessageBlocksNobody: a message whose file is cut short, or
// gone, after an unclean end is failed and says so. It stood at the front of
// the backlog, which is worked one at a time then, for ever.
func TestAttackDamagedMessageBlocksNobody(t *testing.T) {
	t.Parallel()
	c, ev := example(t, "perfect")
	zone, err := c.Zone()
	if err != nil {
		t.Fatal(err)
	}
	large := ev
	large.Raw = append(bytes.Clone(ev.Raw), bytes.Repeat([]byte("0123456789abcdef"), 1<<14)...)
	for name, damage := range map[string]func(string) error{
		"cut":   func(path string) error { return os.Truncate(path, 20) },
		"empty": func(path string) error { return os.Truncate(path, 0) },
		"gone":  os.Remove,
	} {
		dir := filepath.Join(t.TempDir(), "data")
		s := open(t, dir)
		for _, id := range []string{"a", "b", "c"} { // more than there are workers
			put(t, s, id, large)
		}
		put(t, s, "one", ev)
		next := killed(t, dir)
		s.Close()
		cut := 0
		err := filepath.WalkDir(filepath.Join(next, "raw"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			cut++
			return damage(path)
		})
		if err != nil || cut != 3 {
			t.Fatalf("%s: %d files, %v", name, cut, err)
		}
		s = open(t, next)
		if test := work(t, worker(s, analyzerOver(zone))); test.State() != store.Done {
			t.Errorf("%s: the sound message is %s", name, test.State())
		}
		for _, id := range []string{"a", "b", "c"} {
			test, err := s.Test(t.Context(), id)
			rep, rerr := s.Report(t.Context(), id, 1, 0)
			if err != nil || rerr != nil || test.State() != store.Failed || rep.Failed != "unreadable" {
				t.Errorf("%s %s: %s %q %v %v", name, id, test.State(), rep.Failed, err, rerr)
			}
		}
		s.Close()
	}
}
