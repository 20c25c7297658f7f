// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"slices"
)

// Overlay is the world of base after the changes, applied in their order, each
// to one record:
//
//   - other records of the name and type stay;
//   - an added SPF or DMARC record takes the place of what has its version tag;
//   - replacing a record that is not there adds the new one, because that is
//     what the publisher ends up with; removing one that is not there is nothing;
//   - an added record hides a CNAME of its name, and an added CNAME all else;
//   - CNAMEs are followed through the overlay, wherever they lead;
//   - a new name makes its parents exist and is covered by no wildcard;
//   - a name whose last record goes is NXDOMAIN, unless names exist below it,
//     which zones and recordings tell but the network does not.
//
// Where base does not know (SERVFAIL and the like), nobody knows after the
// change either; but what base has not recorded counts as empty where the
// overlay adds a record of the type asked. Changes that Validate refuses are
// left out. A parent that existed only because of a removed name stays.
func Overlay(base Resolver, changes []Change) Resolver {
	if len(changes) == 0 {
		return base
	}
	o := &overlay{base: base, edits: make(map[string][]edit), grown: make(map[string]bool)}
	for _, c := range changes {
		if name, e, err := c.read(); err == nil {
			o.edits[name] = append(o.edits[name], e)
		}
	}
	for name, edits := range o.edits {
		for up := name; up != "" && len(added(edits)) > 0; up = parent(up) {
			o.grown[up] = true
		}
	}
	return o
}

type overlay struct {
	base  Resolver
	edits map[string][]edit // by lower-case name
	grown map[string]bool   // names that exist because of what was added
}

func (o *overlay) unwrap() Resolver { return o.base }

// A step is what one name of a CNAME chain has to say.
type step struct {
	Answer         // of the name alone, or of untouched names behind it
	next    string // the CNAME to follow, if the chain goes on
	touched bool   // not what base says
}

func (o *overlay) Lookup(ctx context.Context, name string, t Type) (Answer, error) {
	at, err := Canonical(name, t)
	if err != nil {
		return Answer{}, err
	}
	var chain []string
	secure, touched := true, false
	for {
		s, err := o.step(ctx, at, t)
		if err != nil {
			return Answer{}, asked(err, name)
		}
		secure, touched = secure && s.Secure, touched || s.touched
		for _, c := range s.CNAMEs {
			if chain, err = FollowCNAME(name, t, chain, c); err != nil {
				return Answer{}, err
			}
		}
		if s.next == "" {
			s.CNAMEs, s.Secure = chain, secure
			if touched {
				s.Source = SourceOverlay
			}
			return Limit(name, t, s.Answer)
		}
		if at, err = Canonical(s.next, t); err != nil {
			return Answer{}, asked(err, name)
		}
	}
}

// step answers for one name; its CNAMEs include next.
func (o *overlay) step(ctx context.Context, at string, t Type) (step, error) {
	ans, err := o.base.Lookup(ctx, at, t)
	edits := o.edits[at]
	if err != nil {
		if ans, err = o.despite(ctx, at, t, err); err != nil {
			return step{}, err
		}
	}
	wild := ""
	if edits == nil {
		ans, wild, err = o.covered(ctx, at, t, ans)
		if err != nil {
			return step{}, err
		}
		if wild == "" {
			return o.untouched(at, ans), nil
		}
		edits = o.edits[wild]
	} else if ans.Wildcard != "" && len(added(edits)) > 0 {
		// The name is there now, so the wildcard does not cover it.
		ans = Answer{RCode: NXDomain, Secure: ans.Secure, Source: ans.Source}
	}
	s, err := o.edited(ctx, at, t, ans, edits)
	s.Records = owned(s.Records, at, wild)
	return s, err
}

// despite makes the best of an error of base: nothing, where the overlay adds
// to what was not recorded; a CNAME whose target may have been changed.
func (o *overlay) despite(ctx context.Context, at string, t Type, err error) (Answer, error) {
	e := AsError(err, at, t)
	isType := func(r Record) bool { return r.Type == t || r.Type == TypeCNAME }
	switch {
	case e.Code == NotRecorded && slices.ContainsFunc(added(o.edits[at]), isType):
		return Answer{RCode: NXDomain}, nil
	case e.Code == BadName || e.Code == OverBudget || t == TypeCNAME || ctx.Err() != nil:
		return Answer{}, err
	}
	c, cerr := o.base.Lookup(ctx, at, TypeCNAME)
	if cerr != nil || len(c.Records) == 0 {
		return Answer{}, err
	}
	if target := c.Records[0].Value; o.edits[at] != nil || o.edits[Lower(target)] != nil {
		return Answer{RCode: NoError, CNAMEs: []string{target}, Secure: c.Secure, Source: c.Source}, nil
	}
	return Answer{}, err
}

// untouched is base's answer for a name without edits, up to the first CNAME
// that leads to a name with some.
func (o *overlay) untouched(at string, ans Answer) step {
	s := step{Answer: ans}
	last := at
	for i, c := range ans.CNAMEs {
		last = Lower(c)
		if o.edits[last] != nil {
			return step{Answer: Answer{CNAMEs: ans.CNAMEs[:i+1], Secure: ans.Secure}, next: c}
		}
	}
	if ans.RCode == NXDomain && o.grown[last] {
		s.RCode, s.touched = NoError, true
	}
	return s
}

// edited is the answer for a name with edits, given what base says.
func (o *overlay) edited(ctx context.Context, at string, t Type, ans Answer, edits []edit) (step, error) {
	s := step{Answer: ans}
	s.Records, s.CNAMEs, s.Wildcard = nil, nil, ""
	own := ans.Records
	if len(ans.CNAMEs) > 0 {
		own = nil // they belong to another name
	}
	news := added(edits)
	if t != TypeCNAME {
		if target := o.alias(at, ans, edits, news); target != "" {
			s.next, s.CNAMEs = target, []string{target}
			s.touched = len(ans.CNAMEs) == 0 || Lower(ans.CNAMEs[0]) != Lower(target)
			return s, nil
		}
	}
	if hidden(news, t) {
		own = nil
	}
	s.Records = apply(own, t, edits)
	if hidden(news, t) {
		s.Records = nil
	}
	s.touched = len(ans.CNAMEs) > 0 || !slices.EqualFunc(s.Records, ans.Records, sameRecord)
	code, err := o.code(ctx, at, t, s, edits)
	s.touched = s.touched || code != ans.RCode
	s.RCode = code
	return s, err
}

// alias is the target of the CNAME that the name has after the edits.
func (o *overlay) alias(at string, ans Answer, edits []edit, news []Record) string {
	if len(news) > 0 && hidden(news, TypeCNAME) {
		return ""
	}
	var base []Record
	if len(ans.CNAMEs) > 0 {
		base = []Record{{Name: at, Type: TypeCNAME, Value: ans.CNAMEs[0]}}
	}
	if after := apply(base, TypeCNAME, edits); len(after) > 0 {
		return after[len(after)-1].Value
	}
	return ""
}

// hidden reports whether records of the type are hidden by what was added: a
// CNAME stands alone (RFC 1034 §3.6.2), so the kind that came last wins.
func hidden(news []Record, t Type) bool {
	if len(news) == 0 {
		return false
	}
	return (news[len(news)-1].Type == TypeCNAME) != (t == TypeCNAME)
}

// code says whether a name with edits exists.
func (o *overlay) code(ctx context.Context, at string, t Type, s step, edits []edit) (RCode, error) {
	if len(s.Records) > 0 || o.grown[at] {
		return NoError, nil
	}
	removes := func(e edit) bool { return e.action != Add }
	if s.RCode == NXDomain || !slices.ContainsFunc(edits, removes) {
		return s.RCode, nil
	}
	return o.left(ctx, at, t, edits)
}
