// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// healthz says that the process answers.
func (a *app) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readyz says whether mail would be taken now.
func (a *app) readyz(c echo.Context) error {
	if err := a.Service.Ready(c.Request().Context()); err != nil {
		a.Log.Warn("not ready", "err", err)
		return problem(http.StatusServiceUnavailable, "no mail could be stored safely now")
	}
	return c.String(http.StatusOK, "ready\n")
}
