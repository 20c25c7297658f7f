// SPDX-License-Identifier: MIT

// Package report is what one analysis concluded, in no particular language.
// It is what the store keeps: ids, params and evidence, no sentences.
package report

import (
	"time"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/scoring"
)

// Schema names the document that render makes of a Report.
const Schema = "mailproof/report/v1"

// ScoringVersion is raised whenever the same evidence may score differently.
const ScoringVersion = "1"

// A Report contains no sentences.
type Report struct {
	ID           string        `json:"id"`
	TestID       string        `json:"test_id,omitempty"`
	Revision     int           `json:"revision"` // of the report: 1, then one more for each reanalysis
	Message      int           `json:"n"`        // number of the message in its test, from 1
	ReceivedAt   time.Time     `json:"received_at"`
	AnalyzedAt   time.Time     `json:"analyzed_at"`
	Duration     time.Duration `json:"duration"`
	Version      string        `json:"version"` // of the program
	Scoring      string        `json:"scoring_version"`
	Hypothetical bool          `json:"hypothetical,omitempty"`

	Score    scoring.Score     `json:"score"`
	Findings []finding.Finding `json:"findings"` // in declared order, penalties set
	Ran      []scoring.Ran     `json:"ran"`
	Plan     []Step            `json:"plan,omitempty"`

	Session        Session        `json:"session"`
	Mail           Mail           `json:"message"`
	Authentication Authentication `json:"authentication"`
	Lists          []List         `json:"rbl,omitempty"`
	DNS            []dns.Exchange `json:"dns,omitempty"` // sorted by name and type
	// Failed says why there is no verdict: the analyser was killed by this
	// message more than once. Empty for every other report.
	Failed string `json:"failed,omitempty"`
}

// A Step is one fix of the plan. Gain and ScoreAfter are in tenths and for
// this fix alone; Running is the score when this and all steps before it are
// done. Tried: found by analysing again with the change laid over the DNS;
// else calculated by leaving the findings out.
type Step struct {
	FindingIDs []finding.ID `json:"finding_ids"`
	Findings   []int        `json:"findings"` // indices in Report.Findings
	Gain       int          `json:"gain"`
	ScoreAfter int          `json:"score_after"`
	Running    int          `json:"running"`
	Tried      bool         `json:"tried"`
}
