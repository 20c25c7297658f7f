// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"
	"strings"

	"mailproof/render"
	"mailproof/report"
)

// Bounds of the coverage figures: more fields or signatures than this are no
// longer read by anybody.
const (
	maxFields     = 24
	maxSignatures = 3
)

// coverage shows, for each signature, what a change would break.
func (b *builder) coverage() []figureView {
	var all []figureView
	for _, sig := range b.doc.Authentication.DKIM {
		if len(sig.SignedHeaders) == 0 || len(all) == maxSignatures {
			continue
		}
		all = append(all, b.covers(sig))
	}
	return all
}

func (b *builder) covers(sig report.DKIM) figureView {
	name := map[string]string{"selector": render.Visible(sig.Selector), "domain": render.Visible(sig.Domain)}
	f := figureView{
		Title: b.p.Text("ui.fig.dkim", name), Ask: b.p.Text("ui.fig.dkim.ask", nil), Layout: "cover",
		Draw: drawing{Label: b.p.Text("ui.dkim.label", name)}, Facts: b.signatureFacts(sig),
	}
	signed := map[string]int{}
	for _, h := range sig.SignedHeaders {
		signed[strings.ToLower(h)]++
	}
	fields := b.doc.Message.Header
	for i, name := range distinct(fields) {
		if i == maxFields {
			break
		}
		f.Words = append(f.Words, b.coverRow(&f.Draw, i, name, occurs(fields, name), signed[strings.ToLower(name)]))
	}
	f.Draw.Height = 20*len(f.Words) + 6
	f.Second = b.bodyBar(sig)
	f.Words = append(f.Words, f.Second.Label)
	return f
}

func (b *builder) coverRow(d *drawing, i int, name string, there, signed int) string {
	y := 14 + 20*i
	name = render.Visible(name)
	key, class := "ui.dkim.signed", ""
	switch {
	case signed == 0:
		key, class = "ui.dkim.open", "dim"
		d.rect("o thin", "140.5", float64(y)-9.5, "33", 10)
	case signed < there:
		key = "ui.dkim.partly"
		d.rect("f-ink", "140", float64(y)-10, "16", 11)
		d.rect("o thin", "156.5", float64(y)-9.5, "17", 10)
	default:
		d.rect("f-ink", "140", float64(y)-10, "34", 11)
		if signed > there {
			key = "ui.dkim.sealed"
			d.rect("f-ink", "177", float64(y)-10, "5", 11)
		}
	}
	said := b.p.Text(key, nil)
	d.text("m", "128", y, "end", short(name, 16))
	d.text(class, "192", y, "", said)
	return name + ": " + said
}

// bodyBar is the share of the body that the signature covers.
func (b *builder) bodyBar(sig report.DKIM) *drawing {
	d := &drawing{Height: 40, Label: b.p.Text("ui.dkim.body", nil)}
	width := "100%"
	if sig.BodyLength != nil {
		d.Label = b.p.Text("ui.dkim.length", map[string]string{"n": octets(*sig.BodyLength)})
		width = share(float64(*sig.BodyLength), float64(b.doc.Message.Size))
		d.rect("o thin", "0", 20.5, "100%", 13)
	}
	d.text("b", "0", 12, "", d.Label)
	d.rect("f-ink", "0", 20, width, 14)
	return d
}

func (b *builder) signatureFacts(sig report.DKIM) []fieldView {
	alg := sig.Algorithm
	if sig.KeyBits > 0 {
		alg = dotted(alg, b.p.Text("ui.dkim.bits", map[string]string{"n": strconv.Itoa(sig.KeyBits)}))
	}
	facts := []fieldView{
		{b.p.Text("ui.dkim.result", nil), dotted(sig.Result, sig.Reason)}, {"d= / s=", sig.Domain + " / " + sig.Selector},
		{b.p.Text("ui.dkim.algorithm", nil), alg}, {b.p.Text("ui.dkim.form", nil), sig.Canonicalization},
		{b.p.Text("ui.dkim.at", nil), when(sig.SignedAt, b.p)},
	}
	var kept []fieldView
	for _, f := range facts {
		if f.Value != "" {
			kept = append(kept, fieldView{f.Name, render.Visible(f.Value)})
		}
	}
	return kept
}

func distinct(fields []report.Field) []string {
	var names []string
	seen := map[string]bool{}
	for _, f := range fields {
		if key := strings.ToLower(f.Name); !seen[key] {
			seen[key] = true
			names = append(names, f.Name)
		}
	}
	return names
}

func occurs(fields []report.Field, name string) int {
	n := 0
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			n++
		}
	}
	return n
}
