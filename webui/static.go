// SPDX-License-Identifier: MIT

package webui

import (
	"io/fs"
	"net/http"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// staticTypes are the files there are, with their types.
var staticTypes = map[string]string{
	"mailproof.css": "text/css; charset=utf-8",
	"mailproof.js":  "text/javascript; charset=utf-8",
	"favicon.svg":   "image/svg+xml",
}

// static gives out style, script and icon: the only files a page loads.
func (a *app) static(c echo.Context) error {
	name := c.Param("file")
	kind, ok := staticTypes[name]
	if !ok {
		return store.ErrNotFound
	}
	data, err := fs.ReadFile(static, "static/"+name)
	if err != nil {
		return err
	}
	// The same for everybody and without secrets. The version is in the URL.
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	return c.Blob(http.StatusOK, kind, data)
}
