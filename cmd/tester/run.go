// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"

	"mailproof/checks"
	"mailproof/config"
	"mailproof/dns"
	"mailproof/rbl"
	"mailproof/render"
	"mailproof/report"
	"mailproof/smtpd"
	"mailproof/store"
	"mailproof/webui"
)

// runDomain is the domain of the address that run gives to its command.
const runDomain = "mailproof.localhost"

// killAfter is how long the command may take to end once it was told to.
const killAfter = 5 * time.Second

type runCmd struct {
	config.Analysis
	ClientIP string   `name:"client-ip" placeholder:"IP" help:"Judge the mail as if this address had sent it, instead of loopback."`
	Helo     string   `placeholder:"NAME" help:"Judge it as if this name had been given, instead of the command's own."`
	Cmd      []string `arg:"" passthrough:"" help:"The command, after --. It finds TESTER_ADDRESS, TESTER_SMTP_HOST and TESTER_SMTP_PORT in its environment."`
}

// Validate is called by kong after parsing.
func (c *runCmd) Validate() error {
	env := config.Envelope{ClientIP: c.ClientIP, Helo: c.Helo}
	return errors.Join(c.Analysis.Validate(), env.Validate())
}

func (c *runCmd) Run(ctx context.Context, s *std) error {
	cmd := c.Cmd
	if len(cmd) > 0 && cmd[0] == "--" {
		cmd = cmd[1:]
	}
	if len(cmd) == 0 {
		return exitWith(exitUsage, "nothing to run: give the command after --")
	}
	svc, changes, err := c.service(ctx, s)
	if err != nil {
		return err
	}
	defer removeAll(svc.cfg.Data, svc.log)
	if err := svc.start(ctx); err != nil {
		return errors.Join(err, svc.stop(killAfter))
	}
	d, err := c.receive(ctx, s, svc, cmd, changes)
	if err := errors.Join(err, svc.stop(killAfter)); err != nil {
		return err
	}
	p, err := printer(c.Lang)
	if err != nil {
		return err
	}
	return show(s, render.New(d, p), p, c.Format, c.Thresholds)
}

// service is an ephemeral server on loopback, its store in a temporary directory.
func (c *runCmd) service(ctx context.Context, s *std) (*service, []dns.Change, error) {
	world, changes, err := worldOf(c.World)
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "mailproof-run-")
	if err != nil {
		return nil, nil, err
	}
	cfg := config.Serve{
		SMTPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Domain: runDomain, Hostname: c.Receiver, Data: dir,
		MaxMessageSize: "35MiB", MaxSessions: 100, MaxSessionsPerClient: 100, MaxMessagesPerTest: 1000,
		MaxTestsPerClient: 60, Retention: "1d",
	}
	log := logger(s, "warn")
	svc, err := assemble(ctx, cfg, setup{
		world: world, checks: checks.Config{RBL: rbl.Config{ClosedWorld: len(c.Zone) > 0}}, log: log, override: c.override(),
	})
	if err != nil {
		removeAll(dir, log)
	}
	return svc, changes, err
}

// override replaces what loopback cannot show by what the flags say.
func (c *runCmd) override() func(*smtpd.Delivery) {
	ip, err := netip.ParseAddr(c.ClientIP)
	now, _ := c.At()
	return func(d *smtpd.Delivery) {
		if err == nil {
			d.Session.ClientIP, d.Session.ClientPort = ip.Unmap(), 0
		}
		if c.Helo != "" {
			d.Session.Helo = c.Helo
		}
		if !now.IsZero() {
			d.ReceivedAt = now
		}
	}
}

// receive runs the command and waits for its mail and for the verdict.
func (c *runCmd) receive(ctx context.Context, s *std, svc *service, cmd []string, changes []dns.Change) (report.Report, error) {
	test := webui.NewTest{Lang: c.Lang}
	if len(changes) > 0 {
		data, err := json.Marshal(changes)
		if err != nil {
			return report.Report{}, err
		}
		test.Overlay.Changes = data
	}
	t, err := svc.desk.CreateTest(ctx, test)
	if err != nil {
		return report.Report{}, err
	}
	if err := c.command(ctx, s, svc, cmd, t.Local+"@"+runDomain); err != nil {
		return report.Report{}, err
	}
	timed, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	return c.verdict(timed, svc, t.ID)
}

// command runs the command with the address in its environment. Its output
// goes to stderr: stdout is for the report alone.
func (c *runCmd) command(ctx context.Context, s *std, svc *service, cmd []string, address string) error {
	host, port, err := net.SplitHostPort(svc.smtpAddr())
	if err != nil {
		return err
	}
	x := exec.CommandContext(ctx, cmd[0], cmd[1:]...)
	x.Env = append(os.Environ(), "TESTER_ADDRESS="+address, "TESTER_SMTP_HOST="+host, "TESTER_SMTP_PORT="+port)
	x.Stdin, x.Stdout, x.Stderr = s.in, s.err, s.err
	x.Cancel = func() error { return x.Process.Signal(os.Interrupt) }
	x.WaitDelay = killAfter
	if err := x.Run(); err != nil {
		return exitWith(exitCmdFailed, "%s: %w", strings.Join(cmd, " "), err)
	}
	return nil
}

// verdict waits until the mail is there and analysed.
func (c *runCmd) verdict(ctx context.Context, svc *service, id string) (report.Report, error) {
	var seen uint64
	for {
		rev, err := svc.desk.Wait(ctx, id, seen)
		if errors.Is(err, context.DeadlineExceeded) {
			return report.Report{}, exitWith(exitNoMessage, "no mail arrived within %v of the end of the command", c.Timeout)
		}
		if err != nil {
			return report.Report{}, exitWith(exitNoVerdict, "wait for the mail: %w", err)
		}
		seen = rev
		t, err := svc.desk.Test(ctx, id)
		if err != nil {
			return report.Report{}, fmt.Errorf("wait for the mail: %w", err)
		}
		if state := t.State(); state == store.Done || state == store.Failed {
			return svc.desk.Report(ctx, id, t.Messages[len(t.Messages)-1].N, 0)
		}
	}
}
