// SPDX-License-Identifier: MIT

package webui

import (
	"strings"

	"mailproof/render"
	"mailproof/report"
)

// Measures of the alignment figure, in its own units.
const (
	alignRight   = 300 // right end of all domains
	alignLeft    = 84  // right of the names of the identities
	wideLetter   = 8   // from 24 letters on less, down to narrowLetter
	narrowLetter = 6
	wideDomain   = 24
	longDomain   = 36 // letters that fit; more are cut in front
)

// An identity is one line of the figure.
type identity struct {
	name, domain, result string
	aligned              bool // passed and aligned: it counts
	same                 bool // belongs to the domain of From, whether it passed or not
}

// alignment sets the shared domain of all identities flush in one band: what
// aligns is literally aligned.
func (b *builder) alignment() *figureView {
	a := b.doc.Authentication
	if a.DMARC.FromDomain == "" {
		return nil
	}
	ids := []identity{}
	if a.SPF != nil {
		ids = append(ids, identity{name: "SPF", domain: a.SPF.Domain, result: a.SPF.Result, aligned: a.DMARC.Alignment.SPF.Aligned})
	}
	if k := alignedKey(a); k != nil {
		ids = append(ids, identity{name: "DKIM", domain: k.Domain, result: k.Result, aligned: a.DMARC.Alignment.DKIM.Aligned})
	}
	org := sharedDomain(a.DMARC, ids)
	for i := range ids {
		ids[i].same = under(ids[i].domain, org)
	}
	f := &figureView{
		Title: b.p.Text("ui.fig.align", nil), Ask: b.p.Text("ui.fig.align.ask", nil), Layout: "align",
		Draw: drawAlignment(a.DMARC.FromDomain, org, ids),
	}
	f.Draw.Label = b.p.Text("ui.align.dmarc", map[string]string{"result": a.DMARC.Result, "domain": render.Visible(a.DMARC.FromDomain)})
	f.Notes = append(f.Notes, noteView{Sign: signOf(a.DMARC.Result), Text: f.Draw.Label})
	f.Words = append(f.Words, b.p.Text("ui.align.from", map[string]string{"domain": render.Visible(a.DMARC.FromDomain)}))
	for _, id := range ids {
		key := "ui.align.no"
		switch {
		case id.aligned:
			key = "ui.align.yes"
		case id.same:
			key = "ui.align.same"
		}
		said := b.p.Text(key, map[string]string{"name": id.name, "domain": render.Visible(id.domain), "result": id.result})
		f.Words = append(f.Words, said)
		f.Notes = append(f.Notes, noteView{Sign: id.sign(), Text: said})
	}
	return f
}

func (id identity) sign() string {
	if signOf(id.result) == "unknown" || id.aligned {
		return signOf(id.result)
	}
	return "fail"
}

// signOf is the sign of a result as the RFCs name them.
func signOf(result string) string {
	switch result {
	case "pass":
		return "pass"
	case "temperror":
		return "unknown"
	case "none", "neutral", "":
		return "skipped"
	}
	return "fail"
}

// alignedKey is the signature that DMARC looked at, else the first.
func alignedKey(a report.Authentication) *report.DKIM {
	for i := range a.DKIM {
		if a.DKIM[i].Domain == a.DMARC.Alignment.DKIM.Domain {
			return &a.DKIM[i]
		}
	}
	if len(a.DKIM) > 0 {
		return &a.DKIM[0]
	}
	return nil
}

// sharedDomain is what From has in common with the identities that count;
// with none, the domain that the policy stands for.
func sharedDomain(d report.DMARC, ids []identity) string {
	org := d.PolicyDomain
	if org == "" || !under(d.FromDomain, org) {
		org = d.FromDomain
	}
	for _, id := range ids {
		for id.aligned && !under(id.domain, org) {
			_, rest, ok := strings.Cut(org, ".")
			if !ok {
				return d.FromDomain
			}
			org = rest
		}
	}
	return org
}

func under(name, org string) bool {
	return strings.EqualFold(name, org) || strings.HasSuffix(strings.ToLower(name), "."+strings.ToLower(org))
}

func drawAlignment(from, org string, ids []identity) drawing {
	d := drawing{ViewBox: "0 0 308 " + px(80+46*len(ids)), Width: 308, Height: 80 + 46*len(ids)}
	letter := wideLetter
	shown := shortFront(render.Visible(org), longDomain)
	n := len([]rune(shown))
	if n >= wideDomain {
		letter = max(narrowLetter, wideLetter*wideDomain/n)
	}
	band := alignRight - n*letter - 6
	d.rect("band", px(band), .5, px(307-band), float64(d.Height-1))
	row := func(name, domain string, y int) {
		d.text("b", "44", y, "", name)
		end := alignRight
		rest := domain
		if under(domain, org) {
			d.domain(shown, end, y, letter)
			end, rest = band+6, domain[:len(domain)-len(org)]
		} else {
			end = band - 6
		}
		if room := (end - alignLeft) / letter; rest != "" && room > 1 {
			d.domain(shortFront(render.Visible(rest), room), end, y, letter)
		}
	}
	row("From", from, 52)
	for i, id := range ids {
		y := 98 + 46*i
		class, x := "l dash", 14-5*i
		if id.aligned {
			class = "l two"
		}
		d.path(class, "M"+px(x)+" 48V"+px(y-4)+"H22")
		d.sign(id.sign(), 24, y-11)
		row(id.name, id.domain, y)
	}
	d.circle("o", 11.5, 48, 7)
	d.circle("f-ink", 11.5, 48, 3)
	return d
}

func (d *drawing) domain(s string, end, y, letter int) {
	d.Shapes = append(d.Shapes, shape{
		Kind: "text", Class: "m", X: px(end), Y: px(y), Anchor: "end", Text: s, TextLength: letter * len([]rune(s)),
	})
}
