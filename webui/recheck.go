// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// recheck examines a message again with fresh DNS and shows how that goes.
func (a *app) recheck(c echo.Context) error {
	t, m, err := a.findMessage(c)
	if err != nil {
		return err
	}
	if err := a.again(c, &m); err != nil {
		return err
	}
	if err := a.Service.Reanalyze(c.Request().Context(), t.ID, m.N); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/tests/"+t.ID+"/messages/"+strconv.Itoa(m.N))
}
