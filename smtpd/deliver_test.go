// SPDX-License-Identifier: MIT

package smtpd

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mailproof/evidence"
)

func dialogue(s evidence.Session) string {
	var b strings.Builder
	for _, l := range s.Dialogue {
		fmt.Fprintf(&b, "%.1s %s\n", l.From, l.Text)
	}
	return b.String()
}

func TestAMessageIsDeliveredAsSentWithItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.dial()
	ehlo := c.cmd("EHLO client.example", "250-")
	want := "250-mx.test.example greets client.example\n250-PIPELINING\n250-8BITMIME\n250-ENHANCEDSTATUSCODES\n250-SMTPUTF8\n250-SIZE 36700160\n250 LIMITS RCPTMAX=100"
	if ehlo != want {
		t.Errorf("EHLO reply\n%s\nwant\n%s", ehlo, want)
	}
	c.cmd("MAIL FROM:<\"q x\"@client.example> SIZE=20 BODY=8BITMIME SMTPUTF8", "250 2.1.0")
	c.cmd("RCPT TO:<A+tag@TEST.example>", "250 2.1.5")
	c.cmd("RCPT TO:<b@test.example>", "250 2.1.5")
	c.cmd("RCPT TO:<a@test.example>", "250 2.1.5")
	c.cmd("DATA", "354")
	c.cmd("Subject: x\r\n\r\n..dot\r\nbare\n.\nlf\rcr\x00\xff\r\n.", "250 2.6.0")
	c.cmd("QUIT", "221")
	c.gone()

	got := w.inbox.mails()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	m := got[0]
	if raw := "Subject: x\r\n\r\n.dot\r\nbare\n.\nlf\rcr\x00\xff\r\n"; string(m.raw) != raw {
		t.Errorf("raw %q, want %q", m.raw, raw)
	}
	if strings.Join(m.Locals, " ") != "a b" || strings.Join(m.RcptTo, " ") != "A+tag@TEST.example b@test.example" {
		t.Errorf("locals %q, recipients %q", m.Locals, m.RcptTo)
	}
	s := m.Session
	if s.ClientIP.String() != "192.0.2.7" || s.ClientPort != 4711 || s.Helo != "client.example" || !s.EHLO ||
		s.MailFrom != `"q x"@client.example` || !s.HasMailFrom || s.RcptTo != "A+tag@TEST.example" || s.TLS != nil ||
		!s.TLSKnown || s.TLSOffered || !s.SMTPUTF8 || s.BodyType != "8BITMIME" || s.Size != 20 || s.EarlyTalk || m.ReceivedAt.IsZero() {
		t.Errorf("session %+v", s)
	}
	wantDialogue := `s 220 mx.test.example ESMTP Mailproof
c EHLO client.example
s 250-mx.test.example greets client.example
s 250-PIPELINING
s 250-8BITMIME
s 250-ENHANCEDSTATUSCODES
s 250-SMTPUTF8
s 250-SIZE 36700160
s 250 LIMITS RCPTMAX=100
c MAIL FROM:<"q x"@client.example> SIZE=20 BODY=8BITMIME SMTPUTF8
s 250 2.1.0 Sender ok
c RCPT TO:<A+tag@TEST.example>
s 250 2.1.5 Recipient ok
c RCPT TO:<b@test.example>
s 250 2.1.5 Recipient ok
c RCPT TO:<a@test.example>
s 250 2.1.5 Recipient ok
c DATA
s 354 Send the message, end with a dot on a line of its own
c (message of 36 octets)
s 250 2.6.0 Message is on disk and will be analysed
`
	if d := dialogue(s); d != wantDialogue {
		t.Errorf("dialogue\n%s", d)
	}
	if a := w.inbox.failed(); len(a) != 0 {
		t.Errorf("attempts %+v", a)
	}
}

func TestTheSecondMessageOfAConnectionHasItsOwnDialogue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.dial()
	c.cmd("HELO client.example", "250 mx.test.example")
	for _, body := range []string{"one", "two"} {
		c.envelope()
		c.cmd(body+"\r\n.", "250 2.6.0")
	}
	s := w.inbox.mails()[1].Session
	want := `s 220 mx.test.example ESMTP Mailproof
c HELO client.example
s 250 mx.test.example
s (earlier messages on this connection left out: 1)
c MAIL FROM:<from@client.example>
s 250 2.1.0 Sender ok
c RCPT TO:<a@test.example>
s 250 2.1.5 Recipient ok
c DATA
s 354 Send the message, end with a dot on a line of its own
c (message of 5 octets)
s 250 2.6.0 Message is on disk and will be analysed
`
	if d := dialogue(s); d != want || s.EHLO {
		t.Errorf("dialogue\n%s", d)
	}
}

func TestPipelinedCommandsAreAnsweredTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	go c.send("MAIL FROM:<>\r\nRCPT TO:<a@test.example>\r\nRCPT TO:<nobody@test.example>\r\nDATA\r\n")
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil || strings.Count(string(buf[:n]), "\r\n") != 4 {
		t.Errorf("first read: %q, %v; want four replies", buf[:n], err)
	}
	c.cmd(".", "250")
	c.cmd("NOOP", "250 2.0.0")
	m := w.inbox.mails()[0]
	if len(m.raw) != 0 || m.Session.MailFrom != "" || !m.Session.HasMailFrom || m.Session.EarlyTalk {
		t.Errorf("%+v", m)
	}
}

func TestSTARTTLS(t *testing.T) {
	t.Parallel()
	cert, err := SelfSigned("mx.test.example")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *Options) { o.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} })
	c := w.dial()
	if got := c.cmd("EHLO plain.example", "250"); !strings.HasSuffix(got, "\n250 STARTTLS") {
		t.Errorf("EHLO reply %q", got)
	}
	c.cmd("STARTTLS now", "501")
	c.cmd("STARTTLS", "220 2.0.0")
	mine, err := SelfSigned("client.example")
	if err != nil {
		t.Fatal(err)
	}
	tc := tls.Client(c.Conn, &tls.Config{ServerName: "mx.test.example", InsecureSkipVerify: true, Certificates: []tls.Certificate{mine}})
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	c.Conn, c.r = tc, bufio.NewReader(tc)
	c.cmd("MAIL FROM:<a@b.example>", "503") // RFC 3207 §4.2: all is forgotten
	if got := c.cmd("EHLO client.example", "250"); strings.Contains(got, "STARTTLS") {
		t.Errorf("EHLO reply %q", got)
	}
	c.cmd("STARTTLS", "503")
	c.envelope()
	c.cmd("secret\r\n.", "250")
	s := w.inbox.mails()[0].Session
	if s.TLS == nil || s.TLS.Version != "TLS 1.3" || !strings.HasPrefix(s.TLS.Cipher, "TLS_") || s.TLS.SNI != "mx.test.example" ||
		s.TLS.ClientCert != "CN=client.example" || !s.TLSOffered || s.Helo != "client.example" {
		t.Errorf("session %+v, %+v", s, s.TLS)
	}
	if d := dialogue(s); !strings.Contains(d, "c EHLO plain.example\n") || !strings.Contains(d, "c (TLS handshake: TLS 1.3, ") {
		t.Errorf("dialogue\n%s", d)
	}
}

func TestTheReplyOfTheInbox(t *testing.T) {
	t.Parallel()
	hidden := errors.New("open /var/secret: permission denied")
	tests := []struct {
		err           error
		reply, reason string
	}{
		{ErrStoreFull, "452 4.3.1 ", reasonStoreFull},
		{ErrTestFull, "452 4.2.2 ", reasonLimit},
		{ErrNoSuchAddress, "550 5.1.1 ", reasonRefused},
		{hidden, "451 4.3.0 ", reasonRefused},
	}
	for _, tt := range tests {
		wrapped := fmt.Errorf("store: %w", tt.err)
		stages := map[string]func(*memInbox){
			"spool":   func(m *memInbox) { m.spoolErr = wrapped },
			"write":   func(m *memInbox) { m.writeErr = wrapped },
			"deliver": func(m *memInbox) { m.failWith = wrapped },
		}
		for stage, break_ := range stages {
			w := newWorld(t, nil)
			break_(w.inbox)
			c := w.ready()
			c.cmd("MAIL FROM:<from@client.example>", "250")
			c.cmd("RCPT TO:<a@test.example>", "250")
			var got string
			if stage == "spool" {
				got = c.cmd("DATA", tt.reply)
			} else {
				c.cmd("DATA", "354")
				got = c.cmd("text\r\n.", tt.reply)
			}
			if strings.Contains(got, "secret") {
				t.Errorf("%s: reply %q tells what is internal", stage, got)
			}
			w.inbox.wantAttempt(t, "a", tt.reason, tt.reply)
			// Service returns by itself.
			*w.inbox = memInbox{known: w.inbox.known}
			c.cmd("RSET", "250")
			c.envelope()
			c.cmd("text\r\n.", "250 2.6.0")
		}
	}
}
