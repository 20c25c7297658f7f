// SPDX-License-Identifier: MIT

package spf

import "mailproof/dns"

// An eval is one evaluation with the answers that are there. At the first
// question without an answer it goes on as if that term did not match, only to
// find out what else to ask; its verdict counts only if want stays empty.
type eval struct {
	session
	w       *world
	want    []wanted
	lookups int
	voids   int
	why     *failure
}

// wanted is a question without an answer, and the term it belongs to.
type wanted struct {
	q     question
	group int
}

// A failure ends the evaluation.
type failure struct {
	result Result
	reason Reason
	where  Where
	err    *dns.Error
}

func (e *eval) run() Verdict {
	t, last := e.record(e.domain)
	v := Verdict{
		Result: t.Result, Reason: t.Reason, Domain: e.domain, Record: t.Record(),
		Lookups: e.lookups, VoidLookups: e.voids, Trace: t,
	}
	if e.why != nil {
		v.Result, v.Reason, v.DNS = e.why.result, e.why.reason, e.why.err
		v.Where = &e.why.where
		return v
	}
	for i := range last.Steps {
		if s := &last.Steps[i]; s.Outcome == Match && !s.Term.Modifier() {
			v.Matched, v.MatchedIn, v.MatchedAt = s.Term.Text, last.Domain, s.Term.At
		}
	}
	if v.Result == Fail && len(e.want) == 0 {
		v.Explanation = e.explain(last)
	}
	return v
}

// ask returns an answer, or notes that it is wanted.
func (e *eval) ask(name string, t dns.Type) (answer, bool) {
	q := key(name, t)
	a, ok := e.w.answers[q]
	if !ok {
		e.want = append(e.want, wanted{q, e.lookups})
	}
	return a, ok
}

// record evaluates the record of one domain. last is the trace of the record
// that decided: t itself, or the end of its redirects.
func (e *eval) record(domain string) (t, last *Trace) {
	t = &Trace{Domain: domain}
	rec, ok := e.fetch(t)
	if !ok {
		return t, t
	}
	t.Steps = make([]Step, len(rec.Terms))
	for i, term := range rec.Terms {
		t.Steps[i] = Step{Term: term, Outcome: NotReached}
		if term.Kind == Unknown {
			t.Steps[i].Outcome = Ignored
		}
	}
	if len(t.Errors) > 0 { // §4.6: anywhere in the record, before anything else
		e.syntax(t)
		return t, t
	}
	for i := range t.Steps {
		s := &t.Steps[i]
		if s.Term.Modifier() {
			continue
		}
		if e.step(t, s) {
			return t, t
		}
	}
	return e.end(t, rec)
}

// end is what comes after all mechanisms: redirect, or neutral (§4.7, §6.1).
func (e *eval) end(t *Trace, rec Record) (_, last *Trace) {
	i, ok := rec.find(Redirect)
	if !ok {
		t.Result = Neutral
		return t, t
	}
	s := &t.Steps[i]
	last = t
	e.measured(s, func() {
		if !e.count(t, s) {
			return
		}
		name, state := e.expand(s.Term.Value, domainText, t.Domain)
		if state == unknownYet {
			return
		}
		s.Target = fit(name)
		if state == impossible {
			s.Target = ""
		}
		s.Child, last = e.record(s.Target)
		t.Result, s.Outcome = s.Child.Result, Match
		if s.Child.Result == None { // §6.1
			s.Reason = s.Child.Reason
			e.fail(t, s, Permerror, RedirectNone, nil)
		}
	})
	if e.why != nil {
		t.Result, t.Reason, s.Outcome = e.why.result, e.why.reason, Failed
	}
	return t, last
}

// step evaluates one mechanism; true ends the record.
func (e *eval) step(t *Trace, s *Step) bool {
	match := false
	e.measured(s, func() { match = e.mechanism(t, s) })
	switch {
	case e.why != nil:
		s.Outcome = Failed
		t.Result, t.Reason = e.why.result, e.why.reason
		return true
	case match:
		s.Outcome = Match
		t.Result = s.Term.Qualifier.Result()
		return true
	}
	s.Outcome = NoMatch
	return false
}

// measured notes what f costs in lookups and voids.
func (e *eval) measured(s *Step, f func()) {
	lookups, voids := e.lookups, e.voids
	f()
	s.Lookups, s.Voids, s.Count = e.lookups-lookups, e.voids-voids, e.lookups
}

// count counts a term that queries; false if that is one too many (§4.6.4).
func (e *eval) count(t *Trace, s *Step) bool {
	e.lookups++
	if e.lookups <= MaxLookups {
		return true
	}
	e.fail(t, s, Permerror, TooManyLookups, nil)
	return false
}

// void counts a term whose question was answered with nothing (§4.6.4).
func (e *eval) void(t *Trace, s *Step) {
	e.voids++
	s.Questions[len(s.Questions)-1].Void = true
	if e.voids > MaxVoids {
		e.fail(t, s, Permerror, TooManyVoids, nil)
	}
}

// fail ends the evaluation; the innermost place is kept.
func (e *eval) fail(t *Trace, s *Step, r Result, why Reason, err *dns.Error) {
	if e.why != nil {
		return
	}
	w := Where{Domain: t.Domain}
	if s != nil {
		w.Term, w.At = s.Term.Text, s.Term.At
		if s.Reason == "" {
			s.Reason = why
		}
	}
	e.why = &failure{r, why, w, err}
}

func (e *eval) syntax(t *Trace) {
	first := t.Errors[0]
	e.fail(t, nil, Permerror, Syntax, nil)
	e.why.where.Term, e.why.where.At, e.why.where.Code = first.Term, first.At, first.Code
	t.Result, t.Reason = Permerror, Syntax
	for i := range t.Steps {
		s := &t.Steps[i]
		if s.Term.Kind == Malformed {
			s.Outcome, s.Reason = Failed, Syntax
		}
	}
}

// dnsReason is the Reason of a failed question.
func dnsReason(err *dns.Error) Reason {
	if r, ok := dnsReasons[err.Code]; ok {
		return r
	}
	return DNSError
}
