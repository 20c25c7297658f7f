// SPDX-License-Identifier: MIT

package analysis_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"mailproof/analysis"
	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/scoring"
	"mailproof/store"
	"mailproof/store/bolt"
)

func open(t *testing.T, dir string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), dir, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// deliver puts the evidence into a new test with the id "one".
func deliver(t *testing.T, s store.Store, ev evidence.Evidence) {
	t.Helper()
	put(t, s, "one", ev)
}

func put(t *testing.T, s store.Store, id string, ev evidence.Evidence) {
	t.Helper()
	now := time.Now()
	err := s.CreateTest(t.Context(), store.Test{ID: id, Local: id, CreatedAt: now, ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := s.NewSpool(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Discard()
	if _, err := sp.Write(ev.Raw); err != nil {
		t.Fatal(err)
	}
	d := store.Delivery{
		Locals: []string{id}, RcptTo: []string{id + "@x"}, ReceivedAt: ev.ReceivedAt, Session: ev.Session, Receiver: ev.Receiver,
	}
	if err := s.Deliver(t.Context(), d, sp); err != nil {
		t.Fatal(err)
	}
}

func worker(s store.Store, a *analysis.Analyzer) *analysis.Worker {
	return &analysis.Worker{
		Store: s, Analyzer: a, Progress: &analysis.Progress{}, Workers: 2, Log: slog.New(slog.DiscardHandler),
	}
}

// work runs the worker until the newest message of the test has left the backlog.
func work(t *testing.T, w *analysis.Worker) store.Test {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	defer func() { stop(); <-ended }()
	var seen uint64
	for {
		rev, err := w.Store.Wait(ctx, "one", seen)
		if err != nil {
			t.Fatal(err)
		}
		seen = rev
		test, err := w.Store.Test(ctx, "one")
		if err != nil {
			t.Fatal(err)
		}
		if s := test.State(); s == store.Done || s == store.Failed {
			return test
		}
	}
}

func TestWorkerTakesAMailToItsReport(t *testing.T) {
	t.Parallel()
	c, ev := example(t, "perfect")
	zone, err := c.Zone()
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(t.TempDir(), "data"))
	defer s.Close()
	deliver(t, s, ev)
	w := worker(s, analyzerOver(zone))
	events, stop := w.Progress.Watch("one")
	defer stop()
	if test := work(t, w); test.State() != store.Done || test.Messages[0].Score != 100 {
		t.Errorf("%+v", test.Messages)
	}
	last := analysis.Event{}
	for len(events) > 0 {
		e := <-events
		if e.Done < last.Done || e.Done > e.Total || e.N != 1 {
			t.Errorf("%+v after %+v", e, last)
		}
		last = e
	}
	if last.Done != last.Total || last.Total == 0 {
		t.Errorf("the last event is %+v", last)
	}
	rep, err := s.Report(t.Context(), "one", 1, 0)
	if err != nil || rep.Score.Tenths != 100 || rep.TestID != "one" || rep.Revision != 1 {
		t.Errorf("%+v %v", rep.Score, err)
	}
}

// killed copies the files of a store in use: what a killed process leaves.
func killed(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A message that ended the process twice is failed, says so, and is not tried
// a third time; the message behind it is analysed.
func TestMessageThatKillsTheAnalyserTwiceIsFailed(t *testing.T) {
	t.Parallel()
	c, ev := example(t, "perfect")
	zone, err := c.Zone()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	deliver(t, s, ev)
	for range 3 { // the first end is not marked: nothing says that it was the message
		if _, err := s.Claim(t.Context()); err != nil {
			t.Fatal(err)
		}
		next := killed(t, dir)
		s.Close()
		dir = next
		s = open(t, dir)
	}
	defer s.Close()
	w := worker(s, analyzerOver(zone))
	if test := work(t, w); test.State() != store.Failed {
		t.Errorf("state %s", test.State())
	}
	rep, err := s.Report(t.Context(), "one", 1, 0)
	if err != nil || rep.Failed == "" || !rep.Score.Provisional || rep.Score.Coverage != 0 {
		t.Errorf("%q %+v %v", rep.Failed, rep.Score, err)
	}
	if _, err := s.Claim(t.Context()); !errors.Is(err, store.ErrNoWork) {
		t.Errorf("it is still on the backlog: %v", err)
	}
}

// The same evidence and the same answers give the same report but for times.
func TestAnalyzeIsDeterministic(t *testing.T) {
	t.Parallel()
	c, ev := example(t, "perfect")
	zone, err := c.Zone()
	if err != nil {
		t.Fatal(err)
	}
	a := analyzerOver(zone)
	first := timeless(t, a.Analyze(t.Context(), analysis.Job{Evidence: ev}))
	for range 20 {
		if again := timeless(t, a.Analyze(t.Context(), analysis.Job{Evidence: ev})); !reflect.DeepEqual(first, again) {
			t.Fatal("two analyses differ")
		}
	}
}

// timeless is the report without ids and times.
func timeless(t *testing.T, r report.Report) map[string]any {
	t.Helper()
	r.ID, r.AnalyzedAt, r.Duration = "", time.Time{}, 0
	for i := range r.DNS {
		r.DNS[i].RTT = 0
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// The plan: a fix without a record is calculated, fixes that are the same are
// one step, and each adds to what those before it gained.
func TestPlanWithoutRecords(t *testing.T) {
	t.Parallel()
	header := finding.Fix{Header: []finding.HeaderChange{{Action: "add", Name: "Date", Value: "x"}}}
	specs := []finding.Spec{
		{ID: "toy.a", Status: finding.Warn, Weight: 5}, {ID: "toy.b", Status: finding.Warn, Weight: 10},
		{ID: "toy.c", Status: finding.Fail, Weight: 8}, {ID: "toy.free", Status: finding.Warn},
	}
	toy := check.Check{ID: "toy", Specs: specs, Run: func(context.Context, *check.Input) []finding.Finding {
		return []finding.Finding{
			specs[0].At("", nil).Fixed(header), specs[1].At("", nil).Fixed(header),
			specs[2].At("", nil).Fixed(finding.Fix{}), specs[3].At("", nil).Fixed(finding.Fix{}),
		}
	}}
	a := analysis.New(analysis.Options{
		Groups: []check.Group{{ID: "message", Checks: []check.Check{toy}}}, Policy: scoring.DefaultPolicy(), Clock: time.Now,
	})
	rep := a.Analyze(t.Context(), analysis.Job{Evidence: evidence.Evidence{Raw: []byte("x")}})
	want := []report.Step{
		{FindingIDs: []finding.ID{"toy.a", "toy.b"}, Findings: []int{0, 1}, Gain: 15, ScoreAfter: 92, Running: 92},
		{FindingIDs: []finding.ID{"toy.c"}, Findings: []int{2}, Gain: 8, ScoreAfter: 85, Running: 100},
	}
	if !reflect.DeepEqual(rep.Plan, want) {
		t.Errorf("plan %+v", rep.Plan)
	}
}

// Two faults that hide each other under one limit: neither fix gains anything
// alone, and the plan still names both. A third that mends the same as another
// is not repeated.
func TestPlanOfFaultsThatHideEachOther(t *testing.T) {
	t.Parallel()
	specs := []finding.Spec{
		{ID: "toy.a", Status: finding.Fail, Weight: 30}, {ID: "toy.b", Status: finding.Fail, Weight: 30},
	}
	toy := check.Check{ID: "toy", Specs: specs, Run: func(context.Context, *check.Input) []finding.Finding {
		return []finding.Finding{specs[0].At("", nil).Fixed(finding.Fix{}), specs[1].At("", nil).Fixed(finding.Fix{})}
	}}
	a := analysis.New(analysis.Options{
		Groups: []check.Group{{ID: "message", Checks: []check.Check{toy}}}, Policy: scoring.DefaultPolicy(), Clock: time.Now,
	})
	rep := a.Analyze(t.Context(), analysis.Job{Evidence: evidence.Evidence{Raw: []byte("x")}})
	if len(rep.Plan) != 2 || rep.Plan[0].Gain != 0 || rep.Plan[1].Running != 100 {
		t.Errorf("plan %+v", rep.Plan)
	}
}
