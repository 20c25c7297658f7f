// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"time"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// scan calls fn for each entry whose key has the prefix, in order.
func scan(tx *bbolt.Tx, bucket, prefix []byte, fn func(k, v []byte) error) error {
	c := tx.Bucket(bucket).Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

// findMessage reads the summary of message n of a live test.
func findMessage(tx *bbolt.Tx, id string, n int, now time.Time) (message, error) {
	tid := num(tx.Bucket(bIDs).Get([]byte(id)))
	if _, err := liveHead(tx, tid, now); err != nil {
		return message{}, err
	}
	return messageOf(tx, tid, n)
}

func messageOf(tx *bbolt.Tx, tid uint64, n int) (message, error) {
	if n < 1 || n > 1<<31-1 {
		return message{}, store.ErrNotFound
	}
	v := tx.Bucket(bMsgs).Get(msgKey(tid, n))
	if v == nil {
		return message{}, store.ErrNotFound
	}
	return decodeMessage(v)
}
