// SPDX-License-Identifier: MIT

package webui

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"mailproof/render"
	"mailproof/store"
)

// A stream turns states of a test into events, each thing told once and in
// the order: attempts, received, progress, done.
type stream struct {
	app  *app
	c    echo.Context
	test store.Test
	err  error // of the connection; nothing is written after it

	lastAttempt time.Time
	received    int // messages told of, by number
	told        map[int]string
}

// verdictJSON is the data of a done event.
type verdictJSON struct {
	N      int            `json:"n"`
	Status store.State    `json:"status"` // done or failed
	Score  *render.Points `json:"score,omitempty"`
}

// news writes what the test holds and was not told yet.
func (s *stream) news() {
	for _, at := range s.test.Attempts {
		if at.At.After(s.lastAttempt) {
			s.lastAttempt = at.At
			s.event("attempt", toAttemptJSON(at))
		}
	}
	for _, m := range s.test.Messages {
		if m.N > s.received {
			s.received = m.N
			s.event("received", toMessageJSON(m))
		}
	}
	for _, m := range s.test.Messages {
		if s.verdictIsNew(m) {
			s.event("done", verdictJSON{N: m.N, Status: m.State, Score: toMessageJSON(m).Score})
		}
	}
}

// skip takes all that the test holds for told.
func (s *stream) skip() {
	for _, at := range s.test.Attempts {
		s.lastAttempt = at.At
	}
	for _, m := range s.test.Messages {
		s.received = m.N
		s.verdictIsNew(m)
	}
}

// verdictIsNew remembers each verdict by its revision: a message that is
// examined again gets another done.
func (s *stream) verdictIsNew(m store.Message) bool {
	if !isOver(m.State) {
		return false
	}
	if s.told == nil {
		s.told = map[int]string{}
	}
	verdict := fmt.Sprint(m.State, m.Reports)
	isNew := s.told[m.N] != verdict
	s.told[m.N] = verdict
	return isNew
}

func isOver(state store.State) bool { return state == store.Done || state == store.Failed }

// refresh reads the test again; false: it is gone.
func (s *stream) refresh(ctx context.Context) bool {
	t, err := s.app.Service.Test(ctx, s.test.ID)
	if err != nil {
		return false
	}
	s.test = t
	s.news()
	return true
}

// progress passes on how far an analysis is, after the news that it began and
// never after the news that it ended.
func (s *stream) progress(ctx context.Context, p Progress) bool {
	if s.over(p.N) && !s.refresh(ctx) {
		return false
	}
	if !s.over(p.N) {
		s.event("progress", p)
	}
	return true
}

// over reports whether message n is not known, or has its verdict.
func (s *stream) over(n int) bool {
	for _, m := range s.test.Messages {
		if m.N == n {
			return isOver(m.State)
		}
	}
	return true
}

func (s *stream) event(name string, data any) {
	body, err := json.Marshal(data) // one line: JSON escapes line ends
	if err != nil {
		s.err = err
		return
	}
	s.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", s.test.Revision, name, body))
}

// comment keeps proxies and the connection alive.
func (s *stream) comment(text string) { s.write(": " + text + "\n\n") }

func (s *stream) write(text string) {
	if s.err != nil {
		return
	}
	s.app.extend(s.c, heartbeat)
	if _, s.err = s.c.Response().Write([]byte(text)); s.err == nil {
		s.c.Response().Flush()
	}
}
