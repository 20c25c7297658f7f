// SPDX-License-Identifier: MIT

package webui

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// whatIf shows the report as it would be with other records in the DNS.
func (a *app) whatIf(c echo.Context) error {
	t, m, err := a.findMessage(c)
	if err != nil {
		return err
	}
	overlay := c.FormValue("overlay")
	if len(overlay) > maxOverlay {
		return problem(http.StatusUnprocessableEntity, fmt.Sprintf("an overlay has at most %d octets", maxOverlay))
	}
	release, err := a.work(c)
	if err != nil {
		return err
	}
	defer release()
	rep, err := a.Service.WhatIf(c.Request().Context(), t.ID, m.N, Overlay{Text: overlay})
	if err != nil {
		return err
	}
	p := a.printer(c)
	view := newReportView(a.Render(rep, p), p)
	view.about(&t, &m, p)
	view.Overlay = overlay
	return a.show(c, http.StatusOK, "report.html", page{Title: view.PageTitle, View: view})
}
