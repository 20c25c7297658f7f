// SPDX-License-Identifier: MIT

package analysis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/scoring"
	"mailproof/store"
)

// Failed reasons of a report; texts are "failed.<reason>".
const (
	crashedTwice = "crashed-twice"
	unreadable   = "unreadable"
)

// maxMarks is how often an analysis may be cut short by the end of the process
// before its message is taken to be the cause.
const maxMarks = 2

// retryPause is how long a worker waits when the store cannot keep a report,
// because the disk is full, before it tries again.
const retryPause = 2 * time.Second

// A Worker works through the backlog of a store.
type Worker struct {
	Store    store.Store
	Analyzer *Analyzer
	Progress *Progress
	Workers  int                         // analyses at once, most of them waiting
	Yield    func(context.Context) error // waits while receiving mail needs the machine; may be nil
	Log      *slog.Logger

	room  room
	slots chan struct{} // analyses that compute, or may be about to
}

// slotTime is how long an analysis may take before it is thought to wait for
// slow name servers: its slot goes to the next one then. So few compute at
// once, and a handful of mails whose name servers never answer hold up nobody.
const slotTime = 250 * time.Millisecond

// Run works until ctx ends. What was begun then is given back to the backlog.
func (w *Worker) Run(ctx context.Context) {
	w.slots = make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for range w.Workers {
		wg.Go(func() { w.loop(ctx) })
	}
	wg.Wait()
}

func (w *Worker) loop(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.next(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("analysis not stored", "err", err)
			pause(ctx, retryPause)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// next takes one message off the backlog, waiting for it if there is none.
func (w *Worker) next(ctx context.Context) error {
	if w.Yield != nil {
		if err := w.Yield(ctx); err != nil {
			return err
		}
	}
	free, err := w.slot(ctx)
	if err != nil {
		return err
	}
	defer free()
	lease, err := w.Store.Claim(ctx)
	if errors.Is(err, store.ErrNoWork) {
		free()
		return w.Store.WaitWork(ctx)
	}
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	rep, err := w.analyze(ctx, lease)
	if errors.Is(err, store.ErrNotFound) {
		return nil // deleted or expired meanwhile
	}
	if err == nil {
		err = w.Store.Finish(ctx, lease, rep)
	}
	if errors.Is(err, store.ErrLeaseLost) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return errors.Join(err, w.Store.Release(context.WithoutCancel(ctx), lease))
	}
	return nil
}

// slot waits for a slot and returns what frees it, if its time has not.
func (w *Worker) slot(ctx context.Context) (free func(), err error) {
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release := sync.OnceFunc(func() { <-w.slots })
	timer := time.AfterFunc(slotTime, release)
	return func() { timer.Stop(); release() }, nil
}

func (w *Worker) analyze(ctx context.Context, lease store.Lease) (report.Report, error) {
	give, err := w.room.take(ctx, lease.Size)
	if err != nil {
		return report.Report{}, err
	}
	defer give()
	ev, err := w.Store.Evidence(ctx, lease.TestID, lease.N)
	if w.lost(ctx, lease, err) {
		w.Log.Error("message cannot be read, not tried again", "err", err)
		return w.failed(evidence.Evidence{ReceivedAt: w.Analyzer.Clock()}, unreadable), nil
	}
	if err != nil {
		return report.Report{}, err
	}
	if lease.Again >= maxMarks {
		w.Log.Error("message ended the process twice, not tried again")
		return w.failed(ev, crashedTwice), nil
	}
	changes, err := dns.ParseChanges([]byte(lease.Overlay))
	if err != nil {
		return report.Report{}, fmt.Errorf("overlay of the test: %w", err) // it was checked when the test was made
	}
	tell, end := w.Progress.begin(lease.TestID, lease.N)
	defer end()
	rep := w.Analyzer.Analyze(ctx, Job{Evidence: ev, Changes: changes, Progress: tell})
	return rep, ctx.Err()
}

// lost reports whether err means that the message is damaged on disk, or gone
// from it though nobody deleted it. Trying again would keep all that is behind
// it on the backlog from being analysed.
func (w *Worker) lost(ctx context.Context, lease store.Lease, err error) bool {
	if !errors.Is(err, store.ErrNotFound) {
		return errors.Is(err, store.ErrDamaged)
	}
	test, err := w.Store.Test(ctx, lease.TestID)
	return err == nil && len(test.Messages) >= lease.N
}

// failed is the report on a message that cannot be analysed.
func (w *Worker) failed(ev evidence.Evidence, reason string) report.Report {
	now := w.Analyzer.Clock()
	rep := report.Report{
		ID: id(ev, now), ReceivedAt: ev.ReceivedAt, AnalyzedAt: now, Version: w.Analyzer.Version,
		Scoring: report.ScoringVersion, Session: session(ev), Failed: reason,
		Ran: []scoring.Ran{{Check: "analysis", Section: "message", Weight: 1, Applies: true}},
	}
	found := finding.Spec{ID: "analysis.crashed", Status: finding.Unknown}.At("", nil)
	found.Check, found.Section = "analysis", "message"
	rep.Score, rep.Findings = scoring.Compute(w.Analyzer.Policy, []finding.Finding{found}, rep.Ran)
	return rep
}
