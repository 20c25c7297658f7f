// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"mailproof/evidence"
	"mailproof/fixtures"
)

// A site is the program at work in this process, so that the race detector
// sees it, with its real listeners.
type site struct {
	web, smtp string
	log       *logBuffer
}

// logBuffer is written by the program and read by the test.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startSite runs a command that prints where it listens. When the test ends
// the program must end well, without a crashed check in its log.
func startSite(t *testing.T, args ...string) *site {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	read, write := io.Pipe()
	s := &site{log: &logBuffer{}}
	ended := make(chan int, 1)
	args = append(args, "--smtp-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0")
	go func() {
		ended <- run(ctx, args, strings.NewReader(""), write, s.log)
		write.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitOK {
			t.Errorf("%s ended with %d", args[0], code)
		}
		if strings.Contains(s.log.String(), "crashed") {
			t.Errorf("log of %s:\n%s", args[0], s.log)
		}
	})
	lines := bufio.NewScanner(read)
	for (s.web == "" || s.smtp == "") && lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "web":
			s.web = value
		case "smtp":
			s.smtp = value
		}
	}
	if s.web == "" || s.smtp == "" {
		t.Fatalf("%s does not say where it listens:\n%s", args[0], s.log)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return s
}

// newTest makes a test by the API.
func (s *site) newTest(t *testing.T, label string) aTest {
	t.Helper()
	body, err := json.Marshal(map[string]string{"label": label})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(s.web+"/api/v1/tests", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made aTest
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("new test: %s, %v", res.Status, err)
	}
	return made
}

// done waits for the verdict of a test.
func (s *site) done(t *testing.T, id string) {
	t.Helper()
	for range 4 {
		code, body := get(t, s.web+"/api/v1/tests/"+id+"?wait=30s", "")
		if code == http.StatusOK && bytes.Contains(body, []byte(`"status":"done"`)) {
			return
		}
	}
	t.Fatal("no verdict")
}

func get(t *testing.T, url, accept string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// send delivers a mail as a stranger's server would.
func (s *site) send(t *testing.T, to string, d fixtures.Delivery) {
	t.Helper()
	if err := fixtures.Send(t.Context(), s.smtp, to, d); err != nil {
		t.Fatal(err)
	}
}

// good is a delivery with nothing wrong, for the DNS of the demo.
func good(t *testing.T) fixtures.Delivery {
	t.Helper()
	cases, err := fixtures.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == "perfect" {
			d, err := c.Build(time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatal("no perfect example")
	return fixtures.Delivery{}
}

// bad is the same mail from a strange address, changed after signing: SPF,
// DKIM and DMARC fail, and the address has no name.
func bad(t *testing.T) fixtures.Delivery {
	t.Helper()
	d := good(t)
	d.Raw = bytes.Replace(d.Raw, []byte("tomorrow"), []byte("on Friday"), 1)
	d.Session.ClientIP = d.Session.ClientIP.Next()
	d.Session.TLS, d.Session.Helo = nil, "localhost"
	return d
}

// by is a hand-made client from the address of the session; it stands after
// 354 and can send the mail, or break off.
func (s *site) by(t *testing.T, to string, from evidence.Session) *textproto.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.smtp)
	if err != nil {
		t.Fatal(err)
	}
	c := textproto.NewConn(conn)
	t.Cleanup(func() { _ = c.Close() })
	for _, step := range []struct {
		line string
		want int
	}{
		{"PROXY TCP4 " + from.ClientIP.String() + " 192.0.2.25 40000 25", 220},
		{"EHLO " + from.Helo, 250}, {"MAIL FROM:<" + from.MailFrom + ">", 250}, {"RCPT TO:<" + to + ">", 250}, {"DATA", 354},
	} {
		if err := c.PrintfLine("%s", step.line); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.ReadResponse(step.want); err != nil {
			t.Fatalf("%s: %v", step.line, err)
		}
	}
	return c
}
