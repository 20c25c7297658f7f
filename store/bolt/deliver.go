// SPDX-License-Identifier: MIT

package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.etcd.io/bbolt"

	"mailproof/evidence"
	"mailproof/store"
)

// Deliver implements store.Store. A test that is named twice gets the message
// once, with the first of its addresses.
func (s *Store) Deliver(ctx context.Context, d store.Delivery, sp store.Spool) error {
	p, ok := sp.(*spool)
	if !ok || p.s != s {
		return errors.New("deliver: spool of another store")
	}
	if p.over || p.kept {
		return fmt.Errorf("deliver: %w", errSpoolOver)
	}
	if len(d.Locals) == 0 || len(d.RcptTo) != len(d.Locals) {
		return errors.New("deliver: no recipients, or not as many addresses")
	}
	b := body{at: d.ReceivedAt, receiver: d.Receiver, session: d.Session}
	b.session.RcptTo = "" // each recipient has its own
	if err := p.fill(&b); err != nil {
		return err
	}
	buf := s.encoding.Get().(*[]byte)
	defer s.encoding.Put(buf)
	*buf = encodeBody((*buf)[:0], &b)
	err := s.submit(ctx, true, len(*buf), func(x *txn) error { return x.deliver(&d, &b, *buf) })
	p.kept = err == nil
	return err
}

// A recipient is a test that a delivery goes to.
type recipient struct {
	tid uint64
	head
	rcpt string
}

// recipients finds all tests of the delivery, or says why one is not there.
func (t *txn) recipients(d *store.Delivery) ([]recipient, error) {
	list := make([]recipient, 0, len(d.Locals))
next:
	for i, local := range d.Locals {
		for _, earlier := range d.Locals[:i] {
			if earlier == local {
				continue next
			}
		}
		tid, h, err := t.byLocal(local)
		if err != nil {
			return nil, err
		}
		if h.count >= t.s.opt.MaxMessagesPerTest {
			return nil, store.ErrTestFull
		}
		list = append(list, recipient{tid, h, d.RcptTo[i]})
	}
	return list, nil
}

func (t *txn) deliver(d *store.Delivery, b *body, rec []byte) error {
	to, err := t.recipients(d)
	if err != nil {
		return err
	}
	at, err := t.pack(rec, len(to))
	if err != nil {
		return err
	}
	if b.form == inFile {
		if err := t.put(bFiles, []byte(b.file), nil); err != nil {
			return err
		}
	}
	for i := range to {
		m := message{body: at, at: b.at, size: b.size, from: d.Session.MailFrom, rcpt: to[i].rcpt}
		if err := t.receive(&to[i], m); err != nil {
			return err
		}
	}
	return nil
}

// receive adds the message to one test and to the backlog.
func (t *txn) receive(r *recipient, m message) error {
	r.count++
	if err := t.enqueue(r.tid, r.count, &m); err != nil {
		return err
	}
	return t.touch(r.tid, &r.head)
}

// enqueue puts a message at the end of the backlog and stores its summary.
func (t *txn) enqueue(tid uint64, n int, m *message) (err error) {
	if m.backlog, err = t.next(bBacklog); err != nil {
		return err
	}
	t.work = true
	if err := t.push(bBacklog, key64(m.backlog), encodeWaiting(waiting{tid: tid, n: n})); err != nil {
		return err
	}
	return t.put(bMsgs, msgKey(tid, n), encodeMessage(*m))
}

// find reads message n of a live test and its body.
func (s *Store) find(ctx context.Context, id string, n int) (m message, b body, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if m, err = findMessage(tx, id, n, s.opt.Now()); err != nil {
			return err
		}
		rec, err := unpack(tx, m.body)
		if err != nil {
			return err
		}
		b, err = decodeBody(rec)
		return err
	})
	return m, b, err
}

// Evidence implements store.Store.
func (s *Store) Evidence(ctx context.Context, testID string, n int) (evidence.Evidence, error) {
	m, b, err := s.find(ctx, testID, n)
	if err != nil {
		return evidence.Evidence{}, err
	}
	r, err := s.open(&b)
	if err != nil {
		return evidence.Evidence{}, err
	}
	defer r.Close()
	raw := make([]byte, b.size)
	if _, err := io.ReadFull(r, raw); err != nil {
		return evidence.Evidence{}, err
	}
	// The sum is compared at the end, which is one read further.
	if _, err := r.Read(make([]byte, 1)); err != io.EOF {
		return evidence.Evidence{}, fmt.Errorf("read message: %w", err)
	}
	b.session.RcptTo = m.rcpt
	return evidence.Evidence{Raw: raw, Session: b.session, ReceivedAt: b.at, Receiver: b.receiver}, nil
}

// Raw implements store.Store. A read fails with ErrCorrupt, at the end at the
// latest, if the octets are not those that were delivered.
func (s *Store) Raw(ctx context.Context, testID string, n int) (io.ReadCloser, int64, error) {
	_, b, err := s.find(ctx, testID, n)
	if err != nil {
		return nil, 0, err
	}
	r, err := s.open(&b)
	return r, b.size, err
}
