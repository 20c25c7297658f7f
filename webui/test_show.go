// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// refreshSeconds is how often a page without scripts looks again: soon enough
// to feel alive, slow enough to be read.
const refreshSeconds = 3

// showTest shows the newest message of a test: waiting, then the report.
func (a *app) showTest(c echo.Context) error {
	t, err := a.findTest(c)
	if err != nil {
		return err
	}
	if len(t.Messages) == 0 {
		return a.showWaiting(c, &t, nil)
	}
	return a.showMessage(c)
}

// showMessage shows one message of a test.
func (a *app) showMessage(c echo.Context) error {
	t, m, err := a.findMessage(c)
	if err != nil {
		return err
	}
	if !isOver(m.State) {
		return a.showWaiting(c, &t, &m)
	}
	rep, err := a.Service.Report(c.Request().Context(), t.ID, m.N, 0)
	if err != nil {
		return err
	}
	p := a.printer(c)
	view := newReportView(a.Render(rep, p), p)
	view.about(&t, &m, p)
	return a.show(c, http.StatusOK, "report.html", page{Title: view.PageTitle, View: view})
}

func (a *app) showWaiting(c echo.Context, t *store.Test, m *store.Message) error {
	view := a.waitView(t, m, c.Request().URL.Path, a.printer(c))
	return a.show(c, http.StatusOK, "waiting.html", page{Title: view.Title, Current: "new", Refresh: refreshSeconds, View: view})
}
