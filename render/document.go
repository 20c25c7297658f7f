// SPDX-License-Identifier: MIT

// Package render prints a report: as the contract's document in one language,
// and from that as JSON and as terminal text. It knows no check.
package render

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/scoring"
)

// Points are whole tenths of a point, written as a number with one decimal.
type Points int

// String is the number with one decimal: Points(87) is "8.7".
func (p Points) String() string { return strconv.FormatFloat(float64(p)/10, 'f', 1, 64) }

// MarshalJSON writes a JSON number with one decimal.
func (p Points) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Points) UnmarshalJSON(data []byte) error {
	f, err := strconv.ParseFloat(string(data), 64)
	if err != nil {
		return fmt.Errorf("points: %w", err)
	}
	*p = Points(math.Round(f * 10))
	return nil
}

// A Document is the contract's report (mailproof/report/v1) in one language.
type Document struct {
	Schema         string    `json:"schema"`
	ID             string    `json:"id"`
	TestID         string    `json:"test_id"`
	Revision       int       `json:"revision"`
	Number         int       `json:"n"` // of the message in its test
	ReceivedAt     time.Time `json:"received_at"`
	AnalyzedAt     time.Time `json:"analyzed_at"`
	DurationMS     int64     `json:"duration_ms"`
	Version        string    `json:"version"`
	ScoringVersion string    `json:"scoring_version"`
	Lang           string    `json:"lang"`
	Hypothetical   bool      `json:"hypothetical,omitempty"`
	Failed         string    `json:"failed,omitempty"` // why there is no verdict, a sentence

	Score       Points          `json:"score"`
	Verdict     scoring.Verdict `json:"verdict"`
	VerdictText string          `json:"verdict_text"` // the word in the language
	Coverage    float64         `json:"coverage"`
	Provisional bool            `json:"provisional"`

	Sections       []Section             `json:"sections"`
	Findings       []Finding             `json:"findings"`
	Plan           []Step                `json:"plan"`
	Session        report.Session        `json:"session"`
	Message        report.Mail           `json:"message"`
	Authentication report.Authentication `json:"authentication"`
	RBL            []List                `json:"rbl"`
	Filters        Filters               `json:"filters"`
	Providers      []struct{}            `json:"providers"`
	DNS            []Question            `json:"dns"`
}

// A Section is one of the eight parts of the score, always present.
type Section struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Status   finding.Status `json:"status"` // of its worst finding
	Weight   Points         `json:"weight"`
	Penalty  Points         `json:"penalty"`
	Limit    Points         `json:"limit"`
	Findings []Finding      `json:"findings"`
}

// A Finding is one statement with its sentences.
type Finding struct {
	ID       finding.ID     `json:"id"`
	Check    string         `json:"check"`
	Section  string         `json:"section"`
	Status   finding.Status `json:"status"`
	Weight   Points         `json:"weight"`
	Penalty  Points         `json:"penalty"`
	Subject  string         `json:"subject"`
	Params   finding.Params `json:"params"`
	Title    string         `json:"title"`
	Summary  string         `json:"summary"`
	Why      string         `json:"why"`
	Claimed  string         `json:"claimed,omitempty"` // a sentence: as the message itself claims
	Evidence []Observation  `json:"evidence"`
	Fix      *Fix           `json:"fix"`
	Refs     []Ref          `json:"refs"`
}

// An Observation is one thing seen, labelled in the language.
type Observation struct {
	Kind  string `json:"kind"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// A Fix is what to change.
type Fix struct {
	Summary string                 `json:"summary"`
	Steps   []string               `json:"steps"`
	DNS     []dns.Change           `json:"dns"`
	Header  []finding.HeaderChange `json:"header"`
}

// A Ref is a source to read.
type Ref struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// A Step is one fix of the plan. Gain and ScoreAfter are for it alone,
// Running is the score when it and all before it are done.
type Step struct {
	FindingIDs []finding.ID `json:"finding_ids"`
	Findings   []int        `json:"findings"` // indices in Document.Findings
	Gain       Points       `json:"gain"`
	ScoreAfter Points       `json:"score_after"`
	Running    Points       `json:"score_running"`
	Tried      bool         `json:"tried"`
}

// A List is the answer of one block or allow list.
type List struct {
	report.List
	Meaning string `json:"meaning"` // in the language
	Penalty Points `json:"penalty"`
}

// Filters are opinions of spam filters; null where none was asked.
type Filters struct {
	SpamAssassin *struct{} `json:"spamassassin"`
	Rspamd       *struct{} `json:"rspamd"`
}

// A Question is one DNS question with its answer.
type Question struct {
	Name          string     `json:"name"`
	Type          dns.Type   `json:"type"`
	RCode         dns.RCode  `json:"rcode"`
	Answers       []string   `json:"answers"`
	CNAME         []string   `json:"cname"`
	TTL           uint32     `json:"ttl"`
	RTTMS         float64    `json:"rtt_ms"`
	Authenticated bool       `json:"authenticated"`
	Source        dns.Source `json:"source"`
}
