// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// A txn is one transaction of the committer and what is to be told to the
// rest of the program once it is durable.
type txn struct {
	s       *Store
	tx      *bbolt.Tx
	wrote   bool
	grown   int64             // octets added by requests so far
	changed map[uint64]uint64 // test → its new revision; 0: gone
	work    bool              // the backlog has grown
	after   []func()          // under s.mu
	packer
}

func newTxn(s *Store, tx *bbolt.Tx) *txn {
	return &txn{s: s, tx: tx, changed: map[uint64]uint64{}, packer: packer{buf: s.packing}}
}

// run applies one request and keeps a refusal in it.
func (t *txn) run(r *request) error {
	r.err = nil
	if r.grows {
		if r.err = t.room(int64(r.cost)); r.err != nil {
			return nil
		}
	}
	wrote := t.wrote
	t.wrote = false
	err := r.apply(t)
	if err != nil && (t.wrote || !refused(err)) {
		return err
	}
	t.wrote = t.wrote || wrote
	if r.err = err; err == nil && r.grows {
		t.grown += int64(r.cost)
	}
	return nil
}

func (t *txn) room(cost int64) error {
	max := t.s.opt.MaxSize
	if max > 0 && t.s.dbUsed.Load()+t.s.rawUsed.Load()+t.grown+cost > max {
		return fmt.Errorf("%w: the quota of %d octets is used up", store.ErrFull, max)
	}
	return nil
}

func (t *txn) get(bucket, key []byte) []byte { return t.tx.Bucket(bucket).Get(key) }

func (t *txn) put(bucket, key, value []byte) error {
	t.wrote = true
	return t.tx.Bucket(bucket).Put(key, value)
}

// push is put for keys that are always the greatest.
func (t *txn) push(bucket, key, value []byte) error {
	t.wrote = true
	b := t.tx.Bucket(bucket)
	b.FillPercent = appendFill
	return b.Put(key, value)
}

func (t *txn) del(bucket, key []byte) error {
	t.wrote = true
	return t.tx.Bucket(bucket).Delete(key)
}

// next gives the next number of the bucket.
func (t *txn) next(bucket []byte) (uint64, error) {
	t.wrote = true
	return t.tx.Bucket(bucket).NextSequence()
}

// touch raises the revision of the test and stores its head.
func (t *txn) touch(tid uint64, h *head) error {
	h.rev = max(h.rev, t.s.visibleRev(tid)) + 1
	t.changed[tid] = h.rev
	return t.put(bHeads, key64(tid), encodeHead(*h))
}

// test finds a live test by the local part of its address.
func (t *txn) byLocal(local string) (uint64, head, error) {
	tid := num(t.get(bLocals, []byte(local)))
	return t.live(tid)
}

func (t *txn) byID(id string) (uint64, head, error) {
	return t.live(num(t.get(bIDs, []byte(id))))
}

func (t *txn) live(tid uint64) (uint64, head, error) {
	h, err := liveHead(t.tx, tid, t.s.opt.Now())
	return tid, h, err
}

// first returns a copy of the first key with the prefix, or nil.
func (t *txn) first(bucket, prefix []byte) []byte {
	k, _ := t.tx.Bucket(bucket).Cursor().Seek(prefix)
	if k == nil || !bytes.HasPrefix(k, prefix) {
		return nil
	}
	return bytes.Clone(k)
}
