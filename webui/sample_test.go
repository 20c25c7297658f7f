// SPDX-License-Identifier: MIT

package webui_test

import (
	"mailproof/finding"
	"mailproof/render"
	"mailproof/report"
	"mailproof/scoring"
)

// sample is a rich report: every section, status and figure has something.
func sample() render.Document {
	findings := sampleFindings()
	doc := render.Document{
		Schema: report.Schema, ID: "r1", Revision: 1, Number: 1, ReceivedAt: noon, AnalyzedAt: noon,
		Version: "1.0-test", ScoringVersion: "1", Lang: "en",
		Score: 47, Verdict: scoring.Poor, VerdictText: "Poor", Coverage: 0.94,
		Findings: findings, Session: sampleSession(), Message: sampleMail(),
		Authentication: sampleAuthentication(), RBL: sampleLists(), DNS: sampleQuestions(), Providers: []struct{}{},
	}
	for _, id := range []string{"authentication", "sender", "dns", "rbl", "message", "content", "filters", "providers"} {
		s := render.Section{ID: id, Title: "Section " + id, Status: finding.Skipped, Findings: []render.Finding{}}
		for _, f := range findings {
			if f.Section == id {
				s.Findings = append(s.Findings, f)
				s.Penalty += f.Penalty
				s.Weight += f.Weight
			}
		}
		doc.Sections = append(doc.Sections, s)
	}
	doc.Plan = []render.Step{
		{FindingIDs: []finding.ID{"spf.softfail", "score.capped"}, Findings: []int{0, 6}, Gain: 36, ScoreAfter: 83, Running: 83, Tried: true},
		{FindingIDs: []finding.ID{"helo.other-name"}, Findings: []int{4}, Gain: 2, ScoreAfter: 49, Running: 85},
	}
	return doc
}
