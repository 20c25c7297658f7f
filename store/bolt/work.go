// SPDX-License-Identifier: MIT

package bolt

import (
	"context"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// Leases are in memory: when the process ends they are gone, and the backlog,
// whose entries leave it only together with a stored report, is there.
//
// In normal operation an analysis writes nothing before its report. After an
// unclean end one of the messages on the backlog may be what killed the
// process, so until those are done one message at a time is analysed, marked
// before: who is killed again finds out by which.

// A lease is an analysis under way.
type lease struct {
	waiting
	token  uint64
	marked bool // its mark was written by this process
}

// Claim implements store.Store.
func (s *Store) Claim(ctx context.Context) (store.Lease, error) {
	if s.isClosing() {
		return store.Lease{}, store.ErrClosed
	}
	for {
		l, key, err := s.pick(ctx)
		if err != nil {
			return store.Lease{}, err
		}
		if !l.marked {
			return l.export(), nil
		}
		if err := s.mark(ctx, key, 1); err != nil {
			s.drop(ctx, key, l.token)
			if err == store.ErrNotFound { // deleted meanwhile
				continue
			}
			return store.Lease{}, err
		}
		return l.export(), nil
	}
}

// A picked lease knows its test and message.
type picked struct {
	lease
	test store.Test
	size int64
}

func (p picked) export() store.Lease {
	return store.Lease{
		TestID: p.test.ID, N: p.n, Size: p.size, Overlay: p.test.Overlay, Token: p.token, Again: p.marks,
	}
}

// pick leases the oldest message that nobody analyses. The search and the
// lease are one step under s.mu, so that no two callers find the same.
func (s *Store) pick(ctx context.Context) (p picked, key uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		var w waiting
		if key, w, err = s.oldest(tx); err != nil {
			return err
		}
		h, err := liveHead(tx, w.tid, s.opt.Now())
		if err != nil {
			return err
		}
		if p.test, err = decodeTest(tx.Bucket(bTests).Get(key64(w.tid))); err != nil {
			return err
		}
		m, err := decodeMessage(tx.Bucket(bMsgs).Get(msgKey(w.tid, w.n)))
		if err != nil {
			return err
		}
		p.size = m.size
		s.token++
		p.lease = lease{waiting: w, token: s.token, marked: s.recover != 0}
		s.leases[key] = p.lease
		s.raise(w.tid, h.rev)
		return nil
	})
	return p, key, err
}

// oldest finds the first entry of the backlog that is free to be claimed, or
// ErrNoWork. Entries of expired tests are left to Purge. s.mu is held.
func (s *Store) oldest(tx *bbolt.Tx) (uint64, waiting, error) {
	c := tx.Bucket(bBacklog).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		key := num(k)
		if s.recover != 0 && key > s.recover && len(s.leases) == 0 {
			s.recover = 0 // all that was there at the start is done
		}
		if s.recover != 0 && len(s.leases) > 0 {
			break
		}
		if _, taken := s.leases[key]; taken {
			continue
		}
		w, err := decodeWaiting(v)
		if err != nil {
			return 0, w, err
		}
		if _, err := liveHead(tx, w.tid, s.opt.Now()); err == nil {
			return key, w, nil
		}
	}
	return 0, waiting{}, store.ErrNoWork
}

// mark changes the durable count of analyses that were begun.
func (s *Store) mark(ctx context.Context, key uint64, by int) error {
	return s.submit(ctx, false, 0, func(x *txn) error { return x.mark(key, by) })
}

func (t *txn) mark(key uint64, by int) error {
	v := t.get(bBacklog, key64(key))
	if v == nil {
		return store.ErrNotFound
	}
	w, err := decodeWaiting(v)
	if err != nil {
		return err
	}
	w.marks = max(0, w.marks+by)
	return t.put(bBacklog, key64(key), encodeWaiting(w))
}

// WaitWork implements store.Store.
func (s *Store) WaitWork(ctx context.Context) error {
	for {
		s.mu.Lock()
		ch := s.work
		err := s.view(ctx, func(tx *bbolt.Tx) error {
			_, _, err := s.oldest(tx)
			return err
		})
		s.mu.Unlock()
		if err != store.ErrNoWork {
			return err
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return store.ErrClosed
		}
	}
}

// signalWork wakes all who wait for work. s.mu is held.
func (s *Store) signalWork() {
	close(s.work)
	s.work = make(chan struct{})
}

// drop ends a lease whose message stays on the backlog.
func (s *Store) drop(ctx context.Context, key, token uint64) (l lease, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok = s.leases[key]; !ok || l.token != token {
		return l, false
	}
	delete(s.leases, key)
	s.raise(l.tid, s.storedRev(ctx, l.tid))
	s.signalWork()
	return l, true
}

// leased finds a lease by its token.
func (s *Store) leased(token uint64) (key uint64, l lease, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, l := range s.leases { // as many as there are analyses at once
		if l.token == token {
			return key, l, true
		}
	}
	return 0, lease{}, false
}

// Release implements store.Store. It takes the mark of the analysis back.
func (s *Store) Release(ctx context.Context, l store.Lease) error {
	if s.isClosing() {
		return store.ErrClosed
	}
	key, mine, ok := s.leased(l.Token)
	if !ok {
		return store.ErrLeaseLost
	}
	var err error
	if mine.marked {
		err = s.mark(ctx, key, -1)
	}
	if _, ok := s.drop(ctx, key, l.Token); !ok {
		return store.ErrLeaseLost
	}
	return err
}

// inMemory is what the database does not know of a test: its revision, and
// which messages are being analysed.
func (s *Store) inMemory(tid uint64) (rev uint64, leased map[int]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.leases {
		if l.tid == tid {
			if leased == nil {
				leased = map[int]bool{}
			}
			leased[l.n] = true
		}
	}
	return s.visible[tid], leased
}
