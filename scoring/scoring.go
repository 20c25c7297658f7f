// SPDX-License-Identifier: MIT

// Package scoring turns findings into a score out of ten. All arithmetic is
// in whole tenths of a point. It is pure and knows no check by name.
package scoring

// A Verdict is the word for a score.
type Verdict string

// The verdicts. Perfect needs 10.0 and a report that is not provisional.
const (
	Perfect   Verdict = "perfect"
	Excellent Verdict = "excellent" // 9.0 and more
	Good      Verdict = "good"      // 7.0
	Fair      Verdict = "fair"      // 5.0
	Poor      Verdict = "poor"      // 3.0
	Bad       Verdict = "bad"
)

// A Score is what the findings of one report add up to. Always, exactly:
// Tenths = 100 - the sum of all penalties of findings = 100 - the sum of all
// penalties of sections.
type Score struct {
	Tenths      int       `json:"tenths"` // 0 to 100: 87 is 8.7 out of 10
	Verdict     Verdict   `json:"verdict"`
	Coverage    float64   `json:"coverage"` // weights of decided checks over weights of all that apply, 0..1
	Provisional bool      `json:"provisional"`
	Sections    []Section `json:"sections"`
}

// A Section is one part of the report with its share of the score.
type Section struct {
	ID      string `json:"id"`
	Weight  int    `json:"weight"`  // tenths: sum of the weights of its findings
	Penalty int    `json:"penalty"` // tenths: what came off
	Limit   int    `json:"limit"`   // tenths: the most that can come off, but for a cap
}

// A Ran is one check that was run (or could not be), for the coverage.
type Ran struct {
	Check   string `json:"check"`
	Section string `json:"section"`
	Weight  int    `json:"weight"`  // tenths: heaviest statement it can make
	Applies bool   `json:"applies"` // false: all its findings are skipped
	Decided bool   `json:"decided"` // none of its findings is unknown
}
