// SPDX-License-Identifier: MIT

package webui

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

//go:embed openapi.json
var openapiDocument []byte

// openapi describes the API to programs; a test compares it with the routes.
func (a *app) openapi(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/json", openapiDocument)
}
