// SPDX-License-Identifier: MIT

package webui

import (
	"slices"

	"mailproof/render"
	"mailproof/text"
)

// newFacts is the title block: what was examined.
func newFacts(d render.Document, p *text.Printer) []factView {
	s := d.Session
	word := func(key string) string { return p.Text("ui.fact."+key, nil) }
	claimed := func(field string) string {
		if slices.Contains(s.Recovered, field) {
			return word("claimed")
		}
		return ""
	}
	from := word("not-known")
	switch {
	case s.MailFrom != nil && *s.MailFrom == "":
		from = word("null-sender")
	case s.MailFrom != nil:
		from = *s.MailFrom
	}
	client := []string{orWord(s.ClientIP, word("not-known"))}
	if d.Authentication.IPRev != nil && len(d.Authentication.IPRev.Names) > 0 {
		client = append(client, d.Authentication.IPRev.Names[0])
	}
	facts := []factView{
		{Label: word("subject"), Lines: []string{orWord(d.Message.Subject, "–")}, Wide: true},
		{Label: word("from"), Lines: []string{orWord(d.Message.From, "–")}},
		{Label: word("mail-from"), Lines: []string{from}, Mono: true, Remark: claimed("mail_from")},
		{Label: word("client"), Lines: client, Mono: true, Remark: claimed("client_ip")},
		{Label: word("helo"), Lines: []string{orWord(s.Helo, word("not-known"))}, Mono: true, Remark: claimed("helo")},
		{Label: word("received"), Lines: []string{orWord(when(d.ReceivedAt, p), "–")}},
		{Label: word("size"), Lines: []string{dotted(kB(d.Message.Size), channel(d, p))}},
	}
	for i := range facts {
		for j, line := range facts[i].Lines {
			facts[i].Lines[j] = render.Visible(line)
		}
	}
	return facts
}

func channel(d render.Document, p *text.Printer) string {
	switch {
	case d.Session.TLS != nil:
		return d.Session.TLS.Version
	case d.Session.TLSKnown:
		return p.Text("ui.fact.plain", nil)
	}
	return ""
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}
