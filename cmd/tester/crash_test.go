// SPDX-License-Identifier: MIT

package main

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// crashes is how often the server is killed in one test.
const crashes = 10

// TestKilledUnderLoad: what got its 250 survives kill -9, and nothing that did
// not come to its end is there.
func TestKilledUnderLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := serving(t, dir)
	l := newLoad(t, p)
	for range crashes {
		l.run(t, p.smtp, 50+rand.Int64N(250), func() { p.end(t, syscall.SIGKILL) })
		p = serving(t, dir)
	}
	l.check(t, p)
	p.stop(t)
}

// TestTerminatedUnderLoad: a server that is told to stop takes the mails that
// are on their way, and says goodbye to everybody.
func TestTerminatedUnderLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := serving(t, dir)
	l := newLoad(t, p)
	for range 2 {
		code := make(chan int, 1)
		ends := l.run(t, p.smtp, 500, func() {
			go func() { code <- p.end(t, syscall.SIGTERM) }()
		})
		for i, e := range ends {
			if e.at == "message" || !strings.HasPrefix(e.reply, "421 ") {
				t.Errorf("session %d was cut at %s: %q, %v", i, e.at, e.reply, e.err)
			}
		}
		if c := <-code; c != exitOK {
			t.Errorf("the exit code is %d", c)
		}
		p = serving(t, dir)
	}
	l.check(t, p)
	p.stop(t)
}
