// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// A deleteView asks before it deletes.
type deleteView struct {
	ID       string
	Messages int
}

// confirmDelete asks whether a test is to be deleted.
func (a *app) confirmDelete(c echo.Context) error {
	t, err := a.findTest(c)
	if err != nil {
		return err
	}
	title := a.printer(c).Text("ui.delete.title", nil)
	return a.show(c, http.StatusOK, "delete.html", page{Title: title, View: deleteView{ID: t.ID, Messages: len(t.Messages)}})
}

// deleteTest removes a test with all that belongs to it.
func (a *app) deleteTest(c echo.Context) error {
	id, err := testID(c)
	if err != nil {
		return err
	}
	if err := a.Service.DeleteTest(c.Request().Context(), id); err != nil {
		return err
	}
	p := a.printer(c)
	n := notice{Title: p.Text("ui.deleted.title", nil), Say: p.Text("ui.deleted.say", nil), New: true}
	return a.show(c, http.StatusOK, "notice.html", page{Title: n.Title, View: n})
}
