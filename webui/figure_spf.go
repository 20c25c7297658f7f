// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"

	"mailproof/render"
	"mailproof/report"
)

// maxLookups: RFC 7208 §4.6.4, at most ten terms that ask the DNS.
const maxLookups = 10

// maxTreeRows bounds a drawn tree; the words below it have the same bound and
// say how much is left out.
const maxTreeRows = 60

// Measures of a tree.
const (
	treeTop  = 61
	treeStep = 26
	indent   = 18
	letters  = 32 // of a term that fit on a phone at depth 0
)

// A treeRow is one term with its place.
type treeRow struct {
	depth, parent int // parent: row number
	term          report.SPFTerm
}

// spfTree opens out the record of the MAIL FROM identity.
func (b *builder) spfTree() *figureView {
	spf := b.doc.Authentication.SPF
	if spf == nil || spf.Trace == nil {
		return nil
	}
	rows := flatten(nil, spf.Trace, 1, 0)
	left := 0
	if len(rows) > maxTreeRows {
		left = len(rows) - maxTreeRows
		rows = rows[:maxTreeRows]
	}
	used := map[string]string{"n": strconv.Itoa(spf.Lookups)}
	domain := render.Visible(spf.Domain)
	f := &figureView{
		Title: b.p.Text("ui.fig.spf", nil),
		Ask:   b.p.Text("ui.fig.spf.ask", map[string]string{"ip": render.Visible(b.doc.Session.ClientIP), "domain": domain}),
		Draw:  drawing{Height: treeTop + treeStep*len(rows) + 12},
		Words: []string{domain + ": " + render.Visible(spf.Record)},
	}
	f.Draw.Label = b.p.Text("ui.spf.label", map[string]string{"n": used["n"], "result": spf.Result})
	f.Draw.boxes(spf.Lookups)
	f.Draw.text("b", px(15*max(maxLookups, spf.Lookups)+10), 12, "", b.p.Text("ui.spf.lookups", used))
	f.Draw.text("dim", "100%", 32, "end", b.p.Text("ui.spf.so-far", nil))
	f.Draw.text("m", "11", treeTop, "", short(domain, letters))
	for i, r := range rows {
		f.Words = append(f.Words, b.spfRow(&f.Draw, i, r))
	}
	if left > 0 {
		f.Words = append(f.Words, b.p.Count("ui.more", left, nil))
	}
	return f
}

func flatten(rows []treeRow, t *report.SPFTrace, depth, parent int) []treeRow {
	for _, term := range t.Terms {
		rows = append(rows, treeRow{depth: depth, parent: parent, term: term})
		if term.Child != nil && depth < maxLookups+1 {
			rows = flatten(rows, term.Child, depth+1, len(rows))
		}
	}
	return rows
}

// boxes are filled per lookup; those beyond ten are red.
func (d *drawing) boxes(used int) {
	for i := range min(max(maxLookups, used), 2*maxLookups) {
		class := "o thin"
		switch {
		case i >= maxLookups:
			class = "f-fail"
		case i < used:
			class = "f-ink"
		}
		d.rect(class, num(float64(15*i)+.5), .5, "11", 14)
	}
}

// spfRow draws one term and says it in words.
func (b *builder) spfRow(d *drawing, i int, r treeRow) string {
	y, x := treeTop+treeStep*(i+1), 16+indent*(r.depth-1)
	parent := treeTop + treeStep*r.parent
	line, class := "l", "m"
	outcome := b.p.Text("ui.spf."+r.term.Outcome, nil)
	say := dotted(render.Visible(r.term.Detail), outcome)
	tone := ""
	switch r.term.Outcome {
	case "not-reached":
		line, class = "l dash", "m dim"
	case "match":
		if r.depth > 1 { // it decides the include, not the mail
			break
		}
		tone = " t-" + toneOf(b.doc.Authentication.SPF.Result)
	case "error":
		tone = " t-unknown"
	}
	text := render.Visible(r.term.Text)
	d.path(line, branch(x, parent+2, y-4))
	d.text(class+tone, px(x+13), y, "", short(text, letters-2*r.depth))
	d.text("wide"+tone, "50%", y, "", short(say, 48))
	if r.term.Lookups > 0 && r.term.Outcome != "not-reached" {
		d.text("n b", "100%", y, "end", strconv.Itoa(r.term.Lookups))
	}
	return dotted(text, say)
}

// toneOf: which colour a term that matched has.
func toneOf(result string) string {
	switch result {
	case "pass":
		return "pass"
	case "neutral", "none":
		return "warn"
	}
	return "fail"
}
