// SPDX-License-Identifier: MIT

package webui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"mailproof/text"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

//go:embed texts/*.json
var texts embed.FS

// Texts are the words of the user interface; all keys begin with ui and a dot.
func Texts() fs.FS {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return sub
}

// pageRoutes are for people: HTML that works without scripts.
var pageRoutes = []route{
	{"GET", "/", (*app).home},
	{"HEAD", "/", (*app).home},
	{"POST", "/tests", (*app).newTest},
	{"GET", "/tests/:id", (*app).showTest},
	{"GET", "/tests/:id/messages/:n", (*app).showMessage},
	{"POST", "/tests/:id/messages/:n/recheck", (*app).recheck},
	{"POST", "/tests/:id/messages/:n/what-if", (*app).whatIf},
	{"GET", "/tests/:id/delete", (*app).confirmDelete},
	{"POST", "/tests/:id/delete", (*app).deleteTest},
	{"GET", "/docs", (*app).docs},
	{"GET", "/demo", (*app).examples},
	{"GET", "/static/:file", (*app).static},
}

// A page is what the layout shows around every view.
type page struct {
	Lang     string
	Other    string // the other language
	SwitchTo string // this page in the other language
	Title    string
	Current  string // entry of the main navigation, or empty
	Version  string
	Operator string
	Examples bool   // there is an index of examples
	Icon     string // score for the icon, or empty
	Refresh  int    // seconds until a page without scripts looks again, 0: never
	View     any
}

// parsePages makes one set of templates per language: the words are bound at
// start, so a template cannot speak another language than its page.
func parsePages(c *text.Catalog) (map[string]*template.Template, error) {
	sets := map[string]*template.Template{}
	for _, lang := range text.Languages {
		t, err := template.New("").Funcs(funcs(c.Printer(lang))).ParseFS(templates, "templates/*.html")
		if err != nil {
			return nil, err
		}
		sets[lang] = t
	}
	return sets, nil
}

// show renders a view whole before the first octet leaves, so that an error
// in a template is an error page and never half a page.
func (a *app) show(c echo.Context, status int, name string, p page) error {
	p.Lang = a.pageLang(c)
	p.Other = otherLang(p.Lang)
	p.SwitchTo = switchURL(c.Request().URL, p.Other)
	p.Version, p.Operator, p.Examples = a.Version, a.Operator, a.Examples != nil
	var b bytes.Buffer
	if err := a.pages[p.Lang].ExecuteTemplate(&b, name, p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return c.HTMLBlob(status, b.Bytes())
}

// printer speaks the language of the page that is asked for.
func (a *app) printer(c echo.Context) *text.Printer { return a.Texts.Printer(a.pageLang(c)) }

func otherLang(lang string) string {
	for _, l := range text.Languages {
		if l != lang {
			return l
		}
	}
	return lang
}

// switchURL is the page in another language. A path that begins with two
// slashes would lead to another host.
func switchURL(u *url.URL, lang string) string {
	return (&url.URL{Path: "/" + strings.TrimLeft(u.Path, "/"), RawQuery: url.Values{"lang": {lang}}.Encode()}).String()
}
