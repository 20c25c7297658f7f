// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mailproof/config"
)

const (
	startBy = 30 * time.Second // for a process to say that it is ready: two busy cores and the race detector
	endBy   = 40 * time.Second // for a process to end: the program's own grace and a little
	doneBy  = 90 * time.Second // for reports to be there
)

// A process is the compiled program, serving.
type process struct {
	*client
	smtp string // HOST:PORT
	cmd  *exec.Cmd
	log  *buffer
	rest chan struct{} // closed when its output has ended
}

// buffer collects what a process writes.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// serving starts the server on free ports of loopback. Its DNS is a zone, by
// default one without any name; its data are in dir.
func serving(t *testing.T, dir string, flags ...string) *process {
	t.Helper()
	if !strings.Contains(strings.Join(flags, " "), "--zone") {
		flags = append(flags, "--zone", write(t, "empty.zone", "$TTL 60\nnothing.example. A 192.0.2.1\n"))
	}
	args := append([]string{"serve", "--smtp-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0", "--data", dir, "--log-level", "warn"}, flags...)
	return launch(t, exec.Command(binary(t), args...))
}

// launch starts a serving command and reads its two ready lines.
func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, log: &buffer{}, rest: make(chan struct{})}
	cmd.Stderr = p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", cmd.Args, p.log)
		}
	})
	late := time.AfterFunc(startBy, func() { cmd.Process.Kill() })
	defer late.Stop()
	ready := map[string]string{}
	lines := bufio.NewScanner(out)
	for len(ready) < 2 && lines.Scan() {
		what, where, _ := strings.Cut(lines.Text(), ": ")
		ready[what] = where
	}
	if ready["smtp"] == "" || ready["web"] == "" {
		t.Fatalf("no ready lines but %v; stderr:\n%s", ready, p.log)
	}
	go func() { io.Copy(io.Discard, out); close(p.rest) }()
	p.smtp = ready["smtp"]
	if p.client, err = newClient(config.Client{Server: ready["web"]}); err != nil {
		t.Fatal(err)
	}
	return p
}

// end sends a signal, waits for the end and returns the exit code, -1 where a
// signal was the end.
func (p *process) end(t *testing.T, sig os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(endBy, func() { p.cmd.Process.Kill() })
	defer late.Stop()
	<-p.rest
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// create makes a test on the server.
func (p *process) test(t *testing.T) aTest {
	t.Helper()
	made, err := p.create(t.Context(), "", "en")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// get is the body of an answer, which must be 200.
func (p *process) get(t *testing.T, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Server+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v: %s", path, res.Status, err, body)
	}
	return body
}

// raw is a message as the API gives it back.
func (p *process) raw(t *testing.T, id, n string) []byte {
	t.Helper()
	return p.get(t, "/api/v1/tests/"+id+"/messages/"+n+"/raw")
}

// states is a test with what became of each of its messages.
type states struct {
	Status   string `json:"status"`
	Messages []struct {
		N      int    `json:"n"`
		Status string `json:"status"`
		Size   int64  `json:"size"`
	} `json:"messages"`
}

func (p *process) states(t *testing.T, id string) (s states) {
	t.Helper()
	if err := json.Unmarshal(p.get(t, "/api/v1/tests/"+id), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// report waits for the report of the newest message.
func (p *process) report(t *testing.T, id string) aTest {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), doneBy)
	defer cancel()
	got, err := p.wait(ctx, id, "en")
	if err != nil || got.Status != "done" || got.Report == nil {
		t.Fatalf("test is %q, %v", got.Status, err)
	}
	return got
}

// eventually asks again and again, for what another process does in its own
// time and tells nobody.
func eventually(t *testing.T, what string, within time.Duration, ok func() bool) {
	t.Helper()
	late := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s: not within %v", what, within)
		}
	}
}

// write makes a file with a text and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stop ends the server as an operator does; it must end well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if code := p.end(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("after SIGTERM the exit code is %d, not 0", code)
	}
}
