// SPDX-License-Identifier: MIT

package render

import (
	"strings"

	"mailproof/report"
)

// authentication draws the SPF tree and the alignment table.
func (t *terminal) authentication(d Document) {
	a := d.Authentication
	if a.SPF != nil && a.SPF.Trace != nil {
		t.line(0, "")
		t.line(0, "%s: %s", t.p.Text("term.spf-tree", map[string]string{"domain": a.SPF.Domain}), a.SPF.Result)
		t.spf(a.SPF.Trace, 2)
	}
	if a.DMARC.FromDomain == "" {
		return
	}
	t.line(0, "")
	t.line(0, "%s", t.p.Text("term.alignment", map[string]string{"domain": a.DMARC.FromDomain}))
	if a.SPF != nil {
		t.aligned("SPF", a.SPF.Result, a.SPF.Domain, a.DMARC.Alignment.SPF)
	}
	for _, s := range a.DKIM {
		is := a.DMARC.Alignment.DKIM
		is.Aligned = is.Aligned && strings.EqualFold(is.Domain, s.Domain) && s.Result == "pass"
		t.aligned("DKIM "+s.Selector, s.Result, s.Domain, is)
	}
	t.line(2, "%s: %s", t.word("term.dmarc"), a.DMARC.Result)
}

func (t *terminal) aligned(what, result, domain string, a report.Aligned) {
	word := "term.not-aligned"
	if a.Aligned {
		word = "term.aligned"
	}
	t.line(2, "%-12s %-10s %s  %s (%s)", what, result, domain, t.word(word), a.Mode)
}

func (t *terminal) spf(n *report.SPFTrace, indent int) {
	for _, term := range n.Terms {
		detail := term.Detail
		if detail != "" {
			detail = "  " + detail
		}
		t.line(indent, "%s  %s%s", term.Text, term.Outcome, detail)
		if term.Child != nil {
			t.spf(term.Child, indent+2)
		}
	}
}
