// SPDX-License-Identifier: MIT

package webui

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// apiReanalyze examines a message again: for good with fresh answers, or only
// for this answer with changes laid over the recorded ones.
func (a *app) apiReanalyze(c echo.Context) error {
	var in struct {
		Overlay json.RawMessage `json:"overlay"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	overlay, err := parseOverlay(in.Overlay)
	if err != nil {
		return err
	}
	t, m, err := a.findMessage(c)
	if err != nil {
		return err
	}
	p, err := a.apiLang(c, t.Lang)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if overlay.Empty() {
		if err := a.again(c, &m); err != nil {
			return err
		}
		if err := a.Service.Reanalyze(ctx, t.ID, m.N); err != nil {
			return err
		}
		c.Response().Header().Set("Location", a.BaseURL.JoinPath("api", "v1", "tests", t.ID).String())
		return c.NoContent(http.StatusAccepted)
	}
	release, err := a.work(c)
	if err != nil {
		return err
	}
	defer release()
	rep, err := a.Service.WhatIf(ctx, t.ID, m.N, overlay)
	if err != nil {
		return err
	}
	return a.writeReport(c, a.Render(rep, p), p)
}
