// SPDX-License-Identifier: MIT

package webui

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// testCookie remembers the newest test of a visitor, so that coming back to
// the first page does not make another one.
const testCookie = "mailproof_test"

// home shows an address at once: the visitor's own that still waits, or a new
// one. Who only looks (HEAD, prefetch) or is over the limit gets a button.
func (a *app) home(c echo.Context) error {
	t, err := a.homeTest(c)
	if err != nil && !errors.Is(err, errNoTest) {
		return err
	}
	p := a.printer(c)
	view := page{Title: p.Text("ui.home.title", nil), Current: "new"}
	if err != nil {
		view.View = homeView{}
	} else {
		view.View = homeView{Addr: a.addrView(&t, p), ID: t.ID, Revision: t.Revision}
	}
	return a.show(c, http.StatusOK, "home.html", view)
}

// errNoTest: this visit makes no test.
var errNoTest = errors.New("no test for this visit")

func (a *app) homeTest(c echo.Context) (store.Test, error) {
	if ck, err := c.Cookie(testCookie); err == nil && len(ck.Value) <= maxID {
		if t, err := a.Service.Test(c.Request().Context(), ck.Value); err == nil && t.State() == store.Waiting {
			return t, nil
		}
	}
	if onlyLooking(c.Request()) {
		return store.Test{}, errNoTest
	}
	t, err := a.create(c, NewTest{})
	var p *Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusTooManyRequests:
		return t, errNoTest
	case err == nil:
		a.remember(c, &t)
	}
	return t, err
}

// remember sets the cookie for a new test.
func (a *app) remember(c echo.Context, t *store.Test) {
	c.SetCookie(a.cookie(testCookie, t.ID, int(t.ExpiresAt.Sub(t.CreatedAt).Seconds())))
}

// onlyLooking: nobody may ever see the answer.
func onlyLooking(r *http.Request) bool {
	if r.Method == http.MethodHead {
		return true
	}
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		purpose := strings.ToLower(r.Header.Get(name))
		if strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "preview") {
			return true
		}
	}
	return false
}
