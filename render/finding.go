// SPDX-License-Identifier: MIT

package render

import (
	"maps"
	"slices"
	"strings"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/text"
)

// newFinding puts the sentences to a finding.
func newFinding(f finding.Finding, p *text.Printer) Finding {
	key, params := sentences(f, p)
	d := Finding{
		ID: f.ID, Check: f.Check, Section: f.Section, Status: f.Status,
		Weight: Points(f.Weight), Penalty: Points(f.Penalty), Subject: f.Subject, Params: f.Params,
		Title: p.Text(key+".title", params), Summary: optional(p, key+".summary", params),
		Why: optional(p, key+".why", params), Evidence: []Observation{}, Refs: []Ref{},
	}
	if d.Params == nil {
		d.Params = finding.Params{}
	}
	if f.Claimed {
		d.Claimed = p.Text("claimed", nil)
	}
	for _, o := range f.Seen {
		d.Evidence = append(d.Evidence, Observation{Kind: o.Kind, Label: label(p, o.Label), Value: o.Value})
	}
	if f.Fix != nil {
		d.Fix = newFix(f, p, key, params)
	}
	for _, r := range f.Refs {
		d.Refs = append(d.Refs, newRef(r))
	}
	return d
}

// sentences returns the key of the finding's texts and what they may use. What
// the runner says for a check has the texts of "run.*" and the check's name.
func sentences(f finding.Finding, p *text.Printer) (string, map[string]string) {
	params := map[string]string{"subject": f.Subject}
	maps.Copy(params, f.Params)
	what, isRunners := strings.CutPrefix(string(f.ID), f.Check+".")
	if _, own := p.Lookup(string(f.ID)+".title", params); !own && isRunners {
		params["check"] = p.Text(f.Check+".name", nil)
		return "run." + what, params
	}
	if f.ID == "score.capped" {
		params["finding"] = p.Text(f.Params["finding"]+".title", f.Params)
	}
	return string(f.ID), params
}

func newFix(f finding.Finding, p *text.Printer, key string, params map[string]string) *Fix {
	all := maps.Clone(params)
	maps.Copy(all, f.Fix.Params)
	fix := &Fix{
		Summary: optional(p, key+".fix", all), Steps: lines(optional(p, key+".steps", all)),
		DNS: slices.Clone(f.Fix.DNS), Header: slices.Clone(f.Fix.Header),
	}
	if fix.DNS == nil {
		fix.DNS = []dns.Change{}
	}
	if fix.Header == nil {
		fix.Header = []finding.HeaderChange{}
	}
	return fix
}

func optional(p *text.Printer, key string, params map[string]string) string {
	s, _ := p.Lookup(key, params)
	return s
}

// label is the word for what was seen, or the label as it is.
func label(p *text.Printer, l string) string {
	if s, ok := p.Lookup("label."+strings.TrimPrefix(l, "label."), nil); ok {
		return s
	}
	return l
}

// newRef makes a source readable: "RFC 7208 §4.6.4" links to the section,
// "Gmail https://…" has a title and an address.
func newRef(r string) Ref {
	if title, url, ok := strings.Cut(r, " https://"); ok {
		return Ref{Title: title, URL: "https://" + url}
	}
	if strings.HasPrefix(r, "https://") {
		return Ref{Title: r, URL: r}
	}
	rest, isRFC := strings.CutPrefix(r, "RFC ")
	if !isRFC {
		return Ref{Title: r}
	}
	number, section, _ := strings.Cut(rest, " §")
	number, _, _ = strings.Cut(number, " ")
	url := "https://www.rfc-editor.org/rfc/rfc" + number
	if section != "" {
		url += "#section-" + section
	}
	return Ref{Title: r, URL: url}
}
