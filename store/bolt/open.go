// SPDX-License-Identifier: MIT

package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockWait is as good as none: whoever holds the database holds it for long.
const lockWait = time.Millisecond

// openDatabase opens the database of dir, making it if there is none.
func openDatabase(dir string, log *slog.Logger) (*database, error) {
	path := filepath.Join(dir, dbName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createDatabase(path); err != nil {
			return nil, fmt.Errorf("create %s: %w", dbName, err)
		}
	} else if err != nil {
		return nil, err
	}
	db, err := openChecked(path, log)
	if errors.Is(err, berrors.ErrTimeout) {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dbName, err)
	}
	return db, nil
}

// createDatabase makes an empty database beside its place and links it in
// once it is durable: a power cut leaves all of it or nothing. A link and not
// a rename, because it never replaces what another process has just made.
func createDatabase(path string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	fresh := filepath.Join(tmp, dbName)
	db, err := bbolt.Open(fresh, 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(createSchema), db.Close()); err != nil {
		return err
	}
	if err := putInPlace(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func putInPlace(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(from, to) // a file system without links
}

// A database is an open bbolt file.
type database struct {
	*bbolt.DB
	file  *os.File
	stuck bool // a panic left the lock of writers taken; set by the writer
}

// openChecked opens an existing database. bbolt maps the file and trusts its
// page numbers, so the file is checked before bbolt sees it.
func openChecked(path string, log *slog.Logger) (*database, error) {
	d := &database{}
	opts := &bbolt.Options{
		Timeout: lockWait, FreelistType: bbolt.FreelistMapType,
		OpenFile: func(name string, _ int, _ os.FileMode) (f *os.File, err error) {
			d.file, err = openVetted(name, log)
			return d.file, err
		},
	}
	err := guard(func() (err error) { d.DB, err = bbolt.Open(path, 0o600, opts); return err })
	if err != nil {
		d.file.Close() // bbolt has done so, unless it panicked
		return nil, err
	}
	if err := guard(func() error { return d.View(checkSchema) }); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// change does fn in a transaction, and rolls it back if fn says so. Only one
// goroutine may call it at a time.
func (d *database) change(fn func(tx *bbolt.Tx) (commit bool, err error)) (err error) {
	var tx *bbolt.Tx
	err = guard(func() error {
		if tx, err = d.Begin(true); err != nil {
			return err
		}
		commit, err := fn(tx)
		if err != nil || !commit {
			return err
		}
		return tx.Commit()
	})
	if tx != nil && tx.DB() != nil {
		_ = guard(tx.Rollback)
		d.stuck = tx.DB() != nil
	}
	return err
}

// Close closes the database. After a panic inside a commit bbolt's own Close
// could wait for ever; then only file and lock are given back.
func (d *database) Close() error {
	if d.stuck {
		return d.file.Close()
	}
	return d.DB.Close()
}

// openVetted opens the file, never creating it, locks and checks it.
func openVetted(name string, log *slog.Logger) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	err = lockFile(f)
	if err == nil {
		err = vet(f, log)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
