// SPDX-License-Identifier: MIT

package bolt

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"
)

// revisionLeap is added to the revisions of all tests on the backlog after an
// unclean end. Revisions raised by claims were in memory only; the leap keeps
// revisions rising as long as there were fewer than that.
const revisionLeap = 1 << 10

// lastLife reports whether the last process ended without Close, and then the
// newest key of the backlog it left.
func (s *Store) lastLife(ctx context.Context) (unclean bool, last uint64, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if unclean = tx.Bucket(bMeta).Get(kRunning) != nil; !unclean {
			return nil
		}
		c := tx.Bucket(bBacklog).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			last = num(k)
			w, err := decodeWaiting(v)
			if err != nil {
				return err
			}
			if v := tx.Bucket(bHeads).Get(key64(w.tid)); v != nil {
				h, err := decodeHead(v)
				if err != nil {
					return err
				}
				s.visible[w.tid] = h.rev + revisionLeap
			}
		}
		return nil
	})
	return unclean, last, err
}

// markRunning makes it durable that a process has the store open.
func (s *Store) markRunning() error {
	return s.update(func(tx *bbolt.Tx) error { return tx.Bucket(bMeta).Put(kRunning, key64(1)) })
}

// update is a transaction while there is no committer.
func (s *Store) update(fn func(tx *bbolt.Tx) error) error {
	return explain(s.db.change(func(tx *bbolt.Tx) (bool, error) { return true, fn(tx) }))
}

// markClean is the last thing a process writes: analyses that it broke off
// itself lose their marks, revisions raised in memory are kept, and the end is
// a clean one. It commits twice, so that each of the two meta pages leads to
// the same content and losing either loses nothing.
func (s *Store) markClean() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := func(tx *bbolt.Tx) error {
		x := newTxn(s, tx)
		for tid, rev := range s.visible {
			v := x.get(bHeads, key64(tid))
			if v == nil {
				continue
			}
			h, err := decodeHead(v)
			if err != nil {
				return err
			}
			h.rev = max(h.rev, rev) + 1 // analyzing has become received
			if err := x.put(bHeads, key64(tid), encodeHead(h)); err != nil {
				return err
			}
		}
		for key, l := range s.leases {
			if l.marked && x.get(bBacklog, key64(key)) != nil {
				if err := x.mark(key, -1); err != nil {
					return err
				}
			}
		}
		return x.del(bMeta, kRunning)
	}
	if err := s.update(t); err != nil {
		return fmt.Errorf("mark as closed: %w", err)
	}
	return s.update(func(tx *bbolt.Tx) error { return tx.Bucket(bMeta).Delete(kRunning) })
}

// Probe implements store.Store: it makes a small change and waits for it.
func (s *Store) Probe(ctx context.Context) error {
	return s.submit(ctx, true, 0, func(x *txn) error {
		n, err := x.next(bMeta)
		if err != nil {
			return err
		}
		return x.put(bMeta, kProbe, key64(n))
	})
}
