// SPDX-License-Identifier: MIT

package spf_test

import (
	"slices"
	"strings"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

// A differenceRule recognises one kind of disagreement by what our trace
// shows. The reasons stand in testdata/differences.txt under the same names.
type differenceRule struct {
	library, name string
	applies       func(d difference) bool
}

var differenceRules = []differenceRule{
	{"blitiri", "lenient-syntax", func(d difference) bool { return d.ours.Reason == spf.Syntax }},
	{"blitiri", "voids-by-family", func(d difference) bool { return d.ours.Reason == spf.TooManyVoids }},
	{"blitiri", "slash-in-name", func(d difference) bool {
		return d.theirs == "permerror" && d.step(func(s spf.Step) bool { return s.Outcome != spf.NotReached && strings.Contains(s.Term.Value, "/") })
	}},
	{"blitiri", "asks-bad-names", func(d difference) bool { return d.theirs == "permerror" && d.step(badName) }},
	{"blitiri", "no-p-macro", func(d difference) bool { return d.step(usesP) }},
	{"wttw", "macro-in-name", func(d difference) bool { return d.code(spf.BadMacro) }},
	{"wttw", "closing-brace", func(d difference) bool {
		return d.code(spf.BadDomainSpec) && strings.HasSuffix(d.ours.Where.Term, "}")
	}},
	{"wttw", "prefix-length", func(d difference) bool { return d.code(spf.BadPrefixLength) }},
	{"wttw", "all-with-colon", func(d difference) bool {
		return d.code(spf.UnexpectedValue) && strings.HasSuffix(d.ours.Where.Term, "all:")
	}},
	{"wttw", "exp-of-bad-name", func(d difference) bool {
		return d.theirs == "permerror" && d.ours.Result == spf.Fail && d.step(func(s spf.Step) bool { return s.Term.Kind == spf.Exp })
	}},
	{"wttw", "ptr-of-bad-name", func(d difference) bool {
		return d.theirs == "fail" && d.step(func(s spf.Step) bool { return s.Term.Kind == spf.PTR && badName(s) })
	}},
	{"wttw", "include-of-bad-name", func(d difference) bool {
		return d.ours.Reason == spf.IncludeNone && d.step(func(s spf.Step) bool { return s.Term.Kind == spf.Include && badName(s) })
	}},
	{"wttw", "redirect-servfail", func(d difference) bool {
		return d.theirs == "permerror" && d.ours.Reason == spf.DNSServFail && d.ours.Where.Term == "" && d.step(func(s spf.Step) bool {
			return s.Term.Kind == spf.Redirect && s.Outcome == spf.Failed
		})
	}},
	{"wttw", "voids-of-hosts", func(d difference) bool { return d.theirs == "permerror" && d.step(emptyHost) }},
	{"wttw", "voids-of-p", func(d difference) bool { return d.theirs == "permerror" && d.step(usesP) }},
}

// badName: the target cannot be asked for.
func badName(s spf.Step) bool {
	return s.Reason == spf.BadDomain || s.Child != nil && s.Child.Reason == spf.BadDomain
}

// usesP: evaluated, with the name of the client in its target.
func usesP(s spf.Step) bool {
	return s.Outcome != spf.NotReached && strings.Contains(s.Term.Value, "%{p}")
}

// emptyHost: a host of mx or ptr without addresses.
func emptyHost(s spf.Step) bool {
	return slices.ContainsFunc(s.Questions, func(q spf.Question) bool {
		return q.Records == 0 && !q.Void && (q.Outcome == dns.NoError || q.Outcome == dns.NXDomain)
	})
}

// rule is the name of the first rule that explains a difference.
func (d difference) rule() string {
	i := slices.IndexFunc(differenceRules, func(r differenceRule) bool { return r.library == d.library && r.applies(d) })
	if i < 0 {
		return "unexplained"
	}
	return differenceRules[i].name
}

func (d difference) code(codes ...spf.SyntaxCode) bool {
	return d.ours.Reason == spf.Syntax && slices.Contains(codes, d.ours.Where.Code)
}

// step reports whether some step of the trace has a property.
func (d difference) step(has func(s spf.Step) bool) bool { return anyStep(d.ours.Trace, has) }

func anyStep(t *spf.Trace, has func(s spf.Step) bool) bool {
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Steps, func(s spf.Step) bool { return has(s) || anyStep(s.Child, has) })
}
