// SPDX-License-Identifier: MIT

package spf

import "mailproof/dns"

// A Trace is one record that the evaluation reached.
type Trace struct {
	Domain string
	// DNS is the outcome of the TXT question.
	DNS dns.RCode
	// Records are the SPF records found: none, one, or too many.
	Records []string
	// Errors are all malformed terms, reached or not.
	Errors []SyntaxError
	Result Result
	Reason Reason
	// Steps are all terms in order, if there is exactly one record.
	Steps []Step
}

// Record is the one SPF record of the trace, or empty.
func (t *Trace) Record() string {
	if len(t.Records) == 1 {
		return t.Records[0]
	}
	return ""
}

// An Outcome says what became of a term.
type Outcome string

// The outcomes. A redirect that was followed and an exp that was used are a
// Match.
const (
	Match      Outcome = "match"
	NoMatch    Outcome = "no-match"
	Failed     Outcome = "error"
	Ignored    Outcome = "ignored"     // an unknown modifier (§6)
	NotReached Outcome = "not-reached" // evaluation ended before it
)

// A Step is one term and what became of it.
type Step struct {
	Term    Term
	Outcome Outcome
	// Reason of an Error, or BadDomain for a name that could not be asked.
	Reason Reason
	// Target is the expanded name, for terms that have one.
	Target string
	// Found is the address or host name that made the term match.
	Found string
	// Questions that the term itself needed, in order.
	Questions []Question
	// Lookups and Voids are the cost of the term and of everything below it.
	Lookups, Voids int
	// Count is how many lookups were counted up to the end of this term.
	Count int
	// Child is the record of an include or redirect.
	Child *Trace
}

// A Question is one DNS question of a term and its outcome.
type Question struct {
	Name    string
	Type    dns.Type
	Outcome dns.RCode
	Records int  // of the type
	Void    bool // counted against MaxVoids
}
