// SPDX-License-Identifier: MIT

package bolt

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"mailproof/store"
)

// A head is what changes of a test, apart from its messages.
type head struct {
	rev      uint64
	count    int    // messages
	attempts uint64 // ever added
	expires  time.Time
}

func encodeHead(h head) []byte {
	e := newEncoder(make([]byte, 0, 32))
	e.uint(h.rev)
	e.uint(uint64(h.count))
	e.uint(h.attempts)
	e.time(h.expires)
	return e.sealed()
}

func decodeHead(b []byte) (h head, err error) {
	d, err := openRecord("head", b)
	if err != nil {
		return h, err
	}
	h.rev, h.count, h.attempts = d.uint(), int(d.uint()), d.uint()
	h.expires = d.time()
	return h, d.close("head")
}

// liveHead is the head of a test that has not expired, else ErrNotFound. For
// tid 0, which no test has, it does the same work.
func liveHead(tx *bbolt.Tx, tid uint64, now time.Time) (head, error) {
	b := tx.Bucket(bHeads).Get(key64(tid))
	if b == nil {
		return head{}, store.ErrNotFound
	}
	h, err := decodeHead(b)
	if err != nil {
		return h, fmt.Errorf("test %d: %w", tid, err)
	}
	if !now.Before(h.expires) {
		return h, store.ErrNotFound
	}
	return h, nil
}

// encodeTest keeps what never changes of a test.
func encodeTest(t store.Test) []byte {
	e := newEncoder(nil)
	for _, v := range []string{t.ID, t.Local, t.Label, t.Lang, t.Overlay} {
		e.string(v)
	}
	e.time(t.CreatedAt)
	e.time(t.ExpiresAt)
	return e.sealed()
}

func decodeTest(b []byte) (t store.Test, err error) {
	d, err := openRecord("test", b)
	if err != nil {
		return t, err
	}
	for _, p := range []*string{&t.ID, &t.Local, &t.Label, &t.Lang, &t.Overlay} {
		*p = d.string()
	}
	t.CreatedAt, t.ExpiresAt = d.time(), d.time()
	return t, d.close("test")
}

// A message is the summary of one message of one test.
type message struct {
	body    address
	backlog uint64 // key in backlog, 0: not on it
	at      time.Time
	size    int64
	from    string
	rcpt    string
	failed  bool // the newest report has no verdict
	reports int
	score   int
}

func encodeMessage(m message) []byte {
	e := newEncoder(make([]byte, 0, 64+len(m.from)+len(m.rcpt)))
	e.uint(m.body.pack)
	e.uint(m.body.i)
	e.uint(m.backlog)
	e.time(m.at)
	e.int(m.size)
	e.string(m.from)
	e.string(m.rcpt)
	e.flags(m.failed)
	e.uint(uint64(m.reports))
	e.int(int64(m.score))
	return e.sealed()
}

func decodeMessage(b []byte) (m message, err error) {
	d, err := openRecord("message", b)
	if err != nil {
		return m, err
	}
	m.body.pack, m.body.i, m.backlog = d.uint(), d.uint(), d.uint()
	m.at, m.size = d.time(), d.int()
	m.from, m.rcpt = d.string(), d.string()
	d.flags(&m.failed)
	m.reports, m.score = int(d.uint()), int(d.int())
	return m, d.close("message")
}

// summary is what a test shows of m. leased: somebody is analysing it. A
// lease outlives its analysis for the moment between commit and publish; what
// is off the backlog is finished all the same, or a reader that already has the
// new revision would see the old state and wait for a change that never comes.
func (m message) summary(n int, leased bool) store.Message {
	state := store.Received
	switch {
	case m.backlog != 0 && leased:
		state = store.Analyzing
	case m.backlog != 0:
	case m.failed:
		state = store.Failed
	case m.reports > 0:
		state = store.Done
	}
	return store.Message{N: n, ReceivedAt: m.at, Size: m.size, From: m.from,
		State: state, Reports: m.reports, Score: m.score}
}

// A waiting is a message on the backlog.
type waiting struct {
	tid   uint64
	n     int
	marks int // analyses that were cut short
}

func encodeWaiting(w waiting) []byte {
	e := newEncoder(make([]byte, 0, 24))
	e.uint(w.tid)
	e.uint(uint64(w.n))
	e.uint(uint64(w.marks))
	return e.sealed()
}

func decodeWaiting(b []byte) (w waiting, err error) {
	d, err := openRecord("backlog entry", b)
	if err != nil {
		return w, err
	}
	w.tid, w.n, w.marks = d.uint(), int(d.uint()), int(d.uint())
	return w, d.close("backlog entry")
}
