// SPDX-License-Identifier: MIT

package webui

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// Limits of what a request makes us compute. An upload is held in memory while
// it is read and examined, and every analysis asks name servers that its sender
// has chosen.
const (
	maxWork          = 8 // uploads and what-ifs at once: 8 of 35 MiB
	maxWorkPerClient = 4 // of them for one network: nobody can take all
	workWait         = 20 * time.Second
	workRetry        = 5 * time.Second
	maxRevisions     = 100 // reports kept of one message; each recheck adds one
)

// slots bounds work that is done at once.
type slots struct {
	all chan struct{}

	mu sync.Mutex
	by map[netip.Prefix]int
}

func newSlots() *slots { return &slots{all: make(chan struct{}, maxWork), by: map[netip.Prefix]int{}} }

// take waits for a slot, not for longer than workWait: what waits holds a
// connection and nothing else. What one network has too much is refused at once.
func (s *slots) take(c echo.Context, who netip.Prefix, most int) (release func(), ok bool) {
	s.mu.Lock()
	if s.by[who] >= most {
		s.mu.Unlock()
		return nil, false
	}
	s.by[who]++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.by[who]--; s.by[who] == 0 {
			delete(s.by, who)
		}
	}
	t := time.NewTimer(workWait)
	defer t.Stop()
	select {
	case s.all <- struct{}{}:
		return func() { <-s.all; leave() }, true
	case <-t.C:
	case <-c.Request().Context().Done():
	}
	leave()
	return nil, false
}

// work admits a request that makes us analyse something now. It is called
// before the body is read. Clients that are not counted may queue for all.
func (a *app) work(c echo.Context) (release func(), err error) {
	if err := a.rate(c); err != nil {
		return nil, err
	}
	client, most := a.client(c.Request()), maxWorkPerClient
	if !a.counted(client) {
		most = maxConns
	}
	release, ok := a.slots.take(c, network(client), most)
	if !ok {
		p := problem(http.StatusTooManyRequests, "too many analyses at once")
		p.retryAfter = workRetry
		return nil, p
	}
	return release, nil
}

// rate counts an analysis of the client's, now or by the backlog.
func (a *app) rate(c echo.Context) error {
	client := a.client(c.Request())
	if !a.counted(client) {
		return nil
	}
	if retry, ok := a.analyses.take(client); !ok {
		p := problem(http.StatusTooManyRequests, "too many analyses were asked for from this network within a minute")
		p.retryAfter = retry
		return p
	}
	return nil
}

// again admits one more analysis of a stored message.
func (a *app) again(c echo.Context, m *store.Message) error {
	if m.Reports >= maxRevisions {
		return problem(http.StatusUnprocessableEntity, fmt.Sprintf("a message is examined at most %d times", maxRevisions))
	}
	return a.rate(c)
}
