// SPDX-License-Identifier: MIT

package webui_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"mailproof/render"
	"mailproof/report"
	"mailproof/store"
	"mailproof/text"
	"mailproof/webui"
)

// A world is a Service in memory: tests that the test case fills by hand.
type world struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and renewed at each change
	tests    map[string]*store.Test
	raw      string
	minted   int
	progress chan webui.Progress
	ready    error
	again    []int
	uploads  []webui.Upload
	overlays []webui.Overlay
	doc      render.Document
}

var noon = time.Date(2026, 11, 21, 9, 14, 8, 0, time.UTC)

func newWorld() *world {
	return &world{
		changed: make(chan struct{}), tests: map[string]*store.Test{},
		progress: make(chan webui.Progress), raw: "From: a@b.example\r\n\r\nhi\r\n",
		doc: sample(),
	}
}

// change alters a test, raises its revision and wakes who waits.
func (w *world) change(id string, f func(*store.Test)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w.tests[id])
	w.tests[id].Revision++
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *world) deliver(id string, state store.State) {
	w.change(id, func(t *store.Test) {
		t.Messages = append(t.Messages, store.Message{
			N: len(t.Messages) + 1, ReceivedAt: noon, Size: 347214, From: "bounce@mail.harbour-books.example", State: state,
		})
	})
}

func (w *world) set(id string, n int, state store.State) {
	w.change(id, func(t *store.Test) {
		m := &t.Messages[n-1]
		m.State, m.Score = state, 63
		if state == store.Done {
			m.Reports++
		}
	})
}

func (w *world) CreateTest(_ context.Context, in webui.NewTest) (store.Test, error) {
	if in.Overlay.Text == "bad" {
		return store.Test{}, fmt.Errorf("%w: line 1: not a record", webui.ErrInput)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.minted++
	t := &store.Test{
		ID: fmt.Sprintf("id%014d", w.minted), Local: fmt.Sprintf("k7m2xq9tfw4h%04d", w.minted), Label: in.Label, Lang: in.Lang,
		CreatedAt: noon, ExpiresAt: noon.Add(7 * 24 * time.Hour), Revision: 1,
	}
	w.tests[t.ID] = t
	return *t, nil
}

func (w *world) Test(_ context.Context, id string) (store.Test, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.tests[id]
	if !ok {
		return store.Test{}, fmt.Errorf("test: %w", store.ErrNotFound)
	}
	clone := *t
	clone.Messages = append([]store.Message(nil), t.Messages...)
	clone.Attempts = append([]store.Attempt(nil), t.Attempts...)
	return clone, nil
}

func (w *world) Wait(ctx context.Context, id string, seen uint64) (uint64, error) {
	for {
		w.mu.Lock()
		t, ok := w.tests[id]
		revision, changed := uint64(0), w.changed
		if ok {
			revision = t.Revision
		}
		w.mu.Unlock()
		if !ok {
			return 0, store.ErrNotFound
		}
		if revision > seen {
			return revision, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (w *world) DeleteTest(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.tests[id]; !ok {
		return store.ErrNotFound
	}
	delete(w.tests, id)
	close(w.changed)
	w.changed = make(chan struct{})
	return nil
}

func (w *world) Report(_ context.Context, id string, n, rev int) (report.Report, error) {
	return report.Report{TestID: id, Message: n, Revision: max(rev, 1)}, nil
}

func (w *world) Raw(context.Context, string, int) (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader(w.raw)), int64(len(w.raw)), nil
}

func (w *world) Progress(context.Context, string) <-chan webui.Progress { return w.progress }

func (w *world) Reanalyze(_ context.Context, id string, n int) error {
	w.again = append(w.again, n)
	w.set(id, n, store.Received)
	return nil
}

func (w *world) WhatIf(_ context.Context, id string, n int, o webui.Overlay) (report.Report, error) {
	if o.Text == "bad" {
		return report.Report{}, fmt.Errorf("%w: line 1: not a record", webui.ErrInput)
	}
	w.overlays = append(w.overlays, o)
	return report.Report{TestID: id, Message: n, Hypothetical: true}, nil
}

func (w *world) Analyze(_ context.Context, u webui.Upload) (report.Report, error) {
	w.uploads = append(w.uploads, u)
	return report.Report{}, nil
}

func (w *world) Ready(context.Context) error { return w.ready }

// render stands for render.New: the sample in the language asked for.
func (w *world) render(rep report.Report, p *text.Printer) render.Document {
	doc := w.doc
	doc.Lang, doc.Hypothetical, doc.TestID = p.Lang(), rep.Hypothetical, rep.TestID
	doc.VerdictText = p.Text("verdict."+string(doc.Verdict), nil)
	doc.Sections = slices.Clone(doc.Sections)
	for i := range doc.Sections {
		doc.Sections[i].Title = p.Text("section."+doc.Sections[i].ID, nil)
	}
	return doc
}

// catalog holds the words of the pages.
var catalog = sync.OnceValues(func() (*text.Catalog, error) { return text.New(webui.Texts(), render.Texts()) })

// site is the handler for a world; change edits its options.
func (w *world) site(t *testing.T, change ...func(*webui.Options)) *echo.Echo {
	t.Helper()
	c, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	o := webui.Options{
		Service: w, Texts: c, Render: w.render, BaseURL: &url.URL{Scheme: "https", Host: "mailproof.example"},
		Hostname: "mx.mailproof.example", Domain: "in.mailproof.example", MX: "mx.mailproof.example, port 25", Version: "1.0-test",
		MaxMessageSize: 4 << 20, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	e, err := webui.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// do sends one request from a public address, with "Name: value" headers.
func do(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "mailproof.example"
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr("198.51.100.9"), 4000).String()
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Host":
			r.Host = value
		case "Remote":
			r.RemoteAddr = value
		default:
			r.Header.Add(name, value)
		}
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// minted makes a test in the world and returns its id.
func (w *world) mint(t *testing.T) string {
	t.Helper()
	test, err := w.CreateTest(t.Context(), webui.NewTest{})
	if err != nil {
		t.Fatal(err)
	}
	return test.ID
}
