// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// newTest makes a test by a button and shows its page.
func (a *app) newTest(c echo.Context) error {
	label := strings.TrimSpace(c.FormValue("label"))
	t, err := a.create(c, NewTest{Label: label})
	if err != nil {
		return err
	}
	a.remember(c, &t)
	return c.Redirect(http.StatusSeeOther, "/tests/"+t.ID)
}
