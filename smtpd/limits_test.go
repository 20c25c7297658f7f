// SPDX-License-Identifier: MIT

package smtpd

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestACommandMustComeInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		c := w.ready()
		c.cmd("MAIL FROM:<from@client.example>", "250")
		c.cmd("RCPT TO:<a@test.example>", "250")
		began := time.Now()
		go func() { // a line in drops gives no more time, and is not obeyed
			for _, b := range "RSET" {
				time.Sleep(14 * time.Second)
				c.Write([]byte{byte(b)})
			}
		}()
		c.want("421 4.4.2 Timed out")
		if d := time.Since(began); d < 58*time.Second || d > 60*time.Second {
			t.Errorf("timed out after %v", d)
		}
		c.gone()
		w.inbox.wantAttempt(t, "a", reasonTimedOut, "421 4.4.2")
	})
}

func TestASessionEndsHoweverBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(o *Options) { o.Limits.Commands = 1 << 30 })
		c := w.ready()
		began := time.Now()
		for {
			c.send("NOOP\r\n")
			if r := c.reply(); !strings.HasPrefix(r, "250") {
				if !strings.HasPrefix(r, "421 4.4.2 Session has lasted too long") {
					t.Errorf("reply %q", r)
				}
				break
			}
			time.Sleep(20 * time.Second)
			if time.Since(began) > 19*time.Minute {
				c.want("421 4.4.2 Session has lasted too long")
				break
			}
		}
		if d := time.Since(began); d > 20*time.Minute {
			t.Errorf("the session lasted %v", d)
		}
	})
}

func TestASlowMessageIsCutByItsMinimumRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		c := w.ready()
		c.envelope()
		began := time.Now()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				if _, err := c.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		c.want("421 4.4.2 Message comes in too slowly")
		if d := time.Since(began); d > 32*time.Second {
			t.Errorf("cut after %v", d)
		}
		w.inbox.wantAttempt(t, "a", reasonTimedOut, "421")
		c.Close()
		<-stopped
	})
}

func TestAMessageAtTheMinimumRateIsTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newWorld(t, nil).ready()
		c.envelope()
		for range 600 {
			c.send(strings.Repeat("x", 600))
			time.Sleep(time.Second)
		}
		c.cmd("\r\n.", "250 2.6.0")
	})
}

func TestAClientThatDoesNotReadLosesItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.silent(someClient) // not even the greeting
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if n := w.srv.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions are open", n)
		}
	})
}

func TestRecipientsOfAMessageAreCapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	within(t, c)
	c.cmd("MAIL FROM:<from@client.example>", "250")
	taken := 0
	for i := range 10000 {
		local := fmt.Sprintf("t%d", i)
		w.inbox.mu.Lock()
		w.inbox.known[local] = nil
		w.inbox.mu.Unlock()
		c.send("RCPT TO:<" + local + "@test.example>\r\n")
		r := c.reply()
		if strings.HasPrefix(r, "421 4.7.0 Too many commands") {
			break
		} else if strings.HasPrefix(r, "250") {
			taken++
		} else if !strings.HasPrefix(r, "452 4.5.3") {
			t.Fatalf("recipient %d: %q", i, r)
		}
		if i == 150 {
			break
		}
	}
	if taken != 100 {
		t.Errorf("%d recipients were taken", taken)
	}
	c.cmd("DATA", "354")
	c.cmd("x\r\n.", "250")
	if m := w.inbox.mails(); len(m) != 1 || len(m[0].Locals) != 100 || len(m[0].RcptTo) != 100 {
		t.Errorf("%d deliveries", len(m))
	}
}

func TestHTTPIsCutAtOnce(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"GET / HTTP/1.1", "POST / HTTP/1.1", "CONNECT x:1 HTTP/1.1", "PRI * HTTP/2.0"} {
		c := newWorld(t, nil).dial()
		within(t, c)
		c.cmd(line, "421 4.7.0")
		c.gone()
	}
}

func TestOneGreedyClientNeverKeepsAnotherFromDelivering(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) {
		o.Limits.MessageSize = 1 << 20
		o.Limits.BytesInFlight = 8 << 20
		o.Limits.Sessions, o.Limits.SessionsPerClient = 40, 20
	})
	refused, held := 0, 0
	for i := range 25 { // it opens all it can and fills each with a message it does not end
		c := w.silent(fmt.Sprintf("198.51.100.9:%d", i+1))
		within(t, c)
		if !strings.HasPrefix(c.reply(), "220") {
			refused++
			continue
		}
		c.cmd("EHLO greedy.example", "250")
		c.envelope()
		c.send(strings.Repeat("x", 900<<10))
		held++
	}
	if refused != 5 || held != 20 {
		t.Errorf("%d sessions refused, %d held", refused, held)
	}
	c := w.ready()
	within(t, c)
	c.envelope()
	c.cmd(strings.Repeat("y", 1<<20-2)+"\r\n.", "250 2.6.0")
	if m := w.inbox.mails(); len(m) != 1 || len(m[0].raw) != 1<<20 {
		t.Errorf("%d mails", len(m))
	}
	w.close()
	w.srv.ledger.mu.Lock()
	defer w.srv.ledger.mu.Unlock()
	if l := w.srv.ledger; l.inFlight != 0 || len(l.clients) != 0 || len(l.networks) != 0 {
		t.Errorf("the ledger still holds %d octets, %d clients, %d networks", l.inFlight, len(l.clients), len(l.networks))
	}
}

func TestBytesInFlightOfOneClientAreCapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Limits.BytesInFlight = 1 << 20 })
	c := w.ready()
	within(t, c)
	c.envelope()
	c.cmd(strings.Repeat("x", 600<<10)+"\r\n.", "452 4.3.1 Too much mail at once")
	w.inbox.wantAttempt(t, "a", reasonLimit, "452 4.3.1")
	c.envelope()
	c.cmd("small\r\n.", "250 2.6.0")
}

func TestALedgerAlwaysLeavesRoom(t *testing.T) {
	t.Parallel()
	l := newLedger(Limits{BytesInFlight: 1 << 20}.withDefaults())
	for i := range 8 {
		a := netip.AddrFrom4([4]byte{192, 0, byte(i), 1})
		if r := l.enter(a); r != "" {
			t.Fatal(r)
		}
		n := 0
		for l.take(a, 1024) {
			n++
		}
		if n == 0 {
			t.Errorf("client %d gets nothing", i)
		}
	}
}

func TestAnEndlessMessageIsReadOnlySoFar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Limits.MessageSize, o.Limits.Drain = 100<<10, 200<<10 })
	c := w.ready()
	within(t, c)
	c.envelope()
	go io.Copy(c, strings.NewReader(strings.Repeat("QUIT\r\n", 1<<20)))
	c.want("552 5.3.4")
	c.Close()
	w.close()
	w.inbox.wantAttempt(t, "a", reasonTooLarge, "552 5.3.4")
}

func TestAPipelinedRCPTTellsWhoseMailWasTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	go c.send("MAIL FROM:<from@client.example> SIZE=999999999\r\nRCPT TO:<a@test.example>\r\n")
	c.want("552 5.3.4")
	c.want("503 5.5.1")
	c.cmd("NOOP", "250")
	w.inbox.wantAttempt(t, "a", reasonTooLarge, "552 5.3.4")
}

func TestABrokenOffMessageIsRecordedAndNotStored(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"", "RSET\r\n", "QUIT\r\n", "DATA\r\nhalf a mess"} {
		w := newWorld(t, nil)
		c := w.ready()
		c.cmd("MAIL FROM:<from@client.example>", "250")
		c.cmd("RCPT TO:<a@test.example>", "250")
		go io.Copy(io.Discard, bufio.NewReader(c.Conn))
		if after != "" {
			c.send(after)
		}
		c.Close()
		w.close()
		w.inbox.wantAttempt(t, "a", reasonBrokenOff, "")
		if got := w.inbox.failed(); len(got) == 1 && (got[0].Session.RcptTo != "a@test.example" || got[0].At.IsZero()) {
			t.Errorf("%q: %+v", after, got[0])
		}
		if len(w.inbox.mails()) != 0 {
			t.Error("half a message was stored")
		}
	}
}

func TestAFullTestIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.inbox.known["full"] = ErrTestFull
	c := w.ready()
	c.cmd("MAIL FROM:<from@client.example>", "250")
	c.cmd("RCPT TO:<full@test.example>", "452 4.2.2")
	w.inbox.wantAttempt(t, "full", reasonLimit, "452 4.2.2")
}

func TestTextAfterARefusedDATAIsNotObeyed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.ready()
	within(t, c)
	c.cmd("MAIL FROM:<from@client.example>", "250")
	go c.Write([]byte("DATA\r\nRCPT TO:<a@test.example>\r\nDATA\r\nsmuggled\r\n.\r\n"))
	c.want("503")
	c.want("421 4.7.0 Text after a refused DATA")
	c.Close()
}

func TestADialogueIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Limits.Commands = 1 << 20 })
	c := w.ready()
	within(t, c)
	for range 1000 {
		c.cmd("NOOP "+strings.Repeat("x", 1800), "250")
	}
	c.envelope()
	c.cmd("x\r\n.", "250")
	size := 0
	d := w.inbox.mails()[0].Session.Dialogue
	for _, l := range d {
		size += len(l.Text)
	}
	if len(d) > maxLines+10 || size > maxTranscript+1024 {
		t.Errorf("%d lines, %d octets", len(d), size)
	}
	if last := d[len(d)-1].Text; last != string(replyKept) {
		t.Errorf("last line %q", last)
	}
}
