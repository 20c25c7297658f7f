// SPDX-License-Identifier: MIT

package spf

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"mailproof/dns"
)

const (
	// maxAhead is how many questions one Check may ask before the strict
	// order calls for them: three records with ten terms each. Beyond it
	// questions are asked one group at a time.
	maxAhead = 30
	// patience is how long a finished answer waits for those asked together
	// with it. It keeps the set of questions the same from run to run where
	// DNS is healthy, and a dead name server from holding up the others.
	patience = 300 * time.Millisecond
)

type question struct {
	name string // lower case
	typ  dns.Type
}

// An answer is what came back: records of the type, or why not.
type answer struct {
	rcode  dns.RCode
	values []string
	octets int // of all records, roughly as on the wire
	err    *dns.Error
}

// void reports an answer with nothing in it (§4.6.4).
func (a answer) void() bool { return a.err == nil && len(a.values) == 0 }

// A world is what is known of DNS, and the questions on their way.
type world struct {
	ctx     context.Context
	r       dns.Resolver
	answers map[question]answer
	parsed  map[string]parsedRecord
	flying  map[question]bool
	landed  chan landing
	wg      sync.WaitGroup
	ahead   int // questions asked early so far
	asked   int

	patience time.Duration // left: a dead server costs it once
}

type parsedRecord struct {
	rec  Record
	errs []SyntaxError
}

type landing struct {
	q question
	a answer
}

// mostQuestions is more than any evaluation can ask: eleven records, ten terms
// with a question and ten hosts each, exp and the names of the client.
const mostQuestions = 256

func newWorld(ctx context.Context, r dns.Resolver) *world {
	return &world{
		ctx: ctx, r: r,
		answers: map[question]answer{}, parsed: map[string]parsedRecord{},
		flying: map[question]bool{}, landed: make(chan landing, mostQuestions),
		patience: patience,
	}
}

func (w *world) parse(s string) parsedRecord {
	p, ok := w.parsed[s]
	if !ok {
		p.rec, p.errs = ParseRecord(s)
		w.parsed[s] = p
	}
	return p
}

func (w *world) start(q question) {
	if w.flying[q] || w.asked >= mostQuestions {
		return
	}
	w.asked++
	w.flying[q] = true
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		w.landed <- landing{q, lookup(w.ctx, w.r, q)} // never blocks: see mostQuestions
	}()
}

// land waits for one answer; false if none came in time. When the time of the
// whole evaluation is up, all that is still flying has timed out.
func (w *world) land(within time.Duration) bool {
	var tooLate <-chan time.Time
	if within > 0 {
		t := time.NewTimer(within)
		defer t.Stop()
		tooLate = t.C
	}
	select {
	case l := <-w.landed:
		w.answers[l.q] = l.a
		delete(w.flying, l.q)
		return true
	case <-tooLate:
		return false
	case <-w.ctx.Done():
		for q := range w.flying {
			w.answers[q] = answer{err: &dns.Error{Name: q.name, Type: q.typ, Code: dns.Timeout}}
		}
		clear(w.flying)
		return true
	}
}

// settle waits a little for all questions on their way and reports whether
// any answer came.
func (w *world) settle() (news bool) {
	began := time.Now()
	for len(w.flying) > 0 {
		left := w.patience - time.Since(began)
		if left <= 0 || !w.land(left) {
			w.patience = 0
			return news
		}
		news = true
	}
	return news
}

// advance brings the answer to the first wanted question, and asks the others
// early if nothing else is on its way; or it brings other answers, with which
// the evaluation may want something else.
func (w *world) advance(want []wanted) {
	first := want[0]
	if !w.flying[first.q] {
		if w.settle() {
			return
		}
		quiet := len(w.flying) == 0
		for _, x := range want {
			if x.group != first.group {
				if !quiet || w.ahead >= maxAhead || w.flying[x.q] {
					continue
				}
				w.ahead++
			}
			w.start(x.q)
		}
	}
	for w.flying[first.q] {
		w.land(0)
	}
	if _, ok := w.answers[first.q]; !ok { // not started: past mostQuestions
		w.answers[first.q] = answer{err: &dns.Error{Name: first.q.name, Type: first.q.typ, Code: dns.OverBudget}}
	}
}

func lookup(ctx context.Context, r dns.Resolver, q question) answer {
	res, err := r.Lookup(ctx, q.name, q.typ)
	if err != nil {
		var e *dns.Error
		if !errors.As(err, &e) {
			e = &dns.Error{Name: q.name, Type: q.typ, Code: dns.Timeout, Detail: err.Error()}
		}
		return answer{err: e}
	}
	a := answer{rcode: res.RCode}
	for _, rr := range res.Records {
		a.octets += len(rr.Value) + 12 + len(rr.Segments)
		if rr.Type == q.typ {
			a.values = append(a.values, rr.Value)
		}
	}
	return a
}

func key(name string, t dns.Type) question { return question{strings.ToLower(name), t} }
