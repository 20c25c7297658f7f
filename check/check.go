// SPDX-License-Identifier: MIT

// Package check runs independent checks over one evidence value. All checks
// start at once; what several of them need is a Fact, computed once. Findings
// come out in declared order, and whatever goes wrong becomes unknown.
package check

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
	"mailproof/report"
)

// A Need is a set of things that were observed, or not.
type Need uint

// What a check can need. A message is always there but in domain check-ups.
const (
	NeedMessage  Need = 1 << iota
	NeedClientIP      // Session.ClientIP
	NeedHelo          // Session.Helo
	NeedMailFrom      // Session.MailFrom, or the null sender
	NeedTLS           // whether the session was encrypted
	NeedDialogue      // the transcript of the session
)

// A Check looks at one aspect of the evidence. Run returns findings, never an
// error: a check that cannot tell says so with a Spec whose status is
// Unknown. Run must not keep or change in. It returns at least one finding,
// each made from one of Specs.
type Check struct {
	ID      string               // "spf", "spf.helo"; [a-z0-9]+(\.[a-z0-9-]+)*
	Needs   Need                 // without these it is not run: <id>.not-observed
	Uses    Need                 // what else its findings rest on, where it is there
	Applies func(in *Input) bool // nil: always; false: <id>.does-not-apply
	Timeout time.Duration        // zero: the runner's
	Specs   []finding.Spec       // every statement it can make
	Run     func(ctx context.Context, in *Input) []finding.Finding
}

// Weight is the heaviest single statement of the check, in tenths: what its
// undecidedness takes from the coverage.
func (c Check) Weight() int {
	w := 0
	for _, s := range c.Specs {
		w = max(w, s.Weight)
	}
	return w
}

// A Group is an ordered set of checks and their texts; ID is the section of
// the report. Describe, if set, fills the group's part of the report after
// all checks have run, from the same facts, asking nothing new.
type Group struct {
	ID       string
	Checks   []Check
	Budget   int   // DNS questions that the group may ask; 0: DefaultBudget
	Texts    fs.FS // en.json and zh-CN.json at its root
	Describe func(ctx context.Context, in *Input, r *report.Report)
}

// DefaultBudget is how many different DNS questions a group may ask. Budgets
// keep a hostile mail from using us to flood somebody's name servers.
const DefaultBudget = 100

// Input is all that a check may look at. There is no other way to the network
// or the clock.
type Input struct {
	*evidence.Evidence
	Msg *evidence.Message // Evidence.Raw parsed; never nil
	DNS dns.Resolver      // within the budget of the group
	Now time.Time
	Log *slog.Logger

	run   *run
	group string
	kept  *Kept
}
