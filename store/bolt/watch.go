// SPDX-License-Identifier: MIT

package bolt

import (
	"context"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// A claim changes what a test shows (analyzing) but writes nothing. Its
// revision is in memory only, in visible, until the next stored change goes
// above it. A reader takes the revision before the content, so the content is
// never older than its revision: the worst is a needless wake-up.

// visibleRev is the revision that was raised in memory, or 0.
func (s *Store) visibleRev(tid uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visible[tid]
}

// raise makes a change that is kept in memory visible. s.mu is held. stored is
// the revision in the database.
func (s *Store) raise(tid, stored uint64) {
	s.visible[tid] = max(s.visible[tid], stored) + 1
	s.notify(tid)
}

// notify wakes who waits for the test. s.mu is held.
func (s *Store) notify(tid uint64) {
	if ch, ok := s.waiters[tid]; ok {
		close(ch)
		delete(s.waiters, tid)
	}
}

// publish tells what a commit has changed.
func (s *Store) publish(t *txn) {
	if !t.wrote && len(t.after) == 0 {
		return
	}
	s.measure()
	s.mu.Lock()
	defer s.mu.Unlock()
	for tid, rev := range t.changed {
		if v, ok := s.visible[tid]; ok && (rev == 0 || v < rev) {
			delete(s.visible, tid)
		} else if ok { // a claim came while the commit was under way
			s.visible[tid] = v + 1
		}
		s.notify(tid)
	}
	for _, f := range t.after {
		f()
	}
	if t.work {
		s.signalWork()
	}
}

// Wait implements store.Store.
func (s *Store) Wait(ctx context.Context, testID string, seen uint64) (uint64, error) {
	for {
		tid, rev, err := s.revision(ctx, testID)
		if err != nil {
			return 0, err
		}
		if rev > seen {
			return rev, nil
		}
		ch := s.waiter(tid)
		// Once more: the change may have come before the channel was there.
		if _, rev, err = s.revision(ctx, testID); err != nil {
			return 0, err
		} else if rev > seen {
			return rev, nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-s.closing:
			return 0, store.ErrClosed
		}
	}
}

// waiter returns the channel that the next change of the test closes.
func (s *Store) waiter(tid uint64) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, ok := s.waiters[tid]
	if !ok {
		ch = make(chan struct{})
		s.waiters[tid] = ch
	}
	return ch
}

// revision is what a reader sees of the test now.
func (s *Store) revision(ctx context.Context, id string) (tid, rev uint64, err error) {
	if tid, err = s.number(ctx, id); err != nil {
		return 0, 0, err
	}
	v := s.visibleRev(tid)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		h, err := liveHead(tx, tid, s.opt.Now())
		rev = max(h.rev, v)
		return err
	})
	return tid, rev, err
}

// storedRev is the revision in the database, 0 for what is gone.
func (s *Store) storedRev(ctx context.Context, tid uint64) (rev uint64) {
	_ = s.view(context.WithoutCancel(ctx), func(tx *bbolt.Tx) error {
		if v := tx.Bucket(bHeads).Get(key64(tid)); v != nil {
			h, err := decodeHead(v)
			rev = h.rev
			return err
		}
		return nil
	})
	return rev
}

// measure learns how much of the database is in use.
func (s *Store) measure() {
	if s.opt.MaxSize <= 0 {
		return
	}
	st := s.db.Stats()
	var size int64
	_ = s.db.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil })
	s.dbUsed.Store(size - int64(st.FreePageN+st.PendingPageN)*int64(s.db.Info().PageSize))
}
