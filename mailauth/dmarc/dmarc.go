// SPDX-License-Identifier: MIT

// Package dmarc evaluates DMARC as RFC 9989 defines it, with what RFC 7489 and
// the public suffix list would conclude beside it, and keeps every step: the
// names asked, the records found and what is odd about them, and the alignment
// of every identity. It judges no mail and writes no prose.
package dmarc

import (
	"context"
	"sync"

	"mailproof/dns"
)

// A Result is the outcome of an evaluation (RFC 9989 §11.2, RFC 8601 §2.7).
type Result string

// The results.
const (
	None      Result = "none" // no policy applies
	Pass      Result = "pass"
	Fail      Result = "fail"
	TempError Result = "temperror" // some DNS question that decides had no answer
	PermError Result = "permerror" // a record nobody can use, or a name that is none
)

// Input is what DMARC starts from.
type Input struct {
	// From holds the domains of all addresses of all From fields, in order,
	// as A-labels. Doubles are evaluated once.
	From []string
	// SPF holds the MAIL FROM identity (RFC 9989 §4.4.2), with the domain of
	// HELO for the null sender; DKIM one identity for each signature.
	SPF, DKIM []Identity
}

// An Identity is a domain that some other mechanism vouched for, or not.
type Identity struct {
	Domain string
	// Result as RFC 8601 words it: "pass" counts, "temperror" is undecided,
	// anything else counts for nothing.
	Result string
}

// A Verdict is the outcome for one message.
type Verdict struct {
	// Result over all author domains: what the strictest of them gives, so
	// that it passes only if each of them does, and is undecided if one is.
	// RFC 7489 §6.6.1 applies the strictest policy; nothing here ever picks
	// one of several authors.
	Result  Result
	Authors []Author // each different From domain, in order
}

// Author returns the evaluation that decides: the first one with the
// verdict's result and the strictest policy. Nil if From names no domain.
func (v *Verdict) Author() *Author {
	var best *Author
	for i := range v.Authors {
		a := &v.Authors[i]
		if best == nil || rank(a) > rank(best) {
			best = a
		}
	}
	return best
}

// An Author is the evaluation of one From domain.
type Author struct {
	Domain    string // lower case, no trailing dot
	Result    Result
	Discovery Discovery
	// Requested is the policy that the record asks for (p, sp or np);
	// Policy is that after t=y (RFC 9989 §4.7). Both empty if none applies.
	Requested, Policy Policy
	Tag               string // p, sp or np: where Requested comes from
	Exists            Tri    // whether the author domain exists; asked only where sp and np differ
	Disposition       Policy // what the receiver is asked to do with this mail
	Alignments        []Alignment
	Legacy            Legacy
	// Undecided is the first question without an answer that the result
	// hangs on; nil unless Result is TempError because of DMARC's own
	// questions (an identity may be undecided for its own reasons).
	Undecided error
	// BadName: Domain cannot be asked for; nothing was asked.
	BadName bool
}

// A Tri is a truth that may be unknown.
type Tri int

// The values of a Tri.
const (
	Unknown Tri = iota
	No
	Yes
)

// Evaluate works out the verdict for one message. The questions of all walks
// are asked at once and each only once, but r may well see the same question
// again in another call: a cache belongs in front of it.
func Evaluate(ctx context.Context, r dns.Resolver, in Input) Verdict {
	m := newMemo(r)
	names := distinct(in.From)
	m.prefetch(ctx, names, in)
	v := Verdict{Result: None, Authors: make([]Author, len(names))}
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { v.Authors[i] = evaluate(ctx, m, name, in) })
	}
	wg.Wait()
	if a := v.Author(); a != nil {
		v.Result = a.Result
	}
	return v
}

// rank orders evaluations from harmless to decisive. Undecided comes first:
// it might be worse than anything that is known.
func rank(a *Author) int {
	switch a.Result {
	case TempError:
		return 9
	case Fail:
		return 5 + a.Policy.level()
	case PermError:
		return 3
	case None:
		return 2
	}
	return 1
}

// evaluate is RFC 9989 §5.3 for one author domain, with §4.10 inside.
func evaluate(ctx context.Context, m *memo, name string, in Input) Author {
	a := Author{Domain: name, Result: PermError, BadName: true, Legacy: Legacy{Result: PermError}}
	if !validName(name) {
		return a
	}
	a.BadName = false
	a.Discovery = discover(ctx, m, name)
	a.decidePolicy(ctx, m)
	a.Alignments = a.align(ctx, m, in)
	a.decideResult()
	a.Legacy = legacy(name, a.Discovery.Steps, in)
	a.Legacy.Differs = a.Legacy.differs(&a)
	return a
}

// decidePolicy finds the policy that applies (RFC 9989 §4.10.1).
func (a *Author) decidePolicy(ctx context.Context, m *memo) {
	d := &a.Discovery
	if d.Record == nil || !d.Record.Usable() {
		return
	}
	a.Requested, a.Tag = d.Record.policyAt(d.Place, Yes)
	if absent, tag := d.Record.policyAt(d.Place, No); absent != a.Requested {
		var err error
		if a.Exists, err = m.exists(ctx, a.Domain); err != nil {
			a.Undecided = err
			return
		}
		if a.Exists == No {
			a.Requested, a.Tag = absent, tag
		}
	}
	a.Policy = a.Requested
	if d.Record.Test {
		a.Policy = a.Requested.lowered()
	}
}

// decideResult combines policy and alignment.
func (a *Author) decideResult() {
	d := &a.Discovery
	a.Disposition = PolicyNone
	switch {
	case d.Err != nil:
		a.Result, a.Undecided = TempError, d.Err
	case d.Record == nil:
		a.Result = None
	case !d.Record.Usable():
		a.Result = PermError
	default:
		a.Result, a.Undecided = outcome(a.Alignments, a.Undecided)
		if a.Result == Fail {
			a.Disposition = a.Policy
		}
	}
}

// outcome: one aligned pass is enough; a failure needs everything known.
// unknownPolicy is why the policy is undecided, which matters to a failure only.
func outcome(all []Alignment, unknownPolicy error) (Result, error) {
	undecided := false
	var why error
	for _, al := range all {
		switch {
		case al.Result == "pass" && al.Aligned == Yes:
			return Pass, nil
		case al.Result == "pass" && al.Aligned == Unknown, al.Result == "temperror" && al.Aligned != No:
			undecided = true
			if why == nil {
				why = al.Err
			}
		}
	}
	switch {
	case undecided:
		return TempError, why
	case unknownPolicy != nil:
		return TempError, unknownPolicy
	}
	return Fail, nil
}
