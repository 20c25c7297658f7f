// SPDX-License-Identifier: MIT

package smtpd

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"mailproof/testaddr"
)

// A session is what go-smtp calls when a command is well-formed and in order.
// It runs while the front waits, so it may use the conn.
type session struct{ c *conn }

// errRefused ends a command; the client gets the reply kept in the transaction.
var errRefused = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 0, 0}, Message: "Refused"}

func (s *session) refuse(r reply) error {
	s.c.refusal = r
	return errRefused
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	tx := &s.c.tx
	if tx.open { // go-smtp would keep the recipients of the first
		return s.refuse(replyNested)
	}
	if r := checkPath(from, o.UTF8); r != "" {
		return s.refuse(r)
	}
	tx.open, tx.from = true, s.c.path
	tx.utf8, tx.body, tx.size = o.UTF8, string(o.Body), o.Size
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c, tx := s.c, &s.c.tx
	if r := checkPath(to, tx.utf8); r != "" {
		return s.refuse(r)
	}
	local, r, reason := c.recipient(to)
	if r != "" {
		if r != replyRelay && r != replyNoAddress { // else there is no test to tell
			c.failOne(local, reason, r, r)
		}
		return s.refuse(r)
	}
	for _, l := range tx.locals {
		if l == local {
			return nil // named twice, delivered once
		}
	}
	tx.locals = append(tx.locals, local)
	tx.rcpts = append(tx.rcpts, c.path)
	return nil
}

// Data gets an empty body: the front has the message already.
func (s *session) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return s.refuse(replyLocalError)
	}
	if r := s.c.deliver(); r != replyKept {
		return s.refuse(r)
	}
	return nil
}

func (s *session) Reset()        { s.c.tx.drop(s.c) }
func (s *session) Logout() error { return nil }

// recipient finds the local part that an address names, and whether mail for it
// is taken. What can never exist is looked up too, so that all three answers,
// unknown, expired and foreign, take the same time.
func (c *conn) recipient(to string) (local string, r reply, reason string) {
	local, err := testaddr.Local(to, c.srv.opts.Domains...)
	if err != nil {
		c.srv.opts.Inbox.Recipient(c.ctx, nobody)
		return "", replyRelay, reasonRefused
	}
	r, reason = inboxReply(c.srv.opts.Inbox.Recipient(c.ctx, local))
	return local, r, reason
}

// nobody has the form of a local part and is never minted: it has look-alikes.
const nobody = "0o0o0o0o0o0o0o0o0o0"

// checkPath refuses what go-smtp lets through.
func checkPath(path string, utf8ok bool) reply {
	if len(path) > maxPath || strings.LastIndexByte(path, '@') > maxLocal {
		return replyPathTooLong
	}
	for i := 0; i < len(path); i++ {
		switch b := path[i]; {
		case b < ' ' || b == 0x7f:
			return replyPathControl
		case b >= utf8.RuneSelf && !utf8ok: // RFC 6531 §3.4
			return replyNeedSMTPUTF8
		}
	}
	return ""
}
