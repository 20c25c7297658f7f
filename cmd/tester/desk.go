// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"mailproof/analysis"
	"mailproof/config"
	"mailproof/dns"
	"mailproof/report"
	"mailproof/store"
	"mailproof/testaddr"
	"mailproof/webui"
)

// desk is what the pages and the API ask: it only puts store, analyzer and
// progress together.
type desk struct {
	store     store.Store
	analyzer  *analysis.Analyzer
	progress  *analysis.Progress
	retention time.Duration
	receiver  string
}

func (d *desk) CreateTest(ctx context.Context, n webui.NewTest) (store.Test, error) {
	overlay, err := overlayText(n.Overlay)
	if err != nil {
		return store.Test{}, err
	}
	now := time.Now()
	t := store.Test{
		ID: testaddr.MintID(), Local: testaddr.Mint(), Label: n.Label, Lang: n.Lang, Overlay: overlay,
		CreatedAt: now, ExpiresAt: now.Add(d.retention),
	}
	if err := d.store.CreateTest(ctx, t); err != nil {
		return store.Test{}, err
	}
	return d.store.Test(ctx, t.ID)
}

// overlayText is the overlay as the store keeps it, once it is known to parse.
func overlayText(o webui.Overlay) (string, error) {
	if o.Empty() {
		return "", nil
	}
	raw := o.Text
	if raw == "" {
		raw = string(o.Changes)
	}
	if _, err := dns.ParseChanges([]byte(raw)); err != nil {
		return "", fmt.Errorf("%w: overlay: %w", webui.ErrInput, err)
	}
	return raw, nil
}

func (d *desk) Test(ctx context.Context, id string) (store.Test, error) { return d.store.Test(ctx, id) }

func (d *desk) Wait(ctx context.Context, id string, seen uint64) (uint64, error) {
	return d.store.Wait(ctx, id, seen)
}

func (d *desk) DeleteTest(ctx context.Context, id string) error { return d.store.DeleteTest(ctx, id) }

func (d *desk) Report(ctx context.Context, id string, n, rev int) (report.Report, error) {
	return d.store.Report(ctx, id, n, rev)
}

func (d *desk) Raw(ctx context.Context, id string, n int) (io.ReadCloser, int64, error) {
	return d.store.Raw(ctx, id, n)
}

func (d *desk) Progress(ctx context.Context, id string) <-chan webui.Progress {
	events, stop := d.progress.Watch(id)
	out := make(chan webui.Progress)
	go func() {
		defer close(out)
		defer stop()
		for {
			select {
			case e := <-events:
				select {
				case out <- webui.Progress{N: e.N, Done: e.Done, Total: e.Total, Check: e.Check}:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (d *desk) Reanalyze(ctx context.Context, id string, n int) error {
	return d.store.Requeue(ctx, id, n)
}

func (d *desk) WhatIf(ctx context.Context, id string, n int, o webui.Overlay) (report.Report, error) {
	raw, err := overlayText(o)
	if err != nil {
		return report.Report{}, err
	}
	changes, err := dns.ParseChanges([]byte(raw))
	if err != nil {
		return report.Report{}, fmt.Errorf("%w: overlay: %w", webui.ErrInput, err)
	}
	last, err := d.store.Report(ctx, id, n, 0)
	if err != nil {
		return report.Report{}, err
	}
	ev, err := d.store.Evidence(ctx, id, n)
	if err != nil {
		return report.Report{}, err
	}
	recorded := last.DNS
	if recorded == nil {
		recorded = []dns.Exchange{} // nothing was asked: nothing is known
	}
	rep := d.analyzer.Analyze(ctx, analysis.Job{Evidence: ev, Recorded: recorded, Changes: changes, What: true})
	rep.TestID, rep.Message, rep.Revision = id, n, last.Revision
	return rep, nil
}

func (d *desk) Analyze(ctx context.Context, u webui.Upload) (report.Report, error) {
	env := config.Envelope{
		ClientIP: u.ClientIP, Helo: u.Helo, MailFrom: u.MailFrom, RcptTo: u.RcptTo, TLS: u.TLS, NoRecover: u.NoRecover,
	}
	if err := env.Validate(); err != nil {
		return report.Report{}, fmt.Errorf("%w: %w", webui.ErrInput, err)
	}
	changes, err := dns.ParseChanges([]byte(u.Overlay))
	if err != nil {
		return report.Report{}, fmt.Errorf("%w: overlay: %w", webui.ErrInput, err)
	}
	ev := uploaded(u.Raw, env, time.Time{}, d.receiver)
	return d.analyzer.Analyze(ctx, analysis.Job{Evidence: ev, Changes: changes, What: len(changes) > 0}), nil
}

// Ready says why no mail could be taken safely now.
func (d *desk) Ready(ctx context.Context) error {
	if err := d.store.Probe(ctx); err != nil {
		return errors.New("the store takes nothing now")
	}
	return nil
}
