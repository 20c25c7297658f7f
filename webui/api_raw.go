// SPDX-License-Identifier: MIT

package webui

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// rawPolicy disarms a message that a browser shows in spite of everything.
const rawPolicy = "sandbox; default-src 'none'"

// apiRaw gives out the octets as received. A browser stores them and never
// shows them: they may hold anything.
func (a *app) apiRaw(c echo.Context) error {
	t, m, err := a.findMessage(c)
	if err != nil {
		return err
	}
	raw, size, err := a.Service.Raw(c.Request().Context(), t.ID, m.N)
	if err != nil {
		return err
	}
	defer raw.Close() //nolint:errcheck // only read
	h := c.Response().Header()
	h.Set("Content-Type", "message/rfc822")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=message-%d.eml", m.N))
	h.Set("Content-Security-Policy", rawPolicy)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	c.Response().WriteHeader(http.StatusOK)
	_, err = io.Copy(c.Response(), raw)
	return err
}
