// SPDX-License-Identifier: MIT

// Package webui shows tests and reports in a browser and as JSON. It reads a
// request, asks its Service, and renders a typed view; it never computes a
// verdict and never contacts anybody.
package webui

import (
	"fmt"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"mailproof/render"
)

// app is what the handlers share. It does not change after New but for the
// limiters and slots, which lock themselves.
type app struct {
	Options
	pages    map[string]*template.Template // by language
	limiter  *limiter                      // of tests made
	analyses *limiter                      // of analyses asked for
	slots    *slots
	origin   *http.CrossOriginProtection
}

// A route is one line of the table; openapi.json describes the same routes.
type route struct {
	method, path string
	handle       func(*app, echo.Context) error
}

// apiRoutes are for programs: JSON, and problem+json for errors.
var apiRoutes = []route{
	{"POST", "/api/v1/tests", (*app).apiCreate},
	{"GET", "/api/v1/tests/:id", (*app).apiShow},
	{"DELETE", "/api/v1/tests/:id", (*app).apiDelete},
	{"GET", "/api/v1/tests/:id/events", (*app).apiEvents},
	{"GET", "/api/v1/tests/:id/messages/:n/report", (*app).apiReport},
	{"GET", "/api/v1/tests/:id/messages/:n/raw", (*app).apiRaw},
	{"POST", "/api/v1/tests/:id/messages/:n/reanalyze", (*app).apiReanalyze},
	{"POST", "/api/v1/analyze", (*app).apiAnalyze},
	{"GET", "/healthz", (*app).healthz},
	{"GET", "/readyz", (*app).readyz},
	{"GET", "/metrics", (*app).metrics},
	{"GET", "/openapi.json", (*app).openapi},
}

// New makes the handler of the whole site.
func New(o Options) (*echo.Echo, error) {
	pages, err := parsePages(o.Texts)
	if err != nil {
		return nil, fmt.Errorf("web pages: %w", err)
	}
	if o.TestsPerMinute == 0 {
		o.TestsPerMinute = DefaultTestsPerMinute
	}
	if o.Render == nil {
		o.Render = render.New
	}
	if o.Text == nil {
		o.Text = render.Terminal
	}
	a := &app{
		Options: o, pages: pages,
		limiter:  newLimiter(o.TestsPerMinute, o.Now),
		analyses: newLimiter(o.TestsPerMinute, o.Now),
		slots:    newSlots(),
		origin:   http.NewCrossOriginProtection(),
	}
	// A proxy may change Host; what the base URL says is ours all the same.
	if err := a.origin.AddTrustedOrigin(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = a.handleError
	e.Pre(a.recoverPanic, a.secure, a.checkHost)
	e.Use(a.limitBody, a.sameOrigin)
	for _, table := range [][]route{apiRoutes, pageRoutes} {
		for _, r := range table {
			e.Add(r.method, r.path, func(c echo.Context) error { return r.handle(a, c) })
		}
	}
	return e, nil
}
