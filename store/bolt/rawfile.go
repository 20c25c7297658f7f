// SPDX-License-Identifier: MIT

package bolt

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"
)

// tempSuffix marks a message that is still arriving.
const tempSuffix = ".tmp"

// fileName reports whether v can be the name of a message file: 32 hex digits.
func fileName(v string) bool {
	return len(v) == 32 && strings.Trim(v, "0123456789abcdef") == ""
}

// rename moves a finished message file from temp to its place, durably.
func (s *Store) rename(temp, name string) error {
	to := s.filePath(name)
	dir := filepath.Dir(to)
	err := os.Rename(temp, to)
	if errors.Is(err, fs.ErrNotExist) { // the first file of its directory
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := syncDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Rename(temp, to)
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// removeFiles removes message files whose records are gone. What cannot be
// removed is an orphan, and the next start tries again.
func (s *Store) removeFiles(names []string) {
	for _, name := range names {
		path := s.filePath(name)
		info, err := os.Lstat(path)
		if err == nil {
			err = os.Remove(path)
		}
		if err != nil {
			s.log.Warn("remove message file", "error", err)
			continue
		}
		s.rawUsed.Add(-info.Size())
	}
}

// removeOrphans removes what lies in raw/ without a record: messages that were
// arriving when the process ended, and files that outlived their record. It
// adds up the others. Nothing is delivered yet.
func (s *Store) removeOrphans(ctx context.Context) error {
	root := filepath.Join(s.dir, rawName)
	return s.view(ctx, func(tx *bbolt.Tx) error {
		files := tx.Bucket(bFiles)
		return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, isMessage := strings.CutSuffix(d.Name(), ".zst")
			if isMessage && fileName(name) && files.Get([]byte(name)) != nil {
				info, err := d.Info()
				if err != nil {
					return err
				}
				s.rawUsed.Add(info.Size())
				return nil
			}
			if !isMessage && !strings.HasSuffix(d.Name(), tempSuffix) {
				return nil // not ours
			}
			s.log.Info("removing orphaned message file", "file", d.Name())
			return os.Remove(path)
		})
	})
}
