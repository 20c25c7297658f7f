// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// loadConns is how many connections send at once: as many as one client may
// have by default.
const loadConns = 200

// A load is many connections that send mails, each to a test of its own. What
// a mail holds follows from its key, so that a stored one can be told from one
// that is cut off or mixed up.
type load struct {
	tests []aTest // one for each connection
	next  atomic.Int64
	mu    sync.Mutex
	kept  map[string]bool // keys that got their 250
}

func newLoad(t *testing.T, p *process) *load {
	t.Helper()
	l := &load{kept: map[string]bool{}}
	for range loadConns {
		l.tests = append(l.tests, p.test(t))
	}
	return l
}

// mailOf is the mail with a key, "CONNECTION.NUMBER": mostly some kilobytes,
// and one in sixteen too large to be kept in the database.
func mailOf(key string) []byte {
	var conn, number uint64
	fmt.Sscanf(key, "%d.%d", &conn, &number)
	r := rand.New(rand.NewPCG(conn, number))
	size := 1000 + r.IntN(20_000)
	if r.IntN(16) == 0 {
		size += 80_000
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: load@clients.example\r\nX-Key: %s\r\n\r\n", key)
	for b.Len() < size {
		fmt.Fprintf(&b, "%016x%016x%016x\r\n", r.Uint64(), r.Uint64(), r.Uint64())
	}
	return b.Bytes()
}

// keyOf is the key in a mail, or "".
func keyOf(mail []byte) string {
	_, rest, _ := bytes.Cut(mail, []byte("X-Key: "))
	key, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return string(key)
}

// run sends on all connections until each has ended, and calls enough once
// when so many mails have got their 250. It returns how each connection ended.
func (l *load) run(t *testing.T, addr string, after int64, enough func()) []farewell {
	t.Helper()
	ends := make([]farewell, loadConns)
	var count atomic.Int64
	var wg sync.WaitGroup
	conns := make([]net.Conn, loadConns)
	for i := range conns { // all of them first: enough may end the server
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		nc.SetDeadline(time.Now().Add(doneBy))
		conns[i] = nc
	}
	for i, nc := range conns {
		wg.Go(func() {
			defer nc.Close()
			ends[i] = l.session(&speaker{nc: nc, r: bufio.NewReader(nc)}, i, func() {
				if count.Add(1) == after {
					enough()
				}
			})
		})
	}
	wg.Wait()
	return ends
}

// farewell is how a session ended: the reply that was not expected, or "" for
// none, and where it came.
type farewell struct {
	reply string
	at    string
	err   error
}

// speaker is the client's end of an SMTP connection.
type speaker struct {
	nc net.Conn
	r  *bufio.Reader
}

// ask sends something and reads the reply. That sending fails is seen when
// nothing can be read, after the reply that says why.
func (s *speaker) ask(text []byte) (string, error) {
	s.nc.Write(text)
	for {
		line, err := s.r.ReadString('\n')
		if err != nil || len(line) < 4 || line[3] != '-' {
			return strings.TrimSpace(line), err
		}
	}
}

// session sends mails to the test of connection i for as long as they are taken.
func (l *load) session(s *speaker, i int, kept func()) farewell {
	step := func(at, want, text string) *farewell {
		reply, err := s.ask([]byte(text))
		if err != nil || !strings.HasPrefix(reply, want) {
			return &farewell{reply, at, err}
		}
		return nil
	}
	for _, c := range [][3]string{{"greeting", "220", ""}, {"EHLO", "250", "EHLO load.clients.example\r\n"}} {
		if end := step(c[0], c[1], c[2]); end != nil {
			return *end
		}
	}
	for {
		for _, c := range [][3]string{
			{"MAIL", "250", "MAIL FROM:<load@clients.example>\r\n"},
			{"RCPT", "250", "RCPT TO:<" + l.tests[i].Address + ">\r\n"},
			{"DATA", "354", "DATA\r\n"},
		} {
			if end := step(c[0], c[1], c[2]); end != nil {
				return *end
			}
		}
		key := fmt.Sprintf("%d.%d", i, l.next.Add(1))
		if end := step("message", "250", string(mailOf(key))+".\r\n"); end != nil {
			return *end
		}
		l.mu.Lock()
		l.kept[key] = true
		l.mu.Unlock()
		kept()
	}
}

// check looks at all that the server has: every mail that got its 250 once,
// each identical to what was sent, nothing else, and every one analysed.
func (l *load) check(t *testing.T, p *process) {
	t.Helper()
	found := map[string]bool{}
	for i, test := range l.tests {
		eventually(t, "every mail is analysed", doneBy, func() bool { return allDone(p.states(t, test.ID)) })
		for _, m := range p.states(t, test.ID).Messages {
			got := p.raw(t, test.ID, fmt.Sprint(m.N))
			key := keyOf(got)
			if found[key] || !strings.HasPrefix(key, fmt.Sprint(i, ".")) {
				t.Errorf("mail %q is there twice or in the wrong place", key)
			}
			found[key] = true
			if m.Status != "done" {
				t.Errorf("mail %s is %s", key, m.Status)
			}
			same(t, got, mailOf(key))
		}
	}
	lost := 0
	for key := range l.kept {
		if !found[key] {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d mails got their 250 and are lost", lost, len(l.kept))
	}
	t.Logf("%d mails got their 250, %d are there", len(l.kept), len(found))
}

func allDone(s states) bool {
	for _, m := range s.Messages {
		if m.Status != "done" && m.Status != "failed" {
			return false
		}
	}
	return true
}
