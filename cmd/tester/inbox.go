// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"log/slog"

	"mailproof/smtpd"
	"mailproof/store"
)

// inbox makes a store what the SMTP server delivers to: it only translates
// types and errors.
type inbox struct {
	store    store.Store
	receiver string
	log      *slog.Logger
	gate     *gate                 // told of every message
	override func(*smtpd.Delivery) // of the session, for tester run; may be nil
}

// replies says which error of the store the SMTP server answers how.
var replies = []struct{ from, to error }{
	{store.ErrNotFound, smtpd.ErrNoSuchAddress},
	{store.ErrTestFull, smtpd.ErrTestFull},
	{store.ErrFull, smtpd.ErrStoreFull},
}

func translate(err error) error {
	for _, r := range replies {
		if errors.Is(err, r.from) {
			return r.to
		}
	}
	return err
}

func (i *inbox) Recipient(ctx context.Context, local string) error {
	return translate(i.store.ByLocal(ctx, local))
}

// spool translates the errors of writing.
type spool struct{ store.Spool }

func (s spool) Write(b []byte) (int, error) {
	n, err := s.Spool.Write(b)
	return n, translate(err)
}

func (i *inbox) Spool(ctx context.Context) (smtpd.Spool, error) {
	i.gate.arrived()
	s, err := i.store.NewSpool(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return spool{s}, nil
}

func (i *inbox) Deliver(ctx context.Context, d smtpd.Delivery, s smtpd.Spool) error {
	if i.override != nil {
		i.override(&d)
	}
	err := i.store.Deliver(ctx, store.Delivery{
		Locals: d.Locals, RcptTo: d.RcptTo, ReceivedAt: d.ReceivedAt, Session: d.Session, Receiver: i.receiver,
	}, s.(spool).Spool)
	if err != nil {
		i.log.Warn("message not stored", "err", err)
	}
	return translate(err)
}

func (i *inbox) Failed(ctx context.Context, local string, a smtpd.Attempt) {
	err := i.store.AddAttempt(ctx, local, store.Attempt{At: a.At, Reason: a.Reason, Reply: a.Reply, Session: a.Session})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		i.log.Warn("attempt not stored", "err", err)
	}
}
