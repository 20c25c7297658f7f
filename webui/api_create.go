// SPDX-License-Identifier: MIT

package webui

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"mailproof/store"
)

// apiCreate makes a test.
func (a *app) apiCreate(c echo.Context) error {
	var in struct {
		Label   string          `json:"label"`
		Lang    string          `json:"lang"`
		Overlay json.RawMessage `json:"overlay"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	overlay, err := parseOverlay(in.Overlay)
	if err != nil {
		return err
	}
	t, err := a.create(c, NewTest{Label: in.Label, Lang: in.Lang, Overlay: overlay})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", a.BaseURL.JoinPath("api", "v1", "tests", t.ID).String())
	c.Response().Header().Set("ETag", etag(t.Revision))
	return c.JSON(http.StatusCreated, a.testJSON(&t))
}

// create makes a test for whoever asks, within the limits.
func (a *app) create(c echo.Context, in NewTest) (store.Test, error) {
	if len(in.Label) > maxLabel {
		return store.Test{}, problem(http.StatusUnprocessableEntity, fmt.Sprintf("a label has at most %d octets", maxLabel))
	}
	if in.Lang != "" && !known(in.Lang) {
		return store.Test{}, problem(http.StatusUnprocessableEntity, "lang must be en or zh-CN")
	}
	if client := a.client(c.Request()); a.counted(client) {
		if retry, ok := a.limiter.take(client); !ok {
			p := problem(http.StatusTooManyRequests, "too many tests were made from this network within a minute")
			p.retryAfter = retry
			return store.Test{}, p
		}
	}
	return a.Service.CreateTest(c.Request().Context(), in)
}
