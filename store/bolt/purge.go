// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// purgeStep is how many entries one transaction of Purge removes: small enough
// that deliveries beside it wait for a few milliseconds at most.
const purgeStep = 256

// expiryKey sorts by time, whatever its sign, then by test.
func expiryKey(t time.Time, tid uint64) []byte {
	k := make([]byte, 0, 20)
	k = binary.BigEndian.AppendUint64(k, uint64(t.Unix())^(1<<63))
	k = binary.BigEndian.AppendUint32(k, uint32(t.Nanosecond()))
	return binary.BigEndian.AppendUint64(k, tid)
}

const expiryTime = 12 // octets of the time in an expiry key

// doomed is before every time that a test can have: the test is deleted already, and Purge removes
// what is left of it if the process ended in between.
var doomed = time.Unix(-1<<40, 0)

// Purge implements store.Store. On a full disk it removes one entry at a time,
// which needs the least room.
func (s *Store) Purge(ctx context.Context, now time.Time) (int, error) {
	limit := expiryKey(now, 0)
	total := 0
	for {
		if more, err := s.hasExpired(ctx, limit); err != nil || !more {
			return total, err
		}
		n, err := s.purgeSome(ctx, limit)
		if total += n; err != nil {
			return total, err
		}
	}
}

// hasExpired reports whether there is an expiry key below limit.
func (s *Store) hasExpired(ctx context.Context, limit []byte) (more bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket(bExpiry).Cursor().First()
		more = k != nil && bytes.Compare(k, limit) < 0
		return nil
	})
	return more, err
}

// purgeSome removes up to purgeStep entries of what expired before limit, and
// says how many tests are gone with that.
func (s *Store) purgeSome(ctx context.Context, limit []byte) (int, error) {
	tests, err := s.remove(ctx, purgeStep, limit)
	if errors.Is(err, store.ErrFull) {
		tests, err = s.remove(ctx, 1, limit)
	}
	return tests, err
}

// remove is one transaction of at most budget entries, more or less.
func (s *Store) remove(ctx context.Context, budget int, limit []byte) (int, error) {
	var r *remover
	err := s.submit(ctx, false, 0, func(x *txn) error {
		r = &remover{txn: x, left: budget}
		for r.left > 0 {
			k, _ := x.tx.Bucket(bExpiry).Cursor().First()
			if k == nil || bytes.Compare(k, limit) >= 0 {
				break
			}
			if err := r.test(bytes.Clone(k)); err != nil {
				return err
			}
		}
		return r.packs()
	})
	if err != nil {
		return 0, err
	}
	s.removeFiles(r.files)
	return r.tests, nil
}

// DeleteTest implements store.Store. It is gone for everybody with the first
// transaction; the rest follows at once, or with the next Purge.
func (s *Store) DeleteTest(ctx context.Context, id string) error {
	err := s.submit(ctx, false, 0, func(x *txn) error {
		tid, h, err := x.byID(id)
		if err != nil {
			return err
		}
		r := &remover{txn: x}
		return firstError(
			func() error { return x.del(bExpiry, expiryKey(h.expires, tid)) },
			func() error { return x.put(bExpiry, expiryKey(doomed, tid), nil) },
			func() error { return r.names(tid) },
		)
	})
	if err != nil {
		return err
	}
	// All that is doomed, which is this one but for leftovers.
	limit := expiryKey(doomed.Add(1), 0)
	for {
		if more, err := s.hasExpired(ctx, limit); err != nil || !more {
			return err
		}
		if _, err := s.purgeSome(ctx, limit); err != nil {
			return err
		}
	}
}

// A remover deletes entries until its budget is used up. What it leaves can
// be taken up again: the expiry entry goes last.
type remover struct {
	*txn
	left  int
	tests int
	files []string           // to remove once the transaction is durable
	gone  map[uint64][]place // by pack, what was removed from it
}

func (r *remover) drop(bucket, key []byte) error {
	r.left--
	return r.del(bucket, key)
}

// names removes what leads to a test, so that nobody finds it.
func (r *remover) names(tid uint64) error {
	v := r.get(bTests, key64(tid))
	if v == nil {
		return nil
	}
	t, err := decodeTest(v)
	if err != nil {
		return err
	}
	r.changed[tid] = 0
	r.after = append(r.after, func() { r.s.forget(tid) })
	if num(r.get(bIDs, []byte(t.ID))) != tid {
		return nil // done in an earlier transaction; the id may be used anew
	}
	if err := r.drop(bIDs, []byte(t.ID)); err != nil {
		return err
	}
	return r.drop(bLocals, []byte(t.Local))
}

// forget drops the leases of a test that is gone. s.mu is held.
func (s *Store) forget(tid uint64) {
	for key, l := range s.leases {
		if l.tid == tid {
			delete(s.leases, key)
		}
	}
	s.signalWork()
}

// test removes the test of an expiry key, or as much as the budget allows.
func (r *remover) test(key []byte) error {
	tid := num(key[expiryTime:])
	prefix := key64(tid)
	if err := r.names(tid); err != nil {
		return err
	}
	for k := r.first(bMsgs, prefix); k != nil; k = r.first(bMsgs, prefix) {
		if r.left <= 0 {
			return nil
		}
		if err := r.message(k); err != nil {
			return err
		}
	}
	for k := r.first(bAttempts, prefix); k != nil; k = r.first(bAttempts, prefix) {
		if r.left <= 0 {
			return nil
		}
		if err := r.drop(bAttempts, k); err != nil {
			return err
		}
	}
	r.tests++
	return firstError(
		func() error { return r.drop(bTests, prefix) },
		func() error { return r.drop(bHeads, prefix) },
		func() error { return r.drop(bExpiry, key) },
	)
}

// message removes one message; its key goes last, with the body.
func (r *remover) message(key []byte) error {
	m, err := decodeMessage(r.get(bMsgs, key))
	if err != nil {
		return err
	}
	for k := r.first(bReports, key); k != nil; k = r.first(bReports, key) {
		if r.left <= 0 {
			return nil
		}
		if err := r.drop(bReports, k); err != nil {
			return err
		}
	}
	if m.backlog != 0 {
		if err := r.drop(bBacklog, key64(m.backlog)); err != nil {
			return err
		}
	}
	if err := r.body(m.body); err != nil {
		return err
	}
	return r.drop(bMsgs, key)
}
