// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailproof/fixtures"
)

// TestDemo starts the program as a newcomer does: the index answers soon,
// every example gets its report, and nothing crashes on the way.
func TestDemo(t *testing.T) {
	t.Parallel()
	cases, err := fixtures.Load()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(t.TempDir(), "tester")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	began := time.Now()
	cmd := exec.CommandContext(ctx, bin, "demo", "--smtp-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	url := index(t, lines, began)
	for n := 0; n < len(cases) && lines.Scan(); { // a line each, once it has its report
		if strings.Contains(lines.Text(), "/tests/") {
			n++
		}
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "- ") {
			t.Errorf("no report: %s", lines.Text())
		}
	}
	code, page := get(t, url, "text/html")
	for _, c := range cases {
		if code != http.StatusOK || !bytes.Contains(page, []byte(">"+c.Name+"<")) {
			t.Errorf("%d: %s is not in the index", code, c.Name)
		}
	}
	if n := bytes.Count(page, []byte(`</b></td>`)); n != len(cases) {
		t.Errorf("%d scores for %d examples in the index", n, len(cases))
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("end: %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("the demo complains:\n%s", log.String())
	}
}

// index is the URL that the demo prints first; its page must answer within
// five seconds of the start, which is what a newcomer is promised.
func index(t *testing.T, lines *bufio.Scanner, began time.Time) string {
	t.Helper()
	if !lines.Scan() {
		t.Fatal("the demo says nothing")
	}
	url, found := strings.CutPrefix(lines.Text(), "examples: ")
	if !found {
		t.Fatalf("first line: %s", lines.Text())
	}
	code, _ := get(t, url, "text/html")
	if took := time.Since(began); code != http.StatusOK || took > 5*time.Second {
		t.Errorf("the first page: %d after %v", code, took)
	} else {
		t.Logf("the first page answered %v after the start", took.Round(time.Millisecond))
	}
	return url
}
