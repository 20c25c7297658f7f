// SPDX-License-Identifier: MIT

package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestShutdownFinishesOpenDATAAndTells421ToTheIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		idle, busy := w.ready(), w.ready()
		busy.envelope()
		busy.send("first half, ")
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- w.srv.Shutdown(context.Background()) }()
		idle.want("421 4.3.2")
		idle.gone()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatal("shutdown did not wait: ", err)
		default:
		}
		busy.cmd("second half\r\n.", "250 2.6.0")
		busy.want("421 4.3.2")
		if err := <-done; err != nil {
			t.Error(err)
		}
		if m := w.inbox.mails(); len(m) != 1 || string(m[0].raw) != "first half, second half\r\n" {
			t.Errorf("%d mails", len(m))
		}
	})
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		c := w.ready()
		c.envelope()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		c.gone()
		synctest.Wait()
		w.inbox.wantAttempt(t, "a", reasonBrokenOff, "")
	})
}

func TestACrashOfTheInboxEndsOneSessionOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.inbox.during = func() { panic("boom") }
	c := w.ready()
	c.envelope()
	if got := c.cmd("x\r\n.", "421 4.3.0"); strings.Contains(got, "boom") {
		t.Errorf("reply %q", got)
	}
	c.gone()
	w.inbox.during = nil
	c = w.ready()
	c.envelope()
	c.cmd("x\r\n.", "250")
}

// TestFiveHundredConnectionsLeaveNothingBehind does not run beside other tests:
// it counts goroutines and descriptors of the process.
func TestFiveHundredConnectionsLeaveNothingBehind(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inbox := newInbox("a")
	srv := New(Options{Hostname: "mx.test.example", Domains: []string{"test.example"}, Inbox: inbox,
		Limits: Limits{SessionsPerClient: 500}})
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(t.Context(), l) }()
	var wg sync.WaitGroup
	for i := range 500 {
		wg.Go(func() {
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			c := &client{nc, t, bufio.NewReader(nc)}
			c.want("220")
			c.cmd("EHLO c.example", "250")
			switch i % 3 {
			case 0:
				c.envelope()
				c.cmd("x\r\n.", "250")
			case 1:
				c.envelope()
			}
		})
	}
	wg.Wait()
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if n := len(inbox.mails()); n != 167 {
		t.Errorf("%d mails", n)
	}
	for until := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(until); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before\n%s", n, goroutines, buf[:runtime.Stack(buf, true)])
	}
	if n := openFiles(t); n >= files { // the listener is closed too
		t.Errorf("%d descriptors, %d before", n, files)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(d)
}

// BenchmarkIngest: 64 connections on loopback, messages of 2 KB, an Inbox in
// memory that keeps nothing.
func BenchmarkIngest(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := New(Options{Hostname: "mx.test.example", Domains: []string{"test.example"}, Inbox: forgetful{newInbox("a")}})
	go srv.Serve(b.Context(), l)
	defer srv.Shutdown(b.Context())
	text := append(bytes.Repeat([]byte("a line of a message, as long as most are in practice, with an end\r\n"), 30), ".\r\n"...)
	steps := [][]byte{[]byte("MAIL FROM:<f@c.example>\r\n"), []byte("RCPT TO:<a@test.example>\r\n"), []byte("DATA\r\n"), text}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	jobs := make(chan struct{}, 64)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { benchClient(b, l.Addr().String(), steps, jobs) })
	}
	for b.Loop() {
		jobs <- struct{}{}
	}
	close(jobs)
	wg.Wait()
}

func benchClient(b *testing.B, addr string, steps [][]byte, jobs chan struct{}) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Error(err)
		return
	}
	defer nc.Close()
	r := bufio.NewReader(nc)
	r.ReadSlice('\n')
	nc.Write([]byte("HELO c.example\r\n"))
	r.ReadSlice('\n')
	for range jobs {
		for _, s := range steps {
			nc.Write(s)
			if l, err := r.ReadSlice('\n'); err != nil || l[0] > '3' {
				b.Errorf("%q, %v", l, err)
			}
		}
	}
}

// forgetful keeps nothing.
type forgetful struct{ *memInbox }

func (f forgetful) Spool(context.Context) (Spool, error)           { return nowhere{}, nil }
func (f forgetful) Deliver(context.Context, Delivery, Spool) error { return nil }

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Discard()                    {}
