// SPDX-License-Identifier: MIT

// The terminal rendering: one column, 80 characters where that is possible,
// no colour, no cursor movement. What comes from the mail cannot move the
// cursor either: control characters are shown, not sent.

package render

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/text"
)

// signs stand before a finding, so that a status is seen without colour.
var signs = map[finding.Status]string{
	finding.Pass: "✓", finding.Info: "i", finding.Warn: "!", finding.Fail: "✗",
	finding.Unknown: "?", finding.Skipped: "–",
}

// Terminal writes the document for a person at a terminal.
func Terminal(w io.Writer, d Document, p *text.Printer) error {
	t := &terminal{p: p}
	t.head(d)
	for _, s := range d.Sections {
		t.section(s)
	}
	t.authentication(d)
	t.plan(d)
	_, err := io.WriteString(w, t.b.String())
	return err
}

type terminal struct {
	p *text.Printer
	b strings.Builder
}

func (t *terminal) line(indent int, format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Visible(s)
		}
	}
	t.b.WriteString(strings.Repeat(" ", indent))
	fmt.Fprintf(&t.b, format, args...)
	t.b.WriteByte('\n')
}

func (t *terminal) word(key string) string { return t.p.Text(key, nil) }

func (t *terminal) head(d Document) {
	t.line(0, "%s: %s. %s", t.word("term.score"), t.p.Text("term.of-ten", map[string]string{"score": d.Score.String()}), d.VerdictText)
	if d.Failed != "" {
		t.line(0, "%s", d.Failed)
	}
	if d.Hypothetical {
		t.line(0, "%s", t.word("term.hypothetical"))
	}
	percent := map[string]string{"percent": fmt.Sprintf("%.0f", d.Coverage*100)}
	coverage := t.p.Text("term.coverage", percent)
	if d.Provisional {
		coverage += " (" + t.word("term.provisional") + ")"
	}
	t.line(0, "%s", coverage)
	t.line(0, "")
	t.facts(d)
}

func (t *terminal) facts(d Document) {
	mailFrom := t.word("term.not-known")
	if d.Session.MailFrom != nil {
		mailFrom = *d.Session.MailFrom
		if mailFrom == "" {
			mailFrom = t.word("term.null-sender")
		}
	}
	for _, f := range []struct{ key, value, field string }{
		{"term.from", d.Message.From, ""},
		{"term.subject", d.Message.Subject, ""},
		{"term.mail-from", mailFrom, "mail_from"},
		{"term.client", d.Session.ClientIP, "client_ip"},
		{"term.helo", d.Session.Helo, "helo"},
	} {
		value := f.value
		if value == "" {
			value = t.word("term.not-known")
		}
		for _, r := range d.Session.Recovered {
			if r == f.field {
				value += " (" + t.word("term.recovered") + ")"
			}
		}
		t.line(0, "%s: %s", t.word(f.key), value)
	}
}

func (t *terminal) section(s Section) {
	t.line(0, "")
	t.line(0, "%s  %s", s.Title, minus(s.Penalty))
	passed, skipped := 0, 0
	for _, f := range s.Findings {
		switch f.Status {
		case finding.Pass:
			passed++
		case finding.Skipped:
			skipped++
		default:
			t.finding(f)
		}
	}
	if passed > 0 {
		t.line(2, "%s %s", signs[finding.Pass], t.p.Count("term.passed", passed, nil))
	}
	if skipped > 0 {
		t.line(2, "%s %s", signs[finding.Skipped], t.p.Count("term.skipped", skipped, nil))
	}
}

func (t *terminal) finding(f Finding) {
	t.line(2, "%s %s  [%s] %s", signs[f.Status], f.Title, string(f.ID), t.mark(f))
	if f.Claimed != "" {
		t.line(4, "%s", f.Claimed)
	}
	for _, o := range f.Evidence {
		t.line(4, "%s: %s", o.Label, o.Value)
	}
	if f.Status == finding.Info {
		return
	}
	if f.Why != "" {
		t.line(4, "%s: %s", t.word("term.why"), f.Why)
	}
	if f.Fix != nil {
		t.fix(*f.Fix)
	}
}

func (t *terminal) mark(f Finding) string {
	switch {
	case f.Status == finding.Unknown:
		return t.word("term.not-counted")
	case f.Penalty > 0:
		return minus(f.Penalty)
	case f.Status == finding.Warn || f.Status == finding.Fail:
		return t.word("term.no-cost")
	}
	return ""
}

func (t *terminal) fix(f Fix) {
	t.line(4, "%s: %s", t.word("term.fix"), f.Summary)
	for i, s := range f.Steps {
		t.line(6, "%d. %s", i+1, s)
	}
	for _, c := range f.DNS {
		t.line(6, "%s %s %s", t.word("term."+string(c.Action)), string(c.Type), c.Name)
		if c.Action != dns.Remove {
			t.line(8, "%s", c.Value)
		}
		if c.Old != "" {
			t.line(8, "(%s: %s)", t.word("term.was"), c.Old)
		}
		if c.By == dns.ByNetwork {
			t.line(8, "%s", t.word("term.by-network"))
		}
	}
	for _, h := range f.Header {
		t.line(6, "%s %s: %s", t.word("term."+h.Action), h.Name, h.Value)
	}
}

func (t *terminal) plan(d Document) {
	if len(d.Plan) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, "%s", t.word("term.plan"))
	for i, s := range d.Plan {
		t.line(2, "%d. +%s → %s  %s", i+1, s.Gain.String(), s.ScoreAfter.String(), d.Findings[s.Findings[0]].Title)
	}
}

// minus is a mark as it is printed: a true minus and one decimal.
func minus(p Points) string {
	if p == 0 {
		return "0.0"
	}
	return "−" + p.String()
}

// Visible shows control characters, and those that change the direction of
// text, as escapes: hostile mail must not steer a terminal.
func Visible(s string) string {
	if strings.IndexFunc(s, steers) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if steers(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
