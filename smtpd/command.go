// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// command reads and obeys one command.
func (c *conn) command() *ending {
	line, err := c.wire.line(c.limits.CommandLine, c.by(c.limits.Command))
	if err != nil {
		return c.broken(err, replyIdle)
	}
	c.log.client(line)
	c.commands++
	if e := c.obey(line); e != nil {
		return e
	}
	switch {
	case c.errors >= c.limits.Errors:
		return &ending{reply: replyBadCommands, reason: reasonLimit, linger: true}
	case c.bad >= c.limits.BadRecipients:
		return &ending{reply: replyGuessing, reason: reasonLimit, linger: true}
	case c.commands >= c.limits.Commands:
		return &ending{reply: replyCommands, reason: reasonLimit, linger: true}
	}
	return nil
}

// obey runs one command line. What does not depend on go-smtp's state is
// answered here; only what the front understands is ever handed on.
func (c *conn) obey(line []byte) *ending {
	if !plain(line) {
		c.say(replyControl)
		return nil
	}
	line = bytes.TrimRight(line, " ")
	verb, arg, _ := bytes.Cut(line, []byte(" "))
	arg = bytes.TrimLeft(arg, " ")
	var buf [8]byte // longer than any verb
	switch string(upper(buf[:0], verb)) {
	case "EHLO":
		return c.hello(arg, true)
	case "HELO":
		return c.hello(arg, false)
	case "MAIL":
		return c.mail(arg)
	case "RCPT":
		return c.rcpt(arg)
	case "DATA":
		return c.data(arg)
	case "RSET":
		return c.rset(arg)
	case "STARTTLS":
		return c.starttls(arg)
	case "QUIT":
		return &ending{reply: replyBye, reason: reasonBrokenOff}
	case "NOOP":
		c.say(replyNoop)
	case "VRFY":
		c.say(replyVrfy)
	case "HELP":
		c.say(replyHelp)
	case "EXPN", "AUTH", "ETRN", "TURN", "SEND", "SOML", "SAML":
		c.say(replyNotDone)
	case "BDAT":
		// What follows is a message, and we cannot know how long it is.
		c.say(replyBdat)
		return &ending{reason: reasonBadData, linger: true}
	case "PROXY":
		// A header that comes after our greeting: the evidence would name the proxy.
		return &ending{reply: replyProxyBad, reason: reasonBadData}
	case "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI":
		// A browser that was talked into posting here.
		return &ending{reply: replyHTTP, reason: reasonBadData}
	default:
		c.say(replyUnknown)
	}
	return nil
}

// plain: no control characters (a NUL or CR in a command is never innocent),
// and if not ASCII, then UTF-8.
func plain(line []byte) bool {
	for i, b := range line {
		if b >= utf8.RuneSelf {
			return utf8.Valid(line[i:]) && !bytes.ContainsFunc(line[i:], unicode.IsControl)
		}
		if b < ' ' || b == 0x7f {
			return false
		}
	}
	return true
}

// upper appends verb in capitals, or nothing if it has no room: no verb then.
func upper(dst, verb []byte) []byte {
	if len(verb) > cap(dst) {
		return dst
	}
	for _, b := range verb {
		if 'a' <= b && b <= 'z' {
			b -= 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

// ask hands a command to go-smtp and returns the reply if it is a refusal, ours
// or go-smtp's own; crashed if there is none.
func (c *conn) ask(verb string, arg []byte) (refusal reply, out []byte) {
	if c.inner == nil {
		return replySequence, nil
	}
	c.scratch = append(c.scratch[:0], verb...)
	if len(arg) > 0 {
		c.scratch = append(append(c.scratch, ' '), arg...)
	}
	c.scratch = append(c.scratch, '\r', '\n')
	c.refusal = ""
	out = c.inner.exchange(c.scratch)
	return c.verdict(out), out
}

// verdict is the refusal that go-smtp's answer means, if it is one.
func (c *conn) verdict(out []byte) reply {
	switch {
	case c.inner.closed || len(out) < 4:
		return replyCrashed
	case out[0] == '2' || out[0] == '3':
		return ""
	case c.refusal != "":
		return c.refusal
	}
	return translate(out)
}

// translate gives the words of reply.go to what go-smtp refuses by its states
// and limits, and passes on what it says about grammar.
func translate(out []byte) reply {
	line, _, _ := bytes.Cut(out, []byte("\r\n"))
	for prefix, r := range map[string]reply{
		"502 5.5.1 ": replySequence, // RFC 5321 §4.2.4: 503 is the code for it
		"452 4.5.3 ": replyRecipients,
		"552 5.3.4 ": replyTooLarge,
	} {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return r
		}
	}
	return reply(line)
}

// refuse answers with a refusal of go-smtp's side.
func (c *conn) refuse(r reply) *ending {
	if r == replyCrashed {
		return &ending{reply: r, reason: reasonRefused}
	}
	c.say(r)
	return nil
}
