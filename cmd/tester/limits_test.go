// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	maxMemory = 150 << 20 // octets that the server may hold while it receives
	bigMails  = 64        // at once
	bigMail   = 5 << 20   // octets of each
)

// dial opens a session that has said EHLO.
func dial(t *testing.T, addr string) *speaker {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(doneBy))
	s := &speaker{nc: nc, r: bufio.NewReader(nc)}
	s.must(t, "", "220")
	s.must(t, "EHLO client.example\r\n", "250")
	return s
}

func (s *speaker) must(t *testing.T, text, want string) {
	t.Helper()
	if reply, err := s.ask([]byte(text)); err != nil || !strings.HasPrefix(reply, want) {
		t.Fatalf("%.40q: %q, %v, want %s", text, reply, err, want)
	}
}

// deliver sends one mail and returns the last reply: to the final dot, or to
// what was refused before.
func (s *speaker) deliver(to string, mail []byte) (string, error) {
	for _, c := range [][2]string{{"MAIL FROM:<a@clients.example>", "250"}, {"RCPT TO:<" + to + ">", "250"}, {"DATA", "354"}} {
		if reply, err := s.ask([]byte(c[0] + "\r\n")); err != nil || !strings.HasPrefix(reply, c[1]) {
			return reply, err
		}
	}
	return s.ask(append(mail[:len(mail):len(mail)], ".\r\n"...))
}

// attachment is a mail of about size octets that cannot be made smaller.
func attachment(size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@clients.example\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for b.Len() < size {
		for range 76 {
			b.WriteByte(digits[rand.IntN(len(digits))])
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// anonymous is the memory of a process that is no file's, in octets.
func anonymous(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		missing(t, "/proc")
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		missing(t, "RssAnon in /proc")
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// TestMemoryUnderBigMails: 64 connections send 5 MB each, and the server stays
// small, until the last of them is analysed.
func TestMemoryUnderBigMails(t *testing.T) {
	p := serving(t, filepath.Join(t.TempDir(), "data"))
	mail := attachment(bigMail)
	tests := make([]aTest, bigMails)
	speakers := make([]*speaker, bigMails)
	for i := range bigMails {
		tests[i], speakers[i] = p.test(t), dial(t, p.smtp)
	}
	var left atomic.Int64
	left.Store(bigMails)
	var wg sync.WaitGroup
	for i := range bigMails {
		wg.Go(func() {
			defer left.Add(-1)
			if reply, err := speakers[i].deliver(tests[i].Address, mail); err != nil || !strings.HasPrefix(reply, "250") {
				t.Errorf("mail %d: %q, %v", i, reply, err)
			}
		})
	}
	var receiving, analysing int64
	eventually(t, "all mails are received", doneBy, func() bool {
		receiving = max(receiving, anonymous(t, p.cmd.Process.Pid))
		return left.Load() == 0
	})
	wg.Wait()
	for _, test := range tests {
		eventually(t, "all mails are analysed", doneBy, func() bool {
			analysing = max(analysing, anonymous(t, p.cmd.Process.Pid))
			return allDone(p.states(t, test.ID))
		})
	}
	t.Logf("RssAnon: %d MB while receiving, %d MB while analysing", receiving>>20, analysing>>20)
	if most := max(receiving, analysing); most > maxMemory {
		t.Errorf("the server took %d MB, more than %d", most>>20, maxMemory>>20)
	}
	p.stop(t)
}

// TestNothingIsLeftOfSessions: connections that came and went leave no
// descriptor open.
func TestNothingIsLeftOfSessions(t *testing.T) {
	t.Parallel()
	p := serving(t, filepath.Join(t.TempDir(), "data"))
	fds := func() int {
		list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
		if err != nil {
			missing(t, "/proc")
		}
		return len(list)
	}
	before := fds()
	for range 5 {
		var open []*speaker
		for range 100 {
			open = append(open, dial(t, p.smtp))
		}
		for _, s := range open {
			s.nc.Close()
		}
	}
	eventually(t, "descriptors are closed", startBy, func() bool { return fds() <= before })
	p.stop(t)
}

// TestFullDisk: on a disk without room mail is put off and reading goes on;
// what expires makes room, and the service is back without anybody's help.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	root(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m,mode=0700"); err != nil {
		missing(t, "the right to mount")
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	p := serving(t, filepath.Join(dir, "data"), "--retention", "6s")
	test := p.test(t)
	s := dial(t, p.smtp)
	mail := attachment(300 << 10)
	var reply string
	var err error
	kept := 0
	for {
		if reply, err = s.deliver(test.Address, mail); err != nil || !strings.HasPrefix(reply, "250") {
			break
		}
		kept++
	}
	if err != nil || !strings.HasPrefix(reply, "452 4.3.1") || kept == 0 {
		t.Fatalf("after %d mails: %q, %v, want 452", kept, reply, err)
	}
	same(t, p.raw(t, test.ID, "1"), mail)
	same(t, p.raw(t, test.ID, strconv.Itoa(kept)), mail)
	var again aTest
	eventually(t, "expiry makes room", time.Minute, func() bool {
		again, err = p.create(t.Context(), "", "en")
		if err != nil {
			return false
		}
		reply, err = dial(t, p.smtp).deliver(again.Address, mail)
		return err == nil && strings.HasPrefix(reply, "250")
	})
	same(t, p.raw(t, again.ID, "1"), mail)
	p.report(t, again.ID)
	if res, err := http.Get(p.Server + "/api/v1/tests/" + test.ID); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("the expired test: %v, %v", res.Status, err)
	}
	p.stop(t)
}
