// SPDX-License-Identifier: MIT

package bolt

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// maxKey bounds ids and addresses, in octets; ours have about twenty. It is
// well below what bbolt takes as a key.
const maxKey = 1 << 10

// CreateTest implements store.Store. Without CreatedAt it is created now,
// without ExpiresAt it lives for Options.Retention.
func (s *Store) CreateTest(ctx context.Context, t store.Test) error {
	if t.ID == "" || t.Local == "" {
		return fmt.Errorf("create test: id or address is empty")
	}
	if t.CreatedAt.IsZero() {
		t.CreatedAt = s.opt.Now()
	}
	if t.ExpiresAt.IsZero() {
		t.ExpiresAt = t.CreatedAt.Add(s.opt.Retention)
	}
	rec := encodeTest(t)
	id, local := []byte(t.ID), []byte(t.Local)
	if max(len(id), len(local)) > maxKey {
		return fmt.Errorf("create test: id or address is too long")
	}
	return s.submit(ctx, true, len(rec), func(x *txn) error {
		if x.get(bIDs, id) != nil || x.get(bLocals, local) != nil {
			return store.ErrExists
		}
		tid, err := x.next(bTests)
		if err != nil {
			return err
		}
		h := head{expires: t.ExpiresAt}
		return firstError(
			func() error { return x.push(bTests, key64(tid), rec) },
			func() error { return x.put(bIDs, id, key64(tid)) },
			func() error { return x.put(bLocals, local, key64(tid)) },
			func() error { return x.put(bExpiry, expiryKey(t.ExpiresAt, tid), nil) },
			func() error { return x.touch(tid, &h) },
		)
	})
}

// firstError does the steps until one fails.
func firstError(steps ...func() error) error {
	for _, f := range steps {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// ByLocal implements store.Store. Both outcomes cost the same two look-ups
// in memory: no entry leads to test 0, which is looked for all the same.
func (s *Store) ByLocal(ctx context.Context, local string) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		h, err := liveHead(tx, num(tx.Bucket(bLocals).Get([]byte(local))), s.opt.Now())
		if err == nil && h.count >= s.opt.MaxMessagesPerTest {
			err = store.ErrTestFull
		}
		return err
	})
}

// Test implements store.Store.
func (s *Store) Test(ctx context.Context, id string) (t store.Test, err error) {
	tid, err := s.number(ctx, id)
	if err != nil {
		return t, err
	}
	// What is kept in memory comes first: see watch.go.
	rev, leased := s.inMemory(tid)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		h, err := liveHead(tx, tid, s.opt.Now())
		if err != nil {
			return err
		}
		if t, err = decodeTest(tx.Bucket(bTests).Get(key64(tid))); err != nil {
			return err
		}
		t.Revision = max(h.rev, rev)
		if t.Messages, err = messages(tx, tid, leased); err != nil {
			return err
		}
		t.Attempts, err = attempts(tx, tid)
		return err
	})
	if err != nil {
		return store.Test{}, err
	}
	return t, nil
}

// number is the inner number of a test, 0 if there is none.
func (s *Store) number(ctx context.Context, id string) (tid uint64, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		tid = num(tx.Bucket(bIDs).Get([]byte(id)))
		return nil
	})
	return tid, err
}

func messages(tx *bbolt.Tx, tid uint64, leased map[int]bool) ([]store.Message, error) {
	list := []store.Message{}
	err := scan(tx, bMsgs, key64(tid), func(_, v []byte) error {
		m, err := decodeMessage(v)
		n := len(list) + 1
		list = append(list, m.summary(n, leased[n]))
		return err
	})
	return list, err
}

func attempts(tx *bbolt.Tx, tid uint64) (list []store.Attempt, err error) {
	err = scan(tx, bAttempts, key64(tid), func(_, v []byte) error {
		a, err := decodeAttempt(v)
		list = append(list, a)
		return err
	})
	return list, err
}

// AddAttempt implements store.Store; the oldest beyond MaxAttempts go.
func (s *Store) AddAttempt(ctx context.Context, local string, a store.Attempt) error {
	rec := encodeAttempt(a)
	return s.submit(ctx, true, len(rec), func(x *txn) error {
		tid, h, err := x.byLocal(local)
		if err != nil {
			return err
		}
		h.attempts++
		if err := x.put(bAttempts, pairKey(tid, h.attempts), rec); err != nil {
			return err
		}
		if h.attempts > store.MaxAttempts {
			if err := x.del(bAttempts, pairKey(tid, h.attempts-store.MaxAttempts)); err != nil {
				return err
			}
		}
		return x.touch(tid, &h)
	})
}
