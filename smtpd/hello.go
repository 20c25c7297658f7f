// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"unicode/utf8"
)

// hello is EHLO and HELO: it begins the session of go-smtp, or starts it over.
func (c *conn) hello(arg []byte, ehlo bool) *ending {
	name, _, _ := bytes.Cut(arg, []byte(" "))
	if len(name) == 0 || len(name) > maxHelo {
		c.say(replyHeloSyntax)
		return nil
	}
	c.fail(reasonBrokenOff, "")
	if c.inner == nil {
		c.inner = startInner(&session{c}, &c.srv.opts)
	}
	verb := "HELO"
	if ehlo {
		verb = "EHLO"
	}
	refusal, out := c.ask(verb, name)
	if refusal != "" {
		return c.refuse(refusal)
	}
	c.helo, c.ehlo = string(name), ehlo
	c.talked()
	if ehlo {
		c.offer(name, out)
	} else {
		c.say(reply("250 " + c.srv.opts.Hostname))
	}
	c.log.settle()
	return nil
}

// talked notes a client that sends on where it must wait for our reply: after
// EHLO, HELO, DATA and STARTTLS (RFC 2920 §3.1).
func (c *conn) talked() {
	if len(c.wire.unread()) > 0 {
		c.early = true
	}
}

// offer writes the EHLO reply: what go-smtp can do, without CHUNKING, which the
// front does not let through, and with STARTTLS, which go-smtp knows nothing of.
func (c *conn) offer(name, out []byte) {
	lines := []reply{reply("250-" + c.srv.opts.Hostname + " greets " + echo(name))}
	_, out, _ = bytes.Cut(out, []byte("\r\n")) // its own greeting
	for line := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte("\r\n")), []byte("\r\n")) {
		if len(line) > 4 && string(line[4:]) != "CHUNKING" {
			lines = append(lines, reply("250-"+string(line[4:])))
		}
	}
	if c.srv.opts.TLS != nil && c.tls == nil {
		lines = append(lines, "250-STARTTLS")
	}
	last := len(lines) - 1
	lines[last] = "250 " + lines[last][4:]
	for _, l := range lines {
		c.say(l)
	}
}

// echo is the client's name as far as it is harmless in a reply: RFC 5321
// §4.1.1.1 wants it there, and it may be anything.
func echo(name []byte) string {
	out := make([]byte, 0, len(name))
	for _, b := range name {
		if b <= ' ' || b >= utf8.RuneSelf || b == 0x7f {
			b = '?'
		}
		out = append(out, b)
	}
	return string(out)
}

func (c *conn) rset(arg []byte) *ending {
	if len(arg) > 0 {
		c.say(replyArgument)
		return nil
	}
	c.fail(reasonBrokenOff, "")
	if c.inner != nil {
		if refusal, _ := c.ask("RSET", nil); refusal != "" {
			return c.refuse(refusal)
		}
	}
	c.say(replyReset)
	return nil
}
