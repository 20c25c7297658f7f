// SPDX-License-Identifier: MIT

package webui

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// A Problem is an error for a program (RFC 9457). It names nothing of the
// request, so that two unknown tests get the same octets.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`

	retryAfter time.Duration
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

func problem(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func tooLarge(limit int64) *Problem {
	return problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("at most %d octets are taken", limit))
}

// notFound is the same for unknown, expired and deleted tests.
const notFound = "there is no such test or message; it may have expired or been deleted"

// toProblem finds the answer for any error of a handler.
func toProblem(err error) *Problem {
	var p *Problem
	var he *echo.HTTPError
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &big):
		return tooLarge(big.Limit)
	case errors.Is(err, store.ErrNotFound):
		return problem(http.StatusNotFound, notFound)
	case errors.Is(err, ErrInput):
		return problem(http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, store.ErrFull), errors.Is(err, store.ErrClosed):
		p := problem(http.StatusServiceUnavailable, "there is no room to store it safely now")
		p.retryAfter = time.Minute
		return p
	case errors.As(err, &he):
		return problem(he.Code, "")
	}
	return problem(http.StatusInternalServerError, "")
}

// handleError answers for every handler: JSON to programs, a page to people.
func (a *app) handleError(err error, c echo.Context) {
	p := toProblem(err)
	if p.Status == http.StatusInternalServerError && c.Request().Context().Err() == nil {
		a.Log.Error("request failed", "route", c.Path(), "err", err)
	}
	if c.Response().Committed {
		return
	}
	if p.retryAfter > 0 {
		seconds := int(p.retryAfter.Seconds()) + 1
		c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if isPage(c.Request()) {
		err = a.errorPage(c, p)
	} else {
		err = writeProblem(c, p)
	}
	if err != nil {
		a.Log.Debug("error not delivered", "err", err)
	}
}

func writeProblem(c echo.Context, p *Problem) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode problem: %w", err)
	}
	return c.Blob(p.Status, "application/problem+json", data)
}

// programPaths are not for people, beside everything below /api/.
var programPaths = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true, "/openapi.json": true}

func isPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && !programPaths[r.URL.Path]
}
