// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"mailproof/fixtures"
)

// TestScripts runs the commands as people and scripts do: what stands on
// stdout and stderr, and which code they exit with. In every script's
// directory are the examples perfect and spf-fail as NAME.eml and NAME.zone.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/scripts",
		RequireExplicitExec: true,
		Setup:               withMails,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":   exitCode,
			"grepto": grepTo,
			"serve":  func(ts *testscript.TestScript, _ bool, args []string) { serveFor(t, ts, args) },
		},
	})
}

// withMails writes two fixtures into the directory of a script.
func withMails(e *testscript.Env) error {
	e.Setenv("NOW", fixtures.Now.Format("2006-01-02T15:04:05Z07:00"))
	cases, err := fixtures.Load()
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.Name != "perfect" && c.Name != "spf-fail" {
			continue
		}
		d, err := c.Build(fixtures.Now)
		if err != nil {
			return err
		}
		for ext, data := range map[string][]byte{".eml": d.Raw, ".zone": []byte(c.ZoneText())} {
			if err := os.WriteFile(filepath.Join(e.WorkDir, c.Name+ext), data, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// exitCode is "code N PROGRAM ARGS...": it must exit with exactly that code.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// grepTo is "grepto NAME REGEXP FILE": what the group matches, as a variable.
func grepTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: grepto NAME REGEXP FILE")
	}
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile(args[2]))
	if len(found) != 2 {
		ts.Fatalf("%s: no match", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// serveFor is "serve FLAGS...": a server until the end, its URL in
// TESTER_SERVER, where it takes mail in TESTER_SMTP_HOST and TESTER_SMTP_PORT.
func serveFor(t *testing.T, ts *testscript.TestScript, args []string) {
	for i, arg := range args {
		if strings.HasSuffix(arg, ".zone") {
			args[i] = ts.MkAbs(arg)
		}
	}
	p := serving(t, ts.MkAbs("data"), args...)
	host, port, err := net.SplitHostPort(p.smtp)
	ts.Check(err)
	ts.Setenv("TESTER_SERVER", p.Server)
	ts.Setenv("TESTER_SMTP_HOST", host)
	ts.Setenv("TESTER_SMTP_PORT", port)
}

// sendFile is "sendfile FILE [ADDRESS]", what an application under test does:
// it sends a mail to TESTER_ADDRESS.
func sendFile() {
	mail, err := os.ReadFile(os.Args[1])
	if err == nil {
		to := os.Getenv("TESTER_ADDRESS")
		if len(os.Args) > 2 {
			to = os.Args[2]
		}
		addr := net.JoinHostPort(os.Getenv("TESTER_SMTP_HOST"), os.Getenv("TESTER_SMTP_PORT"))
		err = sendPlain(addr, to, mail)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sendfile:", err)
		os.Exit(1)
	}
	fmt.Println("sent")
}

func sendPlain(addr, to string, mail []byte) error {
	c, err := smtp.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := errors.Join(c.Hello("mail.perfect.example"), c.Mail("bounce@perfect.example"), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write(mail)
	return errors.Join(err, w.Close(), c.Quit())
}
