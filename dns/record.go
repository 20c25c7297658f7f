// SPDX-License-Identifier: MIT

package dns

import "context"

// Recorded returns a Resolver that answers from exchanges of an earlier run,
// with the same answers and errors; only their Source becomes recorded. What is
// not among them goes to fallback, or is NotRecorded if that is nil. Without
// a fallback, what was found behind a CNAME answers for the CNAME's target too.
func Recorded(exchanges []Exchange, fallback Resolver) Resolver {
	r := &recorded{seen: make(map[question]Exchange, len(exchanges)), fallback: fallback}
	for _, x := range exchanges {
		r.seen[questionOf(x.Name, x.Type)] = x
	}
	if fallback == nil {
		for _, x := range exchanges {
			r.behind(x)
		}
	}
	return r
}

// behind adds what x says of the names along its CNAMEs.
func (r *recorded) behind(x Exchange) {
	chain := x.Answer.CNAMEs
	for i, c := range chain {
		q := questionOf(c, x.Type)
		if _, ok := r.seen[q]; ok {
			continue
		}
		link := x
		link.Name, link.Answer.CNAMEs = q.name, chain[i+1:]
		r.seen[q] = link
	}
}

type recorded struct {
	seen     map[question]Exchange
	fallback Resolver
}

func (r *recorded) Lookup(ctx context.Context, name string, t Type) (Answer, error) {
	x, ok := r.seen[questionOf(name, t)]
	switch {
	case !ok && r.fallback != nil:
		return r.fallback.Lookup(ctx, name, t)
	case !ok:
		if _, err := Canonical(name, t); err != nil {
			return Answer{}, err
		}
		return Answer{}, &Error{Name: name, Type: t, Code: NotRecorded}
	case x.Code != "":
		return Answer{}, &Error{Name: name, Type: t, Code: x.Code, Detail: x.Detail}
	}
	x.Answer.Source = SourceRecorded
	return x.Answer, nil
}

// hasBelow tells an overlay which names a recording has seen to exist.
func (r *recorded) hasBelow(name string) bool {
	for q, x := range r.seen {
		if x.Outcome() == NoError && below(q.name, name) {
			return true
		}
	}
	return r.fallback != nil && hasBelow(r.fallback, name)
}
