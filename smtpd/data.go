// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"time"
)

// inFlightStep is by how much a growing message is counted as in flight; what
// is smaller is bounded by the number of sessions.
const inFlightStep = 64 << 10

// data is DATA: the front reads the message, then go-smtp gets the command with
// an empty one and calls back to deliver, so that its states stay true. That it
// will take DATA is known before: it has taken a MAIL and a RCPT.
func (c *conn) data(arg []byte) *ending {
	if len(arg) > 0 {
		return c.refuseData(replyArgument)
	}
	if len(c.tx.locals) == 0 {
		return c.refuseData(replySequence)
	}
	spool, err := c.srv.opts.Inbox.Spool(c.ctx)
	if err != nil {
		r, reason := inboxReply(err)
		c.fail(reason, r)
		return c.refuseData(r)
	}
	c.tx.spool = spool
	c.talked()
	c.say(replyGoOn)
	if e := c.receive(); e != nil {
		return e
	}
	c.log.body(c.tx.received)
	if refusal := c.askData(); refusal != "" {
		return c.refuse(refusal)
	}
	c.commands = 0
	c.wire.put(string(replyKept))
	c.log.next()
	return nil
}

// askData gives go-smtp DATA and an empty message at once, and returns its
// refusal of either.
func (c *conn) askData() reply {
	c.refusal = ""
	out := c.inner.exchange([]byte("DATA\r\n.\r\n"))
	if bytes.HasPrefix(out, []byte("354 ")) {
		_, out, _ = bytes.Cut(out, []byte("\r\n"))
	}
	return c.verdict(out)
}

// refuseData answers a DATA that gets no 354. A client that has sent the
// message along already would have it read as commands: then it is over.
func (c *conn) refuseData(r reply) *ending {
	if e := c.refuse(r); e != nil {
		return e
	}
	if len(c.wire.unread()) > 0 {
		return &ending{reply: replyUnclear, reason: reasonBadData, linger: true}
	}
	return nil
}

// deliver hands the message to the Inbox and returns the reply to its final dot.
func (c *conn) deliver() reply {
	tx := &c.tx
	if tx.verdict != "" {
		c.fail(tx.reason, tx.verdict)
		return tx.verdict
	}
	err := c.srv.opts.Inbox.Deliver(c.ctx, Delivery{
		Locals:     tx.locals,
		RcptTo:     tx.rcpts,
		ReceivedAt: c.srv.opts.Now(),
		Session:    c.evidence(replyKept),
	}, tx.spool)
	if err == nil {
		c.srv.delivered.Add(1)
		tx.locals = nil
		return replyKept
	}
	r, reason := inboxReply(err)
	if r == replyLocalError {
		c.srv.opts.Logger.Error("message could not be stored", "err", err)
	}
	c.fail(reason, r)
	return r
}

// receive reads the text up to its CRLF.CRLF into the spool, or past it when
// the message will be refused. It ends the session when the end does not come.
func (c *conn) receive() *ending {
	w, tx := c.wire, &c.tx
	w.setStopped(nil)
	defer w.setStopped(c.srv.isStopping)
	defer w.shrink()
	began := time.Now()
	f := framer{bol: true}
	for {
		text, used, done := f.next(w.unread())
		w.r += used
		c.keep(text)
		switch {
		case done:
			return nil
		case tx.received > c.limits.MessageSize+c.limits.Drain:
			c.log.body(tx.received)
			return &ending{reply: tx.verdict, reason: tx.reason, linger: true}
		case used > 0:
			continue
		}
		if w.w == smallBuffer {
			w.grow()
		}
		if err := w.fill(c.dataDeadline(began)); err != nil {
			c.log.body(tx.received)
			return c.brokenData(err)
		}
	}
}

// brokenData: a message that does not come to its end is never stored, and what
// follows it is never read as commands.
func (c *conn) brokenData(err error) *ending {
	e := c.broken(err, replyTooSlow)
	if c.tx.verdict != "" {
		e.reason = c.tx.reason
	}
	return e
}

// dataDeadline allows for silence, but not for a client that trickles: on
// average the message must keep up with the minimum rate.
func (c *conn) dataDeadline(began time.Time) time.Time {
	earned := time.Duration(float64(c.tx.received) / float64(c.limits.DataRate) * float64(time.Second))
	rate := began.Add(c.limits.DataGrace + earned)
	if by := c.by(c.limits.Data); by.Before(rate) {
		return by
	}
	return rate
}

// keep writes text to the spool as long as the message may still be taken.
func (c *conn) keep(text []byte) {
	tx := &c.tx
	tx.received += int64(len(text))
	if tx.verdict != "" || len(text) == 0 {
		return
	}
	if tx.received > c.limits.MessageSize {
		c.give(replyTooLarge, reasonTooLarge)
		return
	}
	if tx.received > tx.held+inFlightStep {
		step := tx.received - tx.held + inFlightStep
		if !c.srv.ledger.take(c.client.Addr(), step) {
			c.give(replyTooMuch, reasonLimit)
			return
		}
		tx.held += step
	}
	if _, err := tx.spool.Write(text); err != nil {
		r, reason := inboxReply(err)
		c.give(r, reason)
	}
}

// give up on the message: the rest of it is read and thrown away.
func (c *conn) give(r reply, reason string) {
	c.tx.verdict, c.tx.reason = r, reason
	c.tx.spool.Discard()
}

// A framer finds the end of a message and undoes dot-stuffing (RFC 5321
// §4.5.2). Only CRLF ends a line: a bare CR or LF, or a NUL, is text and stays.
type framer struct {
	bol bool // at the beginning of a line
}

var lineDot = []byte("\r\n.")

// next takes what it can from the front of b: it returns text to keep, how many
// octets are used up, and whether the message is over. When it uses nothing, it
// needs to see more octets than there are.
func (f *framer) next(b []byte) (text []byte, used int, done bool) {
	if len(b) == 0 {
		return nil, 0, false
	}
	dot := 0
	if f.bol && b[0] == '.' {
		if len(b) < 3 && string(b) == ".\r\n"[:len(b)] {
			return nil, 0, false
		}
		if b[1] == '\r' && b[2] == '\n' {
			return nil, 3, true
		}
		dot = 1
	}
	text = b[dot:]
	if i := bytes.Index(text, lineDot); i >= 0 {
		f.bol = true
		return text[:i+2], dot + i + 2, false
	}
	// A CR at the very end may begin a line end: it waits for the next octet.
	text = bytes.TrimSuffix(text, []byte("\r"))
	if used = dot + len(text); used > 0 {
		f.bol = bytes.HasSuffix(text, []byte("\r\n"))
	}
	return text, used, false
}
