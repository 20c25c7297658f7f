// SPDX-License-Identifier: MIT

package render

import (
	"cmp"
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/text"
)

//go:embed texts/*.json
var texts embed.FS

// Texts are the sentences of the document that belong to no check.
func Texts() fs.FS {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return sub
}

// New makes the contract's document of a report in the printer's language.
func New(r report.Report, p *text.Printer) Document {
	d := Document{
		Schema: report.Schema, ID: r.ID, TestID: r.TestID, Revision: r.Revision, Number: r.Message,
		ReceivedAt: r.ReceivedAt, AnalyzedAt: r.AnalyzedAt, DurationMS: r.Duration.Milliseconds(),
		Version: r.Version, ScoringVersion: r.Scoring, Lang: p.Lang(), Hypothetical: r.Hypothetical,
		Score: Points(r.Score.Tenths), Verdict: r.Score.Verdict,
		VerdictText: p.Text("verdict."+string(r.Score.Verdict), nil),
		Coverage:    r.Score.Coverage, Provisional: r.Score.Provisional,
		Session: r.Session, Message: r.Mail, Authentication: r.Authentication,
		Findings: []Finding{}, Plan: []Step{}, RBL: []List{}, Providers: []struct{}{}, DNS: []Question{},
	}
	if r.Failed != "" {
		d.Failed = p.Text("failed."+r.Failed, nil)
	}
	for _, f := range r.Findings {
		d.Findings = append(d.Findings, newFinding(f, p))
	}
	d.Sections = newSections(r, d.Findings, p)
	for _, s := range r.Plan {
		d.Plan = append(d.Plan, Step{
			FindingIDs: s.FindingIDs, Findings: s.Findings, Gain: Points(s.Gain),
			ScoreAfter: Points(s.ScoreAfter), Running: Points(s.Running), Tried: s.Tried,
		})
	}
	for _, l := range r.Lists {
		d.RBL = append(d.RBL, List{List: l, Meaning: p.Text(l.Meaning, nil), Penalty: Points(l.Penalty)})
	}
	for _, e := range r.DNS {
		d.DNS = append(d.DNS, newQuestion(e))
	}
	d.fill()
	return d
}

// fill makes lists of the parts [] instead of null, as the contract has them.
func (d *Document) fill() {
	if d.Session.Recovered == nil {
		d.Session.Recovered = []string{}
	}
	if d.Session.Dialogue == nil {
		d.Session.Dialogue = []report.Line{}
	}
	if d.Message.Hops == nil {
		d.Message.Hops = []report.Hop{}
	}
	if d.Authentication.DKIM == nil {
		d.Authentication.DKIM = []report.DKIM{}
	}
	if ip := d.Authentication.IPRev; ip != nil && ip.Names == nil {
		d.Authentication.IPRev = &report.IPRev{Result: ip.Result, Names: []string{}}
	}
	for i := range d.RBL {
		l := &d.RBL[i]
		l.Codes, l.Text = orEmpty(l.Codes), orEmpty(l.Text)
	}
}

// newSections groups the findings; a section's status is that of its worst.
func newSections(r report.Report, found []Finding, p *text.Printer) []Section {
	all := make([]Section, 0, len(r.Score.Sections))
	for _, s := range r.Score.Sections {
		sec := Section{
			ID: s.ID, Title: p.Text("section."+s.ID, nil), Status: finding.Skipped,
			Weight: Points(s.Weight), Penalty: Points(s.Penalty), Limit: Points(s.Limit), Findings: []Finding{},
		}
		for _, f := range found {
			if f.Section == s.ID {
				sec.Findings = append(sec.Findings, f)
				if worse(f.Status, sec.Status) {
					sec.Status = f.Status
				}
			}
		}
		all = append(all, sec)
	}
	return all
}

// severity orders statuses from the quietest to the worst.
var severity = []finding.Status{
	finding.Skipped, finding.Info, finding.Pass, finding.Unknown, finding.Warn, finding.Fail,
}

// Severity is the place of a status from the quietest (0) to the worst.
func Severity(s finding.Status) int { return slices.Index(severity, s) }

func worse(a, b finding.Status) bool { return Severity(a) > Severity(b) }

func newQuestion(e dns.Exchange) Question {
	q := Question{
		Name: e.Name, Type: e.Type, RCode: e.Outcome(), Answers: []string{}, CNAME: orEmpty(e.Answer.CNAMEs),
		RTTMS: float64(e.RTT.Microseconds()) / 1000, Authenticated: e.Answer.Secure, Source: e.Answer.Source,
	}
	for i, r := range e.Answer.Records {
		q.Answers = append(q.Answers, r.Value)
		if i == 0 || r.TTL < q.TTL {
			q.TTL = r.TTL
		}
	}
	slices.SortFunc(q.Answers, cmp.Compare[string])
	return q
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// JSON is the document as indented JSON with a final line end. HTML special
// characters are escaped, so that it can stand in a page.
func JSON(d Document) ([]byte, error) {
	out, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

// lines splits a text of several lines.
func lines(s string) []string {
	out := []string{}
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
