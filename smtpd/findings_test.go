// SPDX-License-Identifier: MIT

package smtpd

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The findings about SMTP servers that this package was designed around, one
// test each.

func TestFinding1TextAfterATimeoutInDATAIsNeverObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		c := w.ready()
		c.envelope()
		c.send("text\r\n")
		c.want("421 4.4.2 Message comes in too slowly")
		if _, err := c.Write([]byte("MAIL FROM:<x@y.example>\r\n")); err == nil {
			t.Error("the connection still takes commands")
		}
		w.inbox.wantAttempt(t, "a", reasonTimedOut, "421 4.4.2")
		if len(w.inbox.mails()) != 0 {
			t.Error("half a message was stored")
		}
	})
}

func TestFinding2CRCRLFDotCRLFEndsTheMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	within(t, c)
	c.envelope()
	c.cmd("line\r\r\n.", "250 2.6.0")
	if got := string(w.inbox.mails()[0].raw); got != "line\r\r\n" {
		t.Errorf("raw %q", got)
	}
}

func TestFinding3And4BDATIsRefusedAndItsChunkNeverObeyed(t *testing.T) {
	t.Parallel()
	for _, bdat := range []string{"BDAT 91 FOO", "BDAT 5 LAST LAST", "BDAT 5000 LAST", "BDAT", "bdat 10"} {
		w := newWorld(t, nil)
		c := w.ready()
		within(t, c)
		c.cmd("MAIL FROM:<from@client.example>", "250")
		c.cmd("RCPT TO:<a@test.example>", "250")
		go c.send(bdat + "\r\nRSET\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<b@test.example>\r\nDATA\r\nsmuggled\r\n.\r\n")
		c.want("502 5.5.1 ")
		go c.Close()
		c.gone()
		w.close()
		w.inbox.wantAttempt(t, "a", reasonBadData, "")
		if len(w.inbox.mails()) != 0 {
			t.Errorf("%s: %q was stored", bdat, w.inbox.mails()[0].raw)
		}
	}
}

func TestFinding4CHUNKINGIsNotOffered(t *testing.T) {
	t.Parallel()
	if got := newWorld(t, nil).dial().cmd("EHLO c.example", "250"); strings.Contains(got, "CHUNKING") || strings.Contains(got, "AUTH") {
		t.Errorf("EHLO reply %q", got)
	}
}

func TestFinding5LongLinesInAMessageAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	within(t, c)
	c.envelope()
	long := strings.Repeat("x", 11<<20)
	c.cmd(long+"\r\n.", "250 2.6.0")
	if got := string(w.inbox.mails()[0].raw); got != long+"\r\n" {
		t.Errorf("%d octets arrived, want %d", len(got), len(long)+2)
	}
}

func TestFinding5AnEndlessCommandLineIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	within(t, c)
	go c.Write([]byte("NOOP " + strings.Repeat("x", 11<<20)))
	c.want("500 5.5.2 Line is too long")
	c.Close()
}

func TestFinding6AMessageOfExactlyTheAdvertisedSizeIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Limits.MessageSize = 1000 })
	c := w.dial()
	if got := c.cmd("EHLO c.example", "250"); !strings.Contains(got, "SIZE 1000") {
		t.Errorf("EHLO reply %q", got)
	}
	c.cmd("MAIL FROM:<from@client.example> SIZE=1001", "552 5.3.4")
	c.cmd("MAIL FROM:<from@client.example> SIZE=99999999999999999999", "552 5.3.4")
	c.cmd("MAIL FROM:<from@client.example> SIZE=1000", "250")
	c.cmd("RCPT TO:<a@test.example>", "250")
	c.cmd("DATA", "354")
	// A stuffed dot does not count: 998 octets and CRLF.
	c.cmd("."+"."+strings.Repeat("x", 997)+"\r\n.", "250 2.6.0")
	c.envelope()
	c.cmd(strings.Repeat("x", 999)+"\r\n.", "552 5.3.4")
	c.cmd("NOOP", "250")
	if got := w.inbox.mails(); len(got) != 1 || len(got[0].raw) != 1000 {
		t.Errorf("%d mails", len(got))
	}
	w.inbox.wantAttempt(t, "a", reasonTooLarge, "552 5.3.4")
}

func TestFinding7CommandsWithoutAMessageAreCapped(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"NOOP", "RSET", "VRFY x", "EHLO c.example", "HELP"} {
		c := newWorld(t, nil).ready()
		within(t, c)
		n := 0
		for c.send(command + "\r\n"); ; c.send(command + "\r\n") {
			if strings.HasPrefix(c.reply(), "421") {
				break
			}
			if n++; n > 100 {
				t.Fatalf("%d times %s", n, command)
			}
			if n == 98 { // the 99th with the first EHLO; the next ends it
				c.send(command + "\r\n")
				c.reply()
				c.want("421 4.7.0 Too many commands")
				break
			}
		}
	}
}

func TestFinding7ADeliveredMessageStartsTheCountAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Limits.Commands = 10 })
	c := w.ready()
	for range 20 {
		c.envelope()
		c.cmd("x\r\n.", "250 2.6.0")
	}
}

func TestFinding7GuessingOfRecipientsIsSlowedAndCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		c := w.ready()
		c.cmd("MAIL FROM:<from@client.example>", "250")
		c.cmd("RCPT TO:<a@test.example>", "250")
		began := time.Now()
		for i := range 10 {
			at := time.Now()
			if i%2 == 0 {
				c.cmd(fmt.Sprintf("RCPT TO:<guess%d@test.example>", i), "550 5.1.1")
			} else {
				c.cmd(fmt.Sprintf("RCPT TO:<guess%d@other.example>", i), "550 5.7.1")
			}
			if late := time.Since(at) >= time.Second; late != (i >= 2 && i < 9) {
				t.Errorf("guess %d answered after %v", i+1, time.Since(at))
			}
		}
		c.want("421 4.7.0 Too many unknown")
		if d := time.Since(began); d != 7*time.Second {
			t.Errorf("ten guesses took %v", d)
		}
		c.Close()
	})
}

func TestFinding7SessionsAreCapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) {
		o.Limits.Sessions, o.Limits.SessionsPerClient, o.Limits.SessionsPerNetwork = 4, 2, 3
	})
	open := func(from, want string) *client {
		t.Helper()
		c := w.silent(from)
		c.want(want)
		return c
	}
	first := open("192.0.2.1:1", "220")
	open("192.0.2.1:2", "220")
	open("192.0.2.1:3", "421 4.7.0 Too many sessions from your address").gone()
	open("192.0.2.2:1", "220")
	open("192.0.2.3:1", "421 4.7.0 Too many sessions from your network").gone()
	open("[2001:db8::1]:1", "220")
	open("198.51.100.1:1", "421 4.3.2 Too many sessions").gone()
	first.cmd("QUIT", "221")
	first.gone()
	for w.srv.Stats().Sessions > 3 {
		runtime.Gosched()
	}
	open("192.0.2.1:4", "220")
	if got := w.srv.Stats().TurnedAway; got != 3 {
		t.Errorf("%d turned away", got)
	}
}

func TestFinding7BadCommandsAreCapped(t *testing.T) {
	t.Parallel()
	c := newWorld(t, nil).ready()
	within(t, c)
	for range 10 {
		c.cmd("FOO", "500 5.5.2")
	}
	c.want("421 4.7.0 Too many bad commands")
}

func TestFinding8WhatGoSMTPLetsThroughIsRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1500)
	tests := []struct{ line, reply string }{
		{"MAIL FROM:<second@client.example>", "503 5.5.1 Sender is already given"},
		{"RCPT TO:<" + long + "@test.example>", "553 5.1.7"},
		{"RCPT TO:<a@" + long + ".example>", "553 5.1.7"},
		{"RCPT TO:<@relay.example:a@test.example>", "553 5.1.7 Source routes"},
		{"RCPT TO:@relay.example:a@test.example", "553 5.1.7 Source routes"},
		{"RCPT TO:<a@test.ex\x00ample>", "500 5.5.2"},
		{"RCPT TO:<a@test.ex\rample>", "500 5.5.2"},
		{"RCPT TO:<\"a\x1b\"@test.example>", "500 5.5.2"},
		{"RCPT TO:<\xc3\xa4@test.example>", "553 5.6.7"},
		{"RCPT TO:<\xff@test.example>", "500 5.5.2"},
		{"RCPT TO:<a@test.example@evil.example>", "550 5.7.1"},
		{"RCPT TO:<\"a@test.example\"@evil.example>", "550 5.7.1"},
		{"RCPT TO:<\"a\"@test.example>", "250"},
		{"RCPT TO:<a@test.example> NOTIFY=NEVER", "50"},
		{"RCPT TO:a", "501"},
		{"RCPT", "501"},
	}
	for _, tt := range tests {
		c := newWorld(t, nil).ready()
		c.cmd("MAIL FROM:<from@client.example>", "250")
		if got := c.cmd(tt.line, tt.reply); strings.ContainsAny(got, "\x00\r\x1b") {
			t.Errorf("%q is echoed: %q", tt.line, got)
		}
	}
	for _, line := range []string{"EHLO a\rb", "EHLO a\x00b", "EHLO a\x1b[2Jb", "EHLO \xc2\x9bx", "EHLO", "EHLO " + long} {
		if got := newWorld(t, nil).dial().cmd(line, "50"); strings.ContainsAny(got, "\x00\r\x1b\u009b") {
			t.Errorf("%q is echoed: %q", line, got)
		}
	}
	newWorld(t, nil).dial().cmd("EHLO b\u00fccher.example", "250-mx.test.example greets b??cher.example\n")
}

func TestFinding8ASecondMAILDoesNotKeepTheRecipientsOfTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	c.cmd("MAIL FROM:<one@client.example>", "250")
	c.cmd("RCPT TO:<a@test.example>", "250")
	c.cmd("RSET", "250")
	c.cmd("MAIL FROM:<two@client.example>", "250")
	c.cmd("DATA", "503")
	c.cmd("RCPT TO:<b@test.example>", "250")
	c.cmd("DATA", "354")
	c.cmd("x\r\n.", "250")
	if m := w.inbox.mails()[0]; len(m.Locals) != 1 || m.Locals[0] != "b" || m.Session.MailFrom != "two@client.example" {
		t.Errorf("%+v", m)
	}
}
