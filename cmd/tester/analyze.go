// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"mailproof/analysis"
	"mailproof/checks"
	"mailproof/config"
	"mailproof/rbl"
	"mailproof/render"
)

// maxMessage is the largest message that analyze reads: as the server's default.
const maxMessage = 35 << 20

type analyzeCmd struct {
	File string `arg:"" help:"File with one raw message, or - for standard input."`
	config.Analysis
	config.Envelope
}

// Validate is called by kong after parsing.
func (c *analyzeCmd) Validate() error {
	return errors.Join(c.Analysis.Validate(), c.Envelope.Validate())
}

func (c *analyzeCmd) Run(ctx context.Context, s *std) error {
	raw, err := readMessage(c.File, s.in)
	if err != nil {
		return err
	}
	world, changes, err := worldOf(c.World)
	if err != nil {
		return err
	}
	now, err := c.At()
	if err != nil {
		return err
	}
	a := analyzer(world, checks.Config{RBL: rbl.Config{ClosedWorld: len(c.Zone) > 0}}, logger(s, "warn"), c.Timeout, nil)
	ev := uploaded(raw, c.Envelope, now, receiver(c.Receiver))
	rep := a.Analyze(ctx, analysis.Job{Evidence: ev, Changes: changes, What: len(changes) > 0})
	if ctx.Err() != nil {
		return exitWith(exitNoVerdict, "interrupted")
	}
	p, err := printer(c.Lang)
	if err != nil {
		return err
	}
	return show(s, render.New(rep, p), p, c.Format, c.Thresholds)
}

// readMessage reads a file or standard input, up to the limit.
func readMessage(path string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxMessage+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	switch {
	case len(raw) > maxMessage:
		return nil, fmt.Errorf("%s: larger than %d octets", path, maxMessage)
	case len(raw) == 0:
		return nil, fmt.Errorf("%s: is empty, not a message", path)
	}
	return raw, nil
}
