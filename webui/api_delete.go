// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// apiDelete removes a test with all that belongs to it.
func (a *app) apiDelete(c echo.Context) error {
	id, err := testID(c)
	if err != nil {
		return err
	}
	if err := a.Service.DeleteTest(c.Request().Context(), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
