// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"
)

// param is a parameter in a path of the route table.
var param = regexp.MustCompile(`:(\w+)`)

// A docsView lists the routes as they are.
type docsView struct {
	Routes []string
	Base   string
}

// docs explains the score, the API and what is kept.
func (a *app) docs(c echo.Context) error {
	view := docsView{Base: strings.TrimSuffix(a.BaseURL.String(), "/")}
	for _, r := range apiRoutes {
		view.Routes = append(view.Routes, r.method+" "+param.ReplaceAllString(r.path, "{$1}"))
	}
	title := a.printer(c).Text("ui.docs.title", nil)
	return a.show(c, http.StatusOK, "docs.html", page{Title: title, Current: "docs", View: view})
}
