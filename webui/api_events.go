// SPDX-License-Identifier: MIT

package webui

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// apiEvents streams what happens to a test (HTML, server-sent events). Who
// comes back with the id of the last event gets what is new since; if that
// cannot be told, all of it again: every event says what it is about.
func (a *app) apiEvents(c echo.Context) error {
	t, err := a.findTest(c)
	if err != nil {
		return err
	}
	ctx, cancel := a.until(c.Request().Context(), maxStream)
	defer cancel()
	h := c.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // or a proxy holds the events back
	c.Response().WriteHeader(http.StatusOK)
	s := &stream{app: a, c: c, test: t}
	if seen(c) == t.Revision {
		s.skip()
	}
	s.run(ctx)
	return nil
}

// seen is the revision that the client knows: of its last event, or, for the
// first connection, of the page it stands on (since=N). 0 for none.
func seen(c echo.Context) uint64 {
	last := c.Request().Header.Get("Last-Event-ID")
	if last == "" {
		last = c.QueryParam("since")
	}
	revision, err := strconv.ParseUint(last, 10, 64)
	if err != nil {
		return 0
	}
	return revision
}

// changes tells of each new revision of a test until ctx ends or the test is
// gone; then the channel is closed.
func (a *app) changes(ctx context.Context, id string, seen uint64) <-chan struct{} {
	ch := make(chan struct{})
	go func() {
		defer close(ch)
		for {
			rev, err := a.Service.Wait(ctx, id, seen)
			if err != nil {
				return
			}
			seen = rev
			select {
			case ch <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ch
}

// run writes events until ctx ends, the test is gone or the client is.
func (s *stream) run(ctx context.Context) {
	changes := s.app.changes(ctx, s.test.ID, s.test.Revision)
	progress := s.app.Service.Progress(ctx, s.test.ID)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	s.comment("open")
	s.news()
	for s.err == nil {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-changes:
			if !ok || !s.refresh(ctx) {
				return
			}
		case p, ok := <-progress:
			if !ok {
				progress = nil
				continue
			}
			if !s.progress(ctx, p) {
				return
			}
		case <-beat.C:
			s.comment("still here")
		}
	}
}
