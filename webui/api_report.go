// SPDX-License-Identifier: MIT

package webui

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"mailproof/render"
	"mailproof/text"
)

// apiReport gives out a report in one of its forms; revision=N asks for an
// older one.
func (a *app) apiReport(c echo.Context) error {
	rev, err := revision(c)
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
	rep, err := a.Service.Report(c.Request().Context(), t.ID, m.N, rev)
	if err != nil {
		return err
	}
	return a.writeReport(c, a.Render(rep, p), p)
}

func revision(c echo.Context) (int, error) {
	s := c.QueryParam("revision")
	if s == "" {
		return 0, nil
	}
	rev, err := strconv.Atoi(s)
	if err != nil || rev < 1 {
		return 0, problem(http.StatusBadRequest, "revision must be a number from 1")
	}
	return rev, nil
}

// writeReport answers in the format asked for.
func (a *app) writeReport(c echo.Context, doc render.Document, p *text.Printer) error {
	switch format := c.QueryParam("format"); format {
	case "", "json":
		return c.JSON(http.StatusOK, doc)
	case "text":
		var b bytes.Buffer
		if err := a.Text(&b, doc, p); err != nil {
			return fmt.Errorf("write report as text: %w", err)
		}
		return c.Blob(http.StatusOK, "text/plain; charset=utf-8", b.Bytes())
	case "junit", "sarif", "markdown":
		return problem(http.StatusNotImplemented, "format "+format+" does not exist in this version; use json or text")
	}
	return problem(http.StatusBadRequest, "format must be json or text")
}
