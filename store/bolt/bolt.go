// SPDX-License-Identifier: MIT

// Package bolt keeps tests, messages and reports in one directory: a bbolt
// database, and a file for each large message.
//
// All changes go through one goroutine, the committer, which takes whatever
// waits and makes it durable with one sync. Readers use snapshots and never
// wait for it. The layout is described in schema.go.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mailproof/store"
)

// Errors of Open. They say what is wrong; the wrapping error says where.
var (
	ErrLocked    = errors.New("in use by another process")
	ErrNewer     = errors.New("written by a newer version of the program")
	ErrTruncated = errors.New("database is truncated")
	ErrCorrupt   = error(corrupt{}) // a store.ErrDamaged, also of reads that meet damage
)

const (
	// DefaultRetention is how long a test lives if it does not say itself.
	DefaultRetention = 7 * 24 * time.Hour
	// DefaultMaxMessages bounds the messages of one test (contract).
	DefaultMaxMessages = 1000

	dbName  = "mailproof.db"
	rawName = "raw"
)

var _ store.Store = (*Store)(nil)

// Options are what a Store can be told. The zero value is ready to use.
type Options struct {
	// Retention is the life of a test without ExpiresAt; 0: DefaultRetention.
	Retention time.Duration
	// MaxMessagesPerTest: the next delivery gets ErrTestFull; 0: DefaultMaxMessages.
	MaxMessagesPerTest int
	// MaxSize, in octets, bounds what database and message files hold
	// together; past it new things get ErrFull, reports are still stored and
	// deleting goes on. It should stay well below the size of the disk. 0: no bound.
	MaxSize int64
	Log     *slog.Logger     // nil: silent
	Now     func() time.Time // nil: time.Now
}

// Store is a store.Store on one directory.
type Store struct {
	dir string
	opt Options
	log *slog.Logger
	db  *database

	queue   queue
	ended   chan struct{} // committer is done
	closing chan struct{} // closed by Close
	once    sync.Once
	result  error // of Close
	broken  atomic.Pointer[error]

	dbUsed   atomic.Int64 // octets of pages in use
	rawUsed  atomic.Int64 // octets of message files, those being written included
	frames   *framer
	spooling *spoolPool
	encoding sync.Pool // *[]byte, of deliveries
	packing  []byte    // memory of the committer for packs

	mu      sync.Mutex
	visible map[uint64]uint64        // revisions above the stored one: raised by a claim
	waiters map[uint64]chan struct{} // of tests somebody waits for; closed at a change
	leases  map[uint64]lease         // by backlog key
	token   uint64                   // of the newest lease
	work    chan struct{}            // closed when Claim may have something
	recover uint64                   // backlog keys up to this one: one at a time; 0: none
}

// Open opens the store in dir, which is created if need be; its parent must
// exist. An error matches ErrLocked, ErrNewer, ErrTruncated or ErrCorrupt where
// that is what is wrong; a database that cannot be opened is never changed.
func Open(ctx context.Context, dir string, opt Options) (*Store, error) {
	opt.defaults()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := makeDirs(dir); err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	db, err := openDatabase(dir, opt.Log)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	s := &Store{
		dir: dir, opt: opt, log: opt.Log, db: db,
		ended: make(chan struct{}), closing: make(chan struct{}),
		frames: newFramer(), spooling: newSpoolPool(),
		visible: map[uint64]uint64{}, waiters: map[uint64]chan struct{}{},
		leases: map[uint64]lease{}, work: make(chan struct{}),
		token: rand.Uint64(), // a lease of an earlier life must not fit
	}
	s.queue.wake = make(chan struct{}, 1)
	s.encoding.New = func() any { return new([]byte) }
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", dir, err), db.Close())
	}
	go s.committer()
	return s, nil
}

func (o *Options) defaults() {
	if o.Retention <= 0 {
		o.Retention = DefaultRetention
	}
	if o.MaxMessagesPerTest <= 0 {
		o.MaxMessagesPerTest = DefaultMaxMessages
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func makeDirs(dir string) error {
	for _, d := range []string{dir, filepath.Join(dir, rawName)} {
		if err := os.Mkdir(d, 0o700); err == nil {
			if err := syncDir(filepath.Dir(d)); err != nil {
				return err
			}
		} else if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// start makes the state of a just opened store: it learns whether the last
// life ended well, marks this one as running and removes orphaned files.
func (s *Store) start(ctx context.Context) error {
	unclean, last, err := s.lastLife(ctx)
	if err != nil {
		return err
	}
	if unclean {
		s.log.Warn("store was not closed: analysing its backlog one by one", "backlog_to", last)
		s.recover = last
	}
	if err := s.markRunning(); err != nil {
		// A full disk is no reason not to start: reading and expiry must go
		// on. The price is that a kill from now on looks like a clean end.
		if !errors.Is(err, store.ErrFull) {
			return err
		}
		s.log.Warn("no room to mark the store as running")
	}
	if err := s.removeOrphans(ctx); err != nil {
		return err
	}
	s.measure()
	return nil
}

func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// Close ends the store: what was submitted is committed, waiting calls return
// ErrClosed, later ones too. It may be called more than once.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.ended
		err := s.markClean()
		if e := s.db.Close(); e != nil {
			err = errors.Join(err, e)
		}
		if err != nil {
			s.result = fmt.Errorf("close store %s: %w", s.dir, err)
		}
	})
	return s.result
}
