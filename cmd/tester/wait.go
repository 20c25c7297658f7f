// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"

	"mailproof/config"
)

type waitCmd struct {
	ID string `arg:"" help:"Id of the test, as tester new prints it."`
	config.Client
	config.Reading
}

// Validate is called by kong after parsing.
func (c *waitCmd) Validate() error { return c.Reading.Validate() }

func (c *waitCmd) Run(ctx context.Context, s *std) error {
	cl, err := newClient(c.Client)
	if err != nil {
		return err
	}
	p, err := printer(c.Lang)
	if err != nil {
		return err
	}
	timed, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	t, err := cl.wait(timed, c.ID, c.Lang)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && timed.Err() != nil:
		return exitWith(exitNoMessage, "no finished report within %v", c.Timeout)
	case err != nil:
		return err
	case t.Report == nil:
		return exitWith(exitNoVerdict, "the analysis could not be done; see the page of the test")
	}
	return show(s, *t.Report, p, c.Format, c.Thresholds)
}
