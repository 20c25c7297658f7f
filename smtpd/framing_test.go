// SPDX-License-Identifier: MIT

package smtpd

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

// TestSmuggling: no look-alike of CRLF.CRLF ends a message, and what stands
// behind it stays text, with every octet but the stuffed dot.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, fake, kept string }{
		{"LF.LF", "\n.\n", "\n.\n"},
		{"LF.CRLF", "\n.\r\n", "\n.\r\n"},
		{"CRLF.LF", "\r\n.\n", "\r\n\n"},
		{"CR.CR", "\r.\r", "\r.\r"},
		{"CR.CRLF", "\r.\r\n", "\r.\r\n"},
		{"CRLF.CR", "\r\n.\r", "\r\n\r"},
		{"LF.CR", "\n.\r", "\n.\r"},
		{"LF.CRCRLF", "\n.\r\r\n", "\n.\r\r\n"},
		{"CRLF.CRCRLF", "\r\n.\r\r\n", "\r\n\r\r\n"},
		{"CRLF.NULCRLF", "\r\n.\x00\r\n", "\r\n\x00\r\n"},
		{"CRLFNUL.CRLF", "\r\n\x00.\r\n", "\r\n\x00.\r\n"},
		{"CRNULLF.CRLF", "\r\x00\n.\r\n", "\r\x00\n.\r\n"},
		{"CRLF. CRLF", "\r\n. \r\n", "\r\n \r\n"},
		{"CRLF..CRLF", "\r\n..\r\n", "\r\n.\r\n"},
		{"CRLF.CRx", "\r\n.\rx", "\r\n\rx"},
	}
	const smuggled = "MAIL FROM:<x@y.example>\r\nRCPT TO:<b@test.example>\r\nDATA\r\ninner\r\n"
	for _, tt := range tests {
		for _, step := range []int{1, 1 << 20} { // octet by octet, and at once
			w := newWorld(t, nil)
			c := w.ready()
			within(t, c)
			c.envelope()
			all := "text" + tt.fake + smuggled + ".\r\n"
			for len(all) > 0 {
				n := min(step, len(all))
				c.send(all[:n])
				all = all[n:]
			}
			c.want("250 2.6.0")
			if m := w.inbox.mails(); len(m) != 1 || string(m[0].raw) != "text"+tt.kept+smuggled {
				t.Errorf("%s: %d mails, first %q", tt.name, len(m), m[0].raw)
			}
		}
	}
}

// TestBadInput: a reply each, never a crash, and the server goes on.
func TestBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sent, reply string }{
		"garbage":          {"\x16\x03\x01\x02\x00\x01\xff\xfe\n", "500 5.5.2"},
		"nul":              {"NO\x00OP\r\n", "500 5.5.2"},
		"empty line":       {"\r\n", "500 5.5.2"},
		"spaces":           {"      \r\n", "500 5.5.2"},
		"long verb":        {"ABCDEFGHIJKLMNOP x\r\n", "500 5.5.2"},
		"bare LF":          {"NOOP\n", "250"},
		"small letters":    {"noop\r\n", "250"},
		"DATA at once":     {"DATA\r\n", "503"},
		"RCPT at once":     {"RCPT TO:<a@test.example>\r\n", "503"},
		"MAIL at once":     {"MAIL FROM:<a@b.example>\r\n", "503"},
		"AUTH":             {"AUTH PLAIN AGEAYg==\r\n", "502"},
		"STARTTLS without": {"STARTTLS\r\n", "502"},
		"VRFY":             {"VRFY a\r\n", "252"},
		"EXPN":             {"EXPN a\r\n", "502"},
		"LHLO":             {"LHLO a\r\n", "500"},
		"XCLIENT":          {"XCLIENT ADDR=1.2.3.4\r\n", "500"},
	}
	w := newWorld(t, nil)
	for name, tt := range tests {
		c := w.dial()
		within(t, c)
		c.send(tt.sent)
		if got := c.reply(); !strings.HasPrefix(got, tt.reply) {
			t.Errorf("%s: reply %q, want %q", name, got, tt.reply)
		}
		c.cmd("QUIT", "221")
	}
	c := w.ready()
	c.envelope()
	c.cmd(".", "250 2.6.0")
	if m := w.inbox.mails(); len(m) != 1 || len(m[0].raw) != 0 {
		t.Error("an empty message is a message")
	}
}

// referenceFrame ends a message as RFC 5321 §4.5.2 says, octet by octet.
func referenceFrame(in []byte) (text, rest []byte, ok bool) {
	in = append([]byte("\r\n"), in...) // the line end of DATA
	i := bytes.Index(in, []byte("\r\n.\r\n"))
	if i < 0 {
		return nil, nil, false
	}
	text = bytes.ReplaceAll(in[:i+2], []byte("\r\n."), []byte("\r\n"))
	return text[2:], in[i+5:], true
}

// FuzzConversation: whatever is sent, what is stored is exactly what an
// independent reading of input and replies says was framed as a message, and
// every other line gets one reply: nothing within a message is obeyed.
func FuzzConversation(f *testing.F) {
	const mail = "MAIL FROM:<a@b.c>\r\nRCPT TO:<a@test.example>\r\nDATA\r\n"
	f.Add([]byte("EHLO x\r\n" + mail + "hi\r\n..\r\n.\r\nNOOP\r\nQUIT\r\n"))
	f.Add([]byte("HELO x\r\n" + mail + "\r\r\n.\r\n" + mail + ".\r\n"))
	f.Add([]byte("EHLO x\r\nMAIL FROM:<>\r\nDATA\r\nRSET\r\n.\r\n"))
	f.Add([]byte("EHLO x\r\n" + mail + "a\n.\nMAIL FROM:<x@y>\r\n.\rDATA\r\n.\r\n"))
	f.Add([]byte("EHLO x\r\nBDAT 5 LAST\r\n" + mail + "x\r\n.\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		w := newWorld(t, func(o *Options) {
			o.Limits.BadRecipientDelay = -1
			o.Limits.MessageSize = 1 << 20
			o.Limits.Linger = time.Millisecond
		})
		nc := w.l.dial(someClient)
		defer nc.Close()
		within(t, nc)
		replies := make(chan []string, 1)
		go func() { replies <- allReplies(nc) }()
		nc.Write(append(bytes.Clone(in), "\r\nQUIT\r\n"...))
		nc.Write([]byte("\r\n.\r\nQUIT\r\n")) // in case a message was still open
		got := <-replies
		w.close()
		want := expect(t, append(bytes.Clone(in), "\r\nQUIT\r\n\r\n.\r\nQUIT\r\n"...), got)
		mails := w.inbox.mails()
		if len(mails) != len(want) {
			t.Fatalf("%d mails, want %d; replies %q", len(mails), len(want), got)
		}
		for i, m := range mails {
			if !bytes.Equal(m.raw, want[i]) {
				t.Fatalf("mail %d is %q, want %q", i, m.raw, want[i])
			}
		}
	})
}

func allReplies(nc net.Conn) (out []string) {
	var all bytes.Buffer
	all.ReadFrom(nc)
	for line := range strings.SplitAfterSeq(all.String(), "\r\n") {
		if strings.HasSuffix(line, "\r\n") && len(line) > 4 && line[3] == ' ' {
			out = append(out, line)
		}
	}
	return out
}

// expect walks the input beside the replies and returns the messages that must
// have been stored.
func expect(t *testing.T, in []byte, replies []string) (mails [][]byte) {
	t.Helper()
	if len(replies) == 0 || replies[0][:3] != "220" {
		t.Fatalf("no greeting in %q", replies)
	}
	for replies = replies[1:]; len(replies) > 0; replies = replies[1:] {
		r := replies[0]
		if r[:3] == "421" || r[:3] == "221" {
			if len(replies) > 1 {
				t.Fatalf("%q after the last words", replies[1:])
			}
			return mails
		}
		if i := bytes.IndexByte(in, '\n'); i < 0 {
			t.Fatalf("reply %q to nothing", r)
		} else {
			in = in[i+1:]
		}
		if r[:3] != "354" {
			continue
		}
		text, rest, ok := referenceFrame(in)
		if !ok || len(replies) < 2 {
			return mails
		}
		replies, in = replies[1:], rest
		if replies[0][:3] == "250" {
			mails = append(mails, text)
		}
	}
	return mails
}
