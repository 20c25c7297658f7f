// SPDX-License-Identifier: MIT

// Package finding defines what a check can say: statements declared in
// advance (Spec), made about a subject with what was seen (Finding), and the
// change that would remove them (Fix). There is no prose in it: words are
// looked up by id at the edge.
package finding

import "mailproof/dns"

// A Status is how a statement is to be taken.
type Status string

// The statuses of a finding. Only Warn and Fail carry points.
const (
	Pass    Status = "pass"
	Info    Status = "info"
	Warn    Status = "warn"
	Fail    Status = "fail"
	Unknown Status = "unknown" // applies, but could not be found out: never costs, never green
	Skipped Status = "skipped" // does not apply, or was not asked for
)

// An ID names one statement, such as "spf.softfail". IDs are API: texts,
// goldens, thresholds and CI configurations refer to them. They match
// [a-z0-9]+(\.[a-z0-9-]+)+.
type ID string

// Params are the values that the texts of a finding may use. Values may come
// from hostile mail; whoever prints them escapes them.
type Params map[string]string

// A Spec declares one statement that a check can make.
type Spec struct {
	ID     ID
	Status Status
	Weight int      // worst penalty in tenths of a point; 0 for all but Warn and Fail
	Cap    int      // highest total score in tenths once this is charged; 0: no cap
	Limit  string   // name of a limit inside the section that this counts towards, such as "rbl.medium"
	Params []string // names the texts may use
	Refs   []string // "RFC 7208 §4.6.4", or the URL of a provider's page
}

// At returns the finding that s holds for subject: a domain, an address, a
// selector. (ID, Subject) is unique in a report.
func (s Spec) At(subject string, p Params, seen ...Observation) Finding {
	return Finding{
		ID: s.ID, Status: s.Status, Weight: s.Weight, Cap: s.Cap, Limit: s.Limit,
		Subject: subject, Params: p, Seen: seen, Refs: s.Refs,
	}
}

// A Finding is one statement about one subject. Section and Check are set by
// the runner, Penalty by scoring.
type Finding struct {
	ID      ID            `json:"id"`
	Check   string        `json:"check"`
	Section string        `json:"section"`
	Status  Status        `json:"status"`
	Weight  int           `json:"weight,omitempty"`  // tenths; what the spec declares, or less
	Penalty int           `json:"penalty,omitempty"` // tenths; what really came off
	Cap     int           `json:"cap,omitempty"`     // tenths; 0: none
	Limit   string        `json:"limit,omitempty"`
	Subject string        `json:"subject,omitempty"`
	Params  Params        `json:"params,omitempty"`
	Seen    []Observation `json:"seen,omitempty"`
	Fix     *Fix          `json:"fix,omitempty"`
	Refs    []string      `json:"refs,omitempty"`
	// Claimed: it rests on what the message says of itself (recovered from
	// Received or Return-Path), not on what was observed. Set by the runner from
	// the needs of the check; a check that knows it of one finding sets it itself.
	Claimed bool `json:"claimed,omitempty"`
}

// Weighing returns f with a lighter weight; it never gets heavier than the
// spec declared.
func (f Finding) Weighing(tenths int) Finding {
	f.Weight = min(f.Weight, tenths)
	return f
}

// Fixed returns f with the change that would remove it.
func (f Finding) Fixed(fix Fix) Finding {
	f.Fix = &fix
	return f
}

// An Observation quotes what was seen, unmodified and attributed. Kind is one
// of dns, header, session, message, computed. Label is a key of the texts
// ("label.record") where one exists, else shown as it is.
type Observation struct {
	Kind  string `json:"kind"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// A Fix is a change that removes the finding it is attached to; tests apply
// it and look. One without DNS has only its texts (<id>.fix, <id>.steps).
type Fix struct {
	DNS    []dns.Change   `json:"dns,omitempty"`
	Header []HeaderChange `json:"header,omitempty"`
	Params Params         `json:"params,omitempty"` // for .fix and .steps, beside the finding's own
}

// A HeaderChange is a header field to set in the message.
type HeaderChange struct {
	Action string `json:"action"` // add, replace, remove
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
}
