// SPDX-License-Identifier: MIT

package webui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// apiShow tells how a test stands, at once or when there is something to tell.
func (a *app) apiShow(c echo.Context) error {
	wait, after, err := waitParams(c)
	if err != nil {
		return err
	}
	t, err := a.findTest(c)
	if err != nil {
		return err
	}
	if wait > 0 {
		a.extend(c, wait)
		if t, err = a.waitFor(c.Request().Context(), t, after, wait); err != nil {
			return err
		}
	}
	p, err := a.apiLang(c, t.Lang)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", etag(t.Revision))
	if matches(c.Request().Header.Get("If-None-Match"), etag(t.Revision)) {
		return c.NoContent(http.StatusNotModified)
	}
	out := a.testJSON(&t)
	if t.State() == store.Done {
		rep, err := a.Service.Report(c.Request().Context(), t.ID, len(t.Messages), 0)
		if err != nil {
			return err
		}
		doc := a.Render(rep, p)
		out.Report = &doc
	}
	return c.JSON(http.StatusOK, out)
}

// waitFor returns the test once it is settled and has more than after
// messages, or as it stands when the time is over.
func (a *app) waitFor(ctx context.Context, t store.Test, after int, wait time.Duration) (store.Test, error) {
	limited, cancel := a.until(ctx, wait)
	defer cancel()
	for !settled(&t, after) {
		if _, err := a.Service.Wait(limited, t.ID, t.Revision); err != nil {
			if errors.Is(err, store.ErrNotFound) {
				return t, err
			}
			break // the time is over, or the server stops: what is known is the answer
		}
		var err error
		if t, err = a.Service.Test(ctx, t.ID); err != nil {
			return t, err
		}
	}
	return t, ctx.Err()
}

func settled(t *store.Test, after int) bool {
	state := t.State()
	return len(t.Messages) > after && (state == store.Done || state == store.Failed)
}

// until is ctx with a time limit, also ended when the server stops.
func (a *app) until(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	go func() {
		select {
		case <-a.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// extend gives a slow answer more time than the server's write timeout.
func (a *app) extend(c echo.Context, by time.Duration) {
	deadline := time.Now().Add(by + writeTimeout)
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(deadline); err != nil {
		a.Log.Debug("write deadline not set", "err", err)
	}
}

func waitParams(c echo.Context) (wait time.Duration, after int, err error) {
	if s := c.QueryParam("wait"); s != "" {
		if wait, err = time.ParseDuration(s); err != nil || wait < 0 {
			return 0, 0, problem(http.StatusBadRequest, "wait must be a duration such as 30s")
		}
	}
	if s := c.QueryParam("after"); s != "" {
		if after, err = strconv.Atoi(s); err != nil || after < 0 {
			return 0, 0, problem(http.StatusBadRequest, "after must be the number of a message")
		}
	}
	return min(wait, maxWait), after, nil
}

func etag(revision uint64) string { return fmt.Sprintf("%q", strconv.FormatUint(revision, 10)) }

// matches reads If-None-Match (RFC 9110 §13.1.2).
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}
