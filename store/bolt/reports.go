// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"

	"mailproof/report"
	"mailproof/store"
)

// maxReport bounds a report when it is unpacked; a damaged one could claim
// any size. Ours stay below a few MB.
const maxReport = 64 << 20

// Finish implements store.Store. The report gets its test, message and
// revision from the store. It is stored past Options.MaxSize too.
func (s *Store) Finish(ctx context.Context, l store.Lease, r report.Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	rec := s.frames.enc.EncodeAll(text, nil)
	key, mine, ok := s.leased(l.Token)
	if !ok {
		return store.ErrLeaseLost
	}
	return s.submit(ctx, false, len(rec), func(x *txn) error {
		if _, _, ok := s.leased(l.Token); !ok {
			return store.ErrLeaseLost
		}
		m, err := messageOf(x.tx, mine.tid, mine.n)
		if errors.Is(err, store.ErrNotFound) || m.backlog != key && err == nil {
			return store.ErrLeaseLost
		} else if err != nil {
			return err
		}
		m.reports++
		m.backlog, m.score, m.failed = 0, r.Score.Tenths, r.Failed != ""
		return x.finish(key, mine, m, rec)
	})
}

func (t *txn) finish(key uint64, l lease, m message, rec []byte) error {
	v := t.get(bHeads, key64(l.tid))
	if v == nil {
		return store.ErrLeaseLost
	}
	h, err := decodeHead(v)
	if err != nil {
		return err
	}
	t.after = append(t.after, func() {
		delete(t.s.leases, key)
		if t.s.recover != 0 {
			t.s.signalWork() // the next one may be claimed
		}
	})
	return firstError(
		func() error { return t.put(bReports, reportKey(l.tid, l.n, m.reports), rec) },
		func() error { return t.del(bBacklog, key64(key)) },
		func() error { return t.put(bMsgs, msgKey(l.tid, l.n), encodeMessage(m)) },
		func() error { return t.touch(l.tid, &h) },
	)
}

// Report implements store.Store.
func (s *Store) Report(ctx context.Context, id string, n, rev int) (r report.Report, err error) {
	var rec []byte
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		m, err := findMessage(tx, id, n, s.opt.Now())
		if err != nil {
			return err
		}
		if rev == 0 {
			rev = m.reports
		}
		if rev < 1 || rev > m.reports {
			return store.ErrNotFound
		}
		tid := num(tx.Bucket(bIDs).Get([]byte(id)))
		v := tx.Bucket(bReports).Get(reportKey(tid, n, rev))
		if len(v) > maxReport {
			return fmt.Errorf("%w: report of %d octets", ErrCorrupt, len(v))
		}
		rec = bytes.Clone(v)
		return nil
	})
	if err != nil {
		return r, err
	}
	r, err = decodeReport(rec)
	r.TestID, r.Message, r.Revision = id, n, rev
	return r, err
}

func decodeReport(rec []byte) (r report.Report, err error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxReport))
	if err != nil {
		return r, err
	}
	defer d.Close()
	text, err := d.DecodeAll(rec, nil)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return report.Report{}, fmt.Errorf("%w: report: %w", ErrCorrupt, err)
	}
	return r, nil
}

// Requeue implements store.Store. A message that is on the backlog already
// stays where it is.
func (s *Store) Requeue(ctx context.Context, id string, n int) error {
	return s.submit(ctx, true, 0, func(x *txn) error {
		tid, h, err := x.byID(id)
		if err != nil {
			return err
		}
		m, err := messageOf(x.tx, tid, n)
		if err != nil {
			return err
		}
		if m.backlog != 0 {
			return nil
		}
		if err := x.enqueue(tid, n, &m); err != nil {
			return err
		}
		return x.touch(tid, &h)
	})
}
