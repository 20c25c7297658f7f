// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"

	"mailproof/checks"
	"mailproof/config"
	"mailproof/rbl"
)

type serveCmd struct {
	Config kong.ConfigFlag `name:"config" placeholder:"FILE" help:"Read flags from this JSON file (names without --); flags and environment win."`
	config.Serve
}

// Validate is called by kong after parsing.
func (c *serveCmd) Validate() error { return c.Serve.Validate() }

func (c *serveCmd) Run(ctx context.Context, s *std) error {
	tuneMemory()
	world, err := resolver(c.Resolver, c.Zone)
	if err != nil {
		return err
	}
	svc, err := assemble(ctx, c.Serve, setup{
		world: world, checks: checks.Config{RBL: rbl.Config{ClosedWorld: len(c.Zone) > 0}}, log: logger(s, c.LogLevel), probe: true,
	})
	if err != nil {
		return err
	}
	if err := svc.start(ctx); err != nil {
		return errors.Join(err, svc.stop(c.Grace))
	}
	fmt.Fprintf(s.out, "smtp: %s\nweb: %s\n", svc.smtpAddr(), svc.webURL())
	return svc.untilDone(ctx, c.Grace)
}

// untilDone waits for the end of ctx or of a server, and stops the service.
func (svc *service) untilDone(ctx context.Context, grace time.Duration) error {
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-svc.failed:
	}
	return errors.Join(failed, svc.stop(grace))
}
