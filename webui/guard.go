// SPDX-License-Identifier: MIT

package webui

import (
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"
)

// The middlewares that every request passes, whatever its route.

// policy forbids everything but our own files: a value that slipped through
// the escaping could still neither run nor fetch anything.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers of every answer, errors included.
func (a *app) secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer") // the URL is the secret
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if a.BaseURL.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// checkHost answers only to names that are ours: a foreign name that resolves
// to us (DNS rebinding) would make a browser hand our pages to another site.
func (a *app) checkHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !a.ourHost(c.Request().Host) {
			return problem(http.StatusMisdirectedRequest, "this server does not answer to that host name")
		}
		return next(c)
	}
}

func (a *app) ourHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true // an address cannot be rebound
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		(host != "" && (host == strings.ToLower(a.Hostname) || host == strings.ToLower(a.BaseURL.Hostname())))
}

// limitBody caps every body, whatever the route. Only an upload may be larger.
func (a *app) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		limit := int64(maxBody)
		if c.Path() == "/api/v1/analyze" {
			limit = a.MaxMessageSize
		}
		r := c.Request()
		if r.ContentLength > limit {
			return tooLarge(limit)
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
		return next(c)
	}
}

// sameOrigin refuses what another site's page makes a browser send.
func (a *app) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := a.origin.Check(c.Request()); err != nil {
			return problem(http.StatusForbidden, "requests from other sites are not taken")
		}
		return next(c)
	}
}

// recoverPanic turns a fault of ours into a 500 and a log line with its stack.
func (a *app) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler { //nolint:errorlint // the value net/http documents
				panic(r)
			}
			a.Log.Error("request crashed", "route", c.Path(), "panic", r, "stack", string(debug.Stack()))
			err = problem(http.StatusInternalServerError, "")
		}()
		return next(c)
	}
}
