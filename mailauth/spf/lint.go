// SPDX-License-Identifier: MIT

package spf

import (
	"context"

	"mailproof/dns"
)

// The bounds of the dry walk: records of strangers decide how far it goes.
const (
	// MaxLintQuestions is four times what an evaluation may need in terms.
	MaxLintQuestions = 40
	// MaxLintDepth of includes and redirects; evaluation cannot go past ten.
	MaxLintDepth = 20
	// maxLintNodes bounds trees that include the same names over and over.
	maxLintNodes = 100
	// MaxAnswer is the size of all TXT records of a name, in octets, above
	// which the answer does not fit in a plain UDP packet (§3.4).
	MaxAnswer = 450
	// Networks wider than these are named: no mail system is that large.
	maxWide4, maxWide6 = 15, 28
)

// An IssueCode names what Lint noticed. It is API.
type IssueCode string

// The issues. N and Detail are as told here; Term and At where there is one.
const (
	IssueNone          IssueCode = "no-record"         // the domain has none; Detail: NXDOMAIN or NOERROR
	IssueNear          IssueCode = "near-miss"         // a TXT record that was meant to be one; Detail: the repaired record
	IssueCase          IssueCode = "version-case"      // V=SPF1: valid (§12), but not read by everyone
	IssueTwo           IssueCode = "two-records"       // N: how many; Detail: the merged record
	IssueSyntax        IssueCode = "syntax"            // Detail: SyntaxCode; N: 1 if evaluation cannot reach the term
	IssueLookups       IssueCode = "too-many-lookups"  // N: how many the whole tree needs
	IssueVoids         IssueCode = "too-many-voids"    // N: how many
	IssueVoid          IssueCode = "void"              // the term's name leads nowhere; Detail: outcome
	IssueIncludeNone   IssueCode = "include-none"      // target without a record; Detail: outcome
	IssueRedirectNone  IssueCode = "redirect-none"     // likewise
	IssueLoop          IssueCode = "loop"              // target is the record itself or one above it
	IssueUnreachable   IssueCode = "unreachable"       // stands after all (§5.1)
	IssueRedirectDead  IssueCode = "redirect-ignored"  // all is there too (§6.1)
	IssuePTR           IssueCode = "ptr"               // should not be used (§5.5)
	IssuePlusAll       IssueCode = "plus-all"          // lets everyone pass
	IssueNeutralAll    IssueCode = "neutral-all"       // says nothing
	IssueNoAll         IssueCode = "no-all"            // the top record has no ending: neutral (§4.7)
	IssueWide          IssueCode = "wide-network"      // N: prefix length
	IssueManyHosts     IssueCode = "too-many-mx"       // N: hosts
	IssueDuplicate     IssueCode = "duplicate-term"    // the same term twice in a record
	IssueMechAsMod     IssueCode = "mechanism-as-name" // include=x: an unknown modifier, ignored
	IssueLongAnswer    IssueCode = "long-answer"       // N: octets of the TXT answer
	IssueOldType       IssueCode = "type-99"           // an SPF record of the retired type (§3.1); Detail: it
	IssueDNS           IssueCode = "dns-error"         // Detail: outcome; nothing is known below
	IssueNotAsked      IssueCode = "not-asked"         // a bound of the walk was met
	IssueDependsOnMail IssueCode = "depends-on-mail"   // an include whose name is made from the mail: cost unknown
)

// An Issue is one thing that Lint noticed.
type Issue struct {
	Code   IssueCode
	Domain string // whose record
	Term   string
	At     int
	Detail string
	N      int
}

// A Report is what the dry walk found.
type Report struct {
	Domain string
	Root   *Node
	// Lookups is how many terms an evaluation that nothing matches would
	// count; Voids likewise. Both go past the limits.
	Lookups, Voids int
	Issues         []Issue // of the top record first, then as the tree goes
	Questions      int
	// Truncated is set if a bound was met: the numbers are lower bounds.
	Truncated bool
}

// A Node is one record of the dry walk.
type Node struct {
	Domain  string
	DNS     dns.RCode // outcome of the TXT question; empty if not asked
	Records []string
	Terms   []Cost
	// Lookups and Voids are the costs of all reachable terms and below.
	Lookups, Voids int
}

// A Cost is one term of a Node.
type Cost struct {
	Term      Term
	Reachable bool
	Target    string // empty if it depends on the mail
	// Lookups and Voids of the term and of everything below it.
	Lookups, Voids int
	Child          *Node
}

// Lint walks the records of a domain without a client and past the limits of
// evaluation, within bounds of its own. It asks for records of the retired
// type 99 too if oldType is set.
func Lint(ctx context.Context, r dns.Resolver, domain string, oldType bool) Report {
	name, ok := identity(domain)
	if !ok {
		return Report{Domain: name, Issues: []Issue{{Code: IssueNone, Domain: name, Detail: string(dns.BadName)}}}
	}
	ctx, cancel := context.WithTimeout(ctx, MaxTime)
	defer cancel()
	w := newWorld(ctx, r)
	for {
		d := &walk{w: w, root: name}
		rep := d.run(oldType)
		if !w.askAll(d.want) {
			rep.Questions = w.asked
			return rep
		}
	}
}

// askAll asks everything that is not known, up to MaxLintQuestions in all;
// false if there was nothing to ask, or no room.
func (w *world) askAll(want []question) bool {
	for _, q := range want {
		if w.asked < MaxLintQuestions {
			w.start(q)
		}
	}
	if len(w.flying) == 0 {
		return false
	}
	for len(w.flying) > 0 {
		w.land(0)
	}
	return true
}

// A walk is one pass over the tree with the answers that are there.
type walk struct {
	w     *world
	root  string
	want  []question
	nodes int
	rep   Report
	seen  map[Issue]bool
}

func (d *walk) run(oldType bool) Report {
	d.seen = map[Issue]bool{}
	d.rep.Domain = d.root
	d.rep.Root = d.node(d.root, nil)
	d.rep.Lookups, d.rep.Voids = d.rep.Root.Lookups, d.rep.Root.Voids
	if d.rep.Lookups > MaxLookups {
		d.issue(Issue{Code: IssueLookups, Domain: d.root, N: d.rep.Lookups})
	}
	if d.rep.Voids > MaxVoids {
		d.issue(Issue{Code: IssueVoids, Domain: d.root, N: d.rep.Voids})
	}
	if oldType {
		if a, ok := d.ask(d.root, dns.TypeSPF); ok {
			for _, v := range a.values {
				d.issue(Issue{Code: IssueOldType, Domain: d.root, Detail: v})
			}
		}
	}
	return d.rep
}

func (d *walk) issue(i Issue) {
	if !d.seen[i] {
		d.seen[i] = true
		d.rep.Issues = append(d.rep.Issues, i)
	}
}

func (d *walk) ask(name string, t dns.Type) (answer, bool) {
	q := key(name, t)
	a, ok := d.w.answers[q]
	if !ok {
		d.want = append(d.want, q)
		d.cut(name) // stays in the report only if the question is never asked
	}
	return a, ok
}

func (d *walk) cut(name string) {
	d.rep.Truncated = true
	d.issue(Issue{Code: IssueNotAsked, Domain: name})
}
