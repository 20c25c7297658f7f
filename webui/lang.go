// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"mailproof/text"
)

const langCookie = "mailproof_lang"

// yearSeconds is how long a chosen language is remembered.
const yearSeconds = 365 * 24 * 3600

// pageLang is the language of a page: the switch (remembered), then what was
// chosen before, then what the browser asks for.
func (a *app) pageLang(c echo.Context) string {
	c.Response().Header().Set("Vary", "Accept-Language, Cookie")
	if lang := c.QueryParam("lang"); known(lang) {
		c.SetCookie(a.cookie(langCookie, lang, yearSeconds))
		return lang
	}
	if ck, err := c.Cookie(langCookie); err == nil && known(ck.Value) {
		return ck.Value
	}
	return text.Negotiate(c.Request().Header.Get("Accept-Language"))
}

// apiLang is the language of an answer: the query, then the test's, then what
// the client asks for.
func (a *app) apiLang(c echo.Context, ofTest string) (*text.Printer, error) {
	c.Response().Header().Set("Vary", "Accept-Language")
	lang := c.QueryParam("lang")
	switch {
	case lang != "" && !known(lang):
		return nil, problem(http.StatusBadRequest, "lang must be en or zh-CN")
	case lang != "":
	case known(ofTest):
		lang = ofTest
	default:
		lang = text.Negotiate(c.Request().Header.Get("Accept-Language"))
	}
	return a.Texts.Printer(lang), nil
}

func known(lang string) bool { return slices.Contains(text.Languages, lang) }

// cookie is first-party and out of reach of scripts.
func (a *app) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: a.BaseURL.Scheme == "https",
	}
}
