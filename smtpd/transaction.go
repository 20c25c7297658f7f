// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"time"
)

// A transaction is one MAIL with what follows it.
type transaction struct {
	open   bool
	from   string
	utf8   bool
	body   string   // BODY=
	size   int64    // SIZE=
	locals []string // to deliver to
	rcpts  []string // beside locals, as given

	spool    Spool
	received int64  // octets of text
	held     int64  // of them counted as in flight
	verdict  reply  // why the message will not be taken; empty while it may be
	reason   string // the same for the attempt
}

// drop forgets the transaction and frees what it holds.
func (tx *transaction) drop(c *conn) {
	if tx.spool != nil {
		tx.spool.Discard()
	}
	if tx.held > 0 {
		c.srv.ledger.give(c.client.Addr(), tx.held)
	}
	*tx = transaction{}
}

func (c *conn) mail(arg []byte) *ending {
	path, refusal := wirePath(arg, "FROM:")
	if refusal == "" && tooLargeToCount(arg) {
		refusal = replyTooLarge
	}
	if refusal == "" {
		c.path = path
		refusal, _ = c.ask("MAIL", arg)
	}
	c.oversize = refusal == replyTooLarge
	if refusal != "" {
		return c.refuse(refusal)
	}
	c.say(replyMailOK)
	return nil
}

func (c *conn) rcpt(arg []byte) *ending {
	path, refusal := wirePath(arg, "TO:")
	if refusal == "" {
		c.path = path
		refusal, _ = c.ask("RCPT", arg)
	}
	switch refusal {
	case "":
		c.commands-- // the limit on recipients is what counts them
		c.say(replyRcptOK)
		return nil
	case replyNoAddress, replyRelay:
		c.bad++
		if c.bad >= delayFrom && c.bad < c.limits.BadRecipients && c.limits.BadRecipientDelay > 0 {
			if err := c.pause(c.limits.BadRecipientDelay); err != nil {
				return c.broken(err, replyIdle)
			}
		}
	case replySequence:
		c.blameSize(path, refusal)
	}
	return c.refuse(refusal)
}

// pause sends what is waiting and lets a guesser wait; Shutdown does not.
func (c *conn) pause(d time.Duration) error {
	if err := c.wire.flush(); err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.srv.stopped:
		return errStopped
	}
}

// wirePath is the path of MAIL or RCPT as on the wire, quotes and all, without its
// brackets. Source routes are refused: go-smtp would silently cut them off.
func wirePath(arg []byte, prefix string) (string, reply) {
	if len(arg) < len(prefix) || !bytes.EqualFold(arg[:len(prefix)], []byte(prefix)) {
		return "", "" // go-smtp says what is wrong
	}
	p := bytes.TrimLeft(arg[len(prefix):], " ")
	inner, bracket := bytes.CutPrefix(p, []byte("<"))
	if bytes.HasPrefix(inner, []byte("@")) {
		return "", replySourceRoute
	}
	quoted := false
	for i, b := range inner {
		switch {
		case b == '"' && (i == 0 || inner[i-1] != '\\'):
			quoted = !quoted
		case !quoted && (b == '>' || b == ' ' && !bracket):
			return string(inner[:i]), ""
		}
	}
	return string(inner), ""
}

// tooLargeToCount: a SIZE of ten digits or more, which go-smtp would call a
// syntax error.
func tooLargeToCount(arg []byte) bool {
	for f := range bytes.FieldsSeq(arg) {
		if len(f) >= 15 && bytes.EqualFold(f[:5], []byte("SIZE=")) {
			return len(bytes.Trim(f[5:], "0123456789")) == 0
		}
	}
	return false
}

// blameSize tells the owner of a test about mail that was refused at MAIL for
// its SIZE=, if the client had sent RCPT along without waiting.
func (c *conn) blameSize(path string, next reply) {
	if !c.oversize {
		return
	}
	if local, r, _ := c.recipient(path); r == "" {
		c.failOne(local, reasonTooLarge, replyTooLarge, next)
	}
}

// fail records that the named addresses get nothing from this transaction; r
// is the reply about to be sent, if any.
func (c *conn) fail(reason string, r reply) {
	for _, local := range c.tx.locals {
		c.failOne(local, reason, r, r)
	}
	c.tx.locals = nil
}

// failOne records an attempt with the reply that explains it; next is the reply
// about to be sent.
func (c *conn) failOne(local, reason string, why, next reply) {
	if c.attempts++; c.attempts > maxAttempts {
		return
	}
	c.srv.failed.Add(1)
	c.srv.opts.Inbox.Failed(c.ctx, local, Attempt{
		At:      c.srv.opts.Now(),
		Reason:  reason,
		Reply:   string(why),
		Session: c.evidence(next),
	})
}
