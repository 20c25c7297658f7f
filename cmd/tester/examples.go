// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"mailproof/fixtures"
	"mailproof/render"
	"mailproof/store"
	"mailproof/webui"
)

// examples are the tests of a demo, in the order of their index.
type examples struct {
	store store.Store
	all   []announced

	mu          sync.Mutex
	provisional map[reportOf]bool // of reports that were read already
}

// reportOf names one revision of a report.
type reportOf struct {
	test        string
	n, revision int
}

// announced is an example with the test that it is sent to.
type announced struct {
	fixtures.Case
	test store.Test
}

// list says how far each is. One that was deleted is left out.
func (e *examples) list(ctx context.Context) (out []webui.Example) {
	for _, x := range e.all {
		if t, err := e.store.Test(ctx, x.test.ID); err == nil {
			out = append(out, webui.Example{Name: x.Name, Title: x.Title, Test: t, Provisional: e.isProvisional(ctx, &t)})
		}
	}
	return out
}

// isProvisional reads the newest report of a finished test, each only once.
func (e *examples) isProvisional(ctx context.Context, t *store.Test) bool {
	if t.State() != store.Done {
		return false
	}
	m := t.Messages[len(t.Messages)-1]
	key := reportOf{t.ID, m.N, m.Reports}
	e.mu.Lock()
	defer e.mu.Unlock()
	known, ok := e.provisional[key]
	if ok {
		return known
	}
	rep, err := e.store.Report(ctx, t.ID, m.N, 0)
	if err != nil {
		return false
	}
	if e.provisional == nil {
		e.provisional = map[reportOf]bool{}
	}
	e.provisional[key] = rep.Score.Provisional
	return rep.Score.Provisional
}

// print writes a line for each: score, name, page.
func (e *examples) print(ctx context.Context, w io.Writer, url string) {
	for _, x := range e.list(ctx) {
		score := "-"
		if n := len(x.Test.Messages); n > 0 && x.Test.State() == store.Done {
			score = render.Points(x.Test.Messages[n-1].Score).String()
		}
		fmt.Fprintf(w, "%4s %-28s %s/tests/%s\n", score, x.Name, url, x.Test.ID)
	}
}

// send delivers the example as it would be sent now, and waits for its report.
func (x announced) send(ctx context.Context, svc *service) error {
	d, err := x.Build(time.Now())
	if err != nil {
		return err
	}
	if err := fixtures.Send(ctx, svc.smtpAddr(), x.test.Local+"@"+runDomain, d); err != nil {
		return err
	}
	for seen := uint64(0); ; {
		if seen, err = svc.store.Wait(ctx, x.test.ID, seen); err != nil {
			return err
		}
		t, err := svc.store.Test(ctx, x.test.ID)
		if err != nil || t.State() == store.Done || t.State() == store.Failed {
			return err
		}
	}
}
