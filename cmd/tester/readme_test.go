// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mailproof/config"
	"mailproof/scoring"
)

var readmes = []string{"README.md", "README.zh-CN.md"}

func readme(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shellBlock is a fenced block of shell, indented or not.
var shellBlock = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$")

// readmeScript is the block that the README says is run here.
func readmeScript(t *testing.T, name string) string {
	t.Helper()
	_, after, found := strings.Cut(readme(t, name), "readme_test.go runs the next block as it stands. -->")
	block := shellBlock.FindStringSubmatch(after)
	if !found || block == nil {
		t.Fatalf("%s has no script", name)
	}
	if lines := strings.Count(block[1], "\n"); lines != 5 {
		t.Fatalf("the five lines of %s are %d", name, lines)
	}
	return block[1]
}

// A good mail passes the script of the README, the same mail from a server
// that is not its domain's ends it, before it says that all is well.
func TestReadmeScript(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	program := "#!/bin/sh\n[ \"$1\" = --to ] && exec mailer send \"$MAILER_SERVER\" \"$2\" $MAILER_CLIENT\n"
	if err := os.WriteFile(filepath.Join(bin, "send-newsletter"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	goBuild(t, filepath.Join(bin, "tester"), ".")
	goBuild(t, filepath.Join(bin, "mailer"), "./testdata/mailer")
	smtp, web := serveReadme(t, bin)
	for _, name := range readmes {
		text := readmeScript(t, name)
		for client, want := range map[string]int{"": exitOK, "203.0.113.99": exitThreshold} {
			t.Run(name+"/"+client, func(t *testing.T) {
				t.Parallel()
				cmd := exec.CommandContext(t.Context(), "sh", "-c", text)
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TESTER_SERVER="+web,
					"MAILER_SERVER="+smtp, "MAILER_CLIENT="+client)
				out, err := cmd.CombinedOutput()
				code, happy := codeOf(t, err), bytes.Contains(out, []byte("good to go"))
				if code != want || happy != (want == exitOK) {
					t.Errorf("exits with %d, want %d:\n%s", code, want, out)
				}
			})
		}
	}
}

func codeOf(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit == nil {
		return 0
	}
	return exit.ExitCode()
}

func goBuild(t *testing.T, out, pkg string) {
	t.Helper()
	if msg, err := exec.CommandContext(t.Context(), "go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, msg)
	}
}

// serveReadme runs tester serve in the world of the perfect fixture until the
// test ends, and returns where it receives mail and shows pages.
func serveReadme(t *testing.T, bin string) (smtp, web string) {
	t.Helper()
	dir := t.TempDir()
	zone, err := exec.CommandContext(t.Context(), filepath.Join(bin, "mailer"), "zone").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dns.zone"), zone, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background()) // t's ends before its cleanups
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "tester"), "serve", "--smtp-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0",
		"--data", filepath.Join(dir, "data"), "--zone", filepath.Join(dir, "dns.zone"), "--proxy-from", "127.0.0.0/8")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the server ends with: %v", err)
		}
	})
	if _, err := fmt.Fscanf(out, "smtp: %s\nweb: %s\n", &smtp, &web); err != nil {
		t.Fatal(err)
	}
	return smtp, web
}

// Every command line of ours in the READMEs is one that the program takes, and
// both languages show the same ones.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	var all [][]string
	for _, name := range readmes {
		var lines []string
		for _, block := range shellBlock.FindAllStringSubmatch(readme(t, name), -1) {
			for line := range strings.Lines(block[1]) {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		all = append(all, lines)
	}
	if !slices.Equal(all[0], all[1]) {
		t.Errorf("the READMEs show different commands:\n%q\n%q", all[0], all[1])
	}
	ours := regexp.MustCompile(`^(?:tester|go run ./cmd/tester) (.*)`)
	word := regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
	tried := 0
	for _, line := range all[0] {
		m := ours.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, "$(") { // those of the script are run
			continue
		}
		tried++
		parser, err := newParser(&commands{}, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(word.FindAllString(m[1], -1)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if tried < 7 {
		t.Errorf("only %d commands found", tried)
	}
}

// The tables of the READMEs are the program's: sections with their limits, and
// exit codes.
func TestReadmeTables(t *testing.T) {
	t.Parallel()
	for _, name := range readmes {
		text := readme(t, name)
		for _, s := range scoring.DefaultPolicy().Sections {
			if row := fmt.Sprintf("| %s | %d.%d |", s.ID, s.Tenths/10, s.Tenths%10); !strings.Contains(text, row) {
				t.Errorf("%s lacks %q", name, row)
			}
		}
		for code := exitOK; code <= exitCmdFailed; code++ {
			if row := fmt.Sprintf("\n| %d | ", code); !strings.Contains(text, row) {
				t.Errorf("%s lacks exit code %d", name, code)
			}
		}
	}
}

// The example configuration of deploy is one that serve takes.
func TestDeployedConfiguration(t *testing.T) {
	t.Parallel()
	var cmds commands
	parser, err := newParser(&cmds, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--config", filepath.Join("..", "..", "deploy", "mailproof.json")}); err != nil {
		t.Fatal(err)
	}
	if got := cmds.Serve.Serve; got.SMTPAddr != ":25" || got.Domain != "test.example.org" || !slices.Equal(got.Resolver, []string{"127.0.0.1:53"}) {
		t.Errorf("read as %+v", got)
	}
	if err := (&config.Serve{}).Validate(); err == nil {
		t.Error("an empty configuration is valid, so this test shows nothing")
	}
}
