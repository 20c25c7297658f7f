// SPDX-License-Identifier: MIT

package webui

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"mailproof/render"
	"mailproof/store"
	"mailproof/text"
)

// An Example is a mail that an instance sent to itself, to be looked at.
type Example struct {
	Name  string
	Title string // one line in English: what the example shows
	Test  store.Test
	// Provisional: too little could be decided for the score to be trusted.
	Provisional bool
}

// An examplesView lists the examples of an instance.
type examplesView struct {
	Rows    []exampleView
	Say     string
	Pending bool // some have no verdict yet: the page looks again by itself
}

type exampleView struct {
	Name, Title, Link string
	State, Score      string // one of them
	Provisional       bool
}

// examples is the index of the example reports. An instance without examples
// has no such page.
func (a *app) examples(c echo.Context) error {
	if a.Examples == nil {
		return store.ErrNotFound
	}
	p := a.printer(c)
	view := newExamplesView(a.Examples(c.Request().Context()), p)
	out := page{Title: p.Text("ui.demo.title", nil), Current: "demo", View: view}
	if view.Pending {
		out.Refresh = refreshSeconds
	}
	return a.show(c, http.StatusOK, "examples.html", out)
}

func newExamplesView(all []Example, p *text.Printer) examplesView {
	v := examplesView{Say: p.Count("ui.demo.say", len(all), nil)}
	for _, e := range all {
		row := exampleView{Name: e.Name, Title: e.Title, Link: "/tests/" + e.Test.ID, Provisional: e.Provisional}
		switch n := len(e.Test.Messages); {
		case n == 0:
			row.State = p.Text("ui.state.waiting", nil)
		case e.Test.Messages[n-1].State == store.Done:
			row.State, row.Score = "", render.Points(e.Test.Messages[n-1].Score).String()
		default:
			row.State = p.Text("ui.state."+string(e.Test.Messages[n-1].State), nil)
		}
		v.Pending = v.Pending || !isOver(e.Test.State())
		v.Rows = append(v.Rows, row)
	}
	return v
}
