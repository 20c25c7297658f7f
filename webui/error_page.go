// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// A notice is a page with one message and a way on.
type notice struct {
	Title  string
	Say    string
	Detail string // what was wrong with the input, in English, or empty
	New    bool   // offer to make a new test
}

// spoken are the statuses that have words of their own; others share one.
var spoken = map[int]bool{
	http.StatusNotFound: true, http.StatusTooManyRequests: true, http.StatusRequestEntityTooLarge: true,
	http.StatusUnprocessableEntity: true, http.StatusForbidden: true, http.StatusServiceUnavailable: true,
	http.StatusMisdirectedRequest: true,
}

// errorPage tells a person what happened and what to do.
func (a *app) errorPage(c echo.Context, p *Problem) error {
	key := "ui.error.other"
	if spoken[p.Status] {
		key = "ui.error." + strconv.Itoa(p.Status)
	}
	words := a.printer(c)
	n := notice{Title: words.Text(key+".title", nil), Say: words.Text(key+".say", nil), New: p.Status == http.StatusNotFound}
	if p.Status == http.StatusUnprocessableEntity {
		n.Detail = p.Detail
	}
	return a.show(c, p.Status, "notice.html", page{Title: n.Title, View: n})
}
