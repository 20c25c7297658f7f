// SPDX-License-Identifier: MIT

package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"mailproof/store"
)

// maxCommit bounds what one commit writes, in octets: a larger one makes
// everybody in it wait longer than the sync that it saves.
const maxCommit = 16 << 20

// requestCost is what a request without a large value is taken to write.
const requestCost = 512

// A request is one change. apply runs in the committer; it may run more than
// once and begins anew each time. It returns a refusal (see refused) before it
// has written anything, or any other error whenever it likes.
type request struct {
	apply func(t *txn) error
	cost  int // octets, roughly
	grows bool
	err   error
	done  chan struct{}
}

type queue struct {
	sync.Mutex
	waiting []*request
	closed  bool
	wake    chan struct{} // capacity 1
}

// submit has apply done and returns when it is durable, or refused. Once it
// has begun to wait it does not give up with ctx: the answer must be true.
// Requests that grow the store are refused past Options.MaxSize.
func (s *Store) submit(ctx context.Context, grows bool, cost int, apply func(*txn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.broken.Load(); err != nil {
		return *err
	}
	r := &request{apply: apply, cost: cost + requestCost, grows: grows, done: make(chan struct{})}
	q := &s.queue
	q.Lock()
	if q.closed {
		q.Unlock()
		return store.ErrClosed
	}
	q.waiting = append(q.waiting, r)
	q.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	<-r.done
	return r.err
}

// committer commits whatever waits, at once and together, until Close.
func (s *Store) committer() {
	defer close(s.ended)
	debug.SetPanicOnFault(true)
	for open := true; open; {
		select {
		case <-s.queue.wake:
			// Those who were just answered are about to submit again; let
			// them run, so that one sync serves them too.
			runtime.Gosched()
		case <-s.closing:
			s.queue.Lock()
			s.queue.closed = true
			s.queue.Unlock()
			open = false
		}
		for batch := s.take(); len(batch) > 0; batch = s.take() {
			s.commit(batch)
			runtime.Gosched()
		}
	}
}

// take removes from the queue what one commit may hold.
func (s *Store) take() []*request {
	q := &s.queue
	q.Lock()
	defer q.Unlock()
	n, sum := 0, 0
	for n < len(q.waiting) && (n == 0 || sum+q.waiting[n].cost <= maxCommit) {
		sum += q.waiting[n].cost
		n++
	}
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	if len(q.waiting) == 0 {
		q.waiting = nil
	}
	return batch
}

// commit makes the batch durable and answers it. If it cannot be done as a
// whole, each request is tried alone, so that a bad one fails only itself.
func (s *Store) commit(batch []*request) {
	t, err := s.try(batch)
	if err != nil && len(batch) > 1 {
		for _, r := range batch {
			s.commit([]*request{r})
		}
		return
	}
	if err != nil {
		batch[0].err = explain(err)
		s.log.Warn("commit", "error", err)
	} else {
		s.publish(t)
	}
	for _, r := range batch {
		close(r.done)
	}
}

// try applies the batch in one transaction. Refusals are put into the
// requests; an error means that nothing happened.
func (s *Store) try(batch []*request) (t *txn, err error) {
	if err := s.broken.Load(); err != nil {
		return nil, *err
	}
	committing := false
	err = s.db.change(func(tx *bbolt.Tx) (bool, error) {
		t = newTxn(s, tx)
		for _, r := range batch {
			if err := t.run(r); err != nil {
				return false, err
			}
		}
		committing = t.wrote
		return committing, t.endPack()
	})
	if err != nil && committing && (errors.Is(err, ErrCorrupt) || errors.Is(err, syscall.EIO)) {
		// What the disk holds now is not known: a later commit could build on
		// a page that was never written.
		s.fail(fmt.Errorf("restart needed: %w", err))
	}
	return t, err
}

func (s *Store) fail(err error) {
	s.broken.CompareAndSwap(nil, &err)
	s.log.Error("store takes no more changes", "error", err)
}

// refused reports whether err is an answer and not a fault.
func refused(err error) bool {
	for _, e := range []error{store.ErrNotFound, store.ErrExists, store.ErrTestFull,
		store.ErrFull, store.ErrLeaseLost, store.ErrNoWork} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// explain makes a full disk, by whatever name, a store.ErrFull.
func explain(err error) error {
	if err == nil || errors.Is(err, store.ErrFull) {
		return err
	}
	full := errors.Is(err, berrors.ErrMaxSizeReached)
	for _, no := range fullErrnos {
		// bbolt hides the number behind text when it cannot grow the file.
		full = full || errors.Is(err, no) || strings.Contains(err.Error(), no.Error())
	}
	if full {
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	return err
}

// view runs fn on a snapshot. Damage that it meets is an error, not a crash.
func (s *Store) view(ctx context.Context, fn func(tx *bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := guard(func() error { return s.db.View(fn) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	return err
}

// guard makes the panics of bbolt, and faults in its map, errors.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	return fn()
}
