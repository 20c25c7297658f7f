// SPDX-License-Identifier: MIT

package spf

import (
	"slices"
	"strings"

	"mailproof/dns"
)

// node walks the record of one domain; above are the domains that led to it.
func (d *walk) node(domain string, above []string) *Node {
	n := &Node{Domain: domain}
	d.nodes++
	if d.nodes > maxLintNodes || len(above) > MaxLintDepth {
		d.cut(domain)
		return n
	}
	a, ok := d.ask(domain, dns.TypeTXT)
	if !ok {
		return n
	}
	n.DNS = a.rcode
	if a.err != nil {
		n.DNS = a.err.Code
		d.issue(Issue{Code: IssueDNS, Domain: domain, Detail: string(n.DNS)})
		return n
	}
	for _, txt := range a.values {
		if IsRecord(txt) {
			n.Records = append(n.Records, txt)
		}
	}
	d.records(n, a, len(above) == 0)
	if len(n.Records) == 0 {
		return n
	}
	p := d.w.parse(n.Records[0])
	d.terms(n, p, append(slices.Clone(above), strings.ToLower(domain)))
	return n
}

// records looks at the TXT records of a domain as a set.
func (d *walk) records(n *Node, a answer, top bool) {
	for _, txt := range a.values {
		if repaired, near := NearMiss(txt); near {
			d.issue(Issue{Code: IssueNear, Domain: n.Domain, Term: txt, Detail: repaired})
		}
	}
	for _, r := range n.Records {
		if r[:len(version)] != version {
			d.issue(Issue{Code: IssueCase, Domain: n.Domain, Term: r[:len(version)]})
		}
	}
	if len(n.Records) == 0 && top {
		d.issue(Issue{Code: IssueNone, Domain: n.Domain, Detail: string(a.rcode)})
	}
	if len(n.Records) > 1 {
		d.issue(Issue{Code: IssueTwo, Domain: n.Domain, N: len(n.Records), Detail: Merge(n.Records)})
	}
	if a.octets > MaxAnswer && len(n.Records) > 0 {
		d.issue(Issue{Code: IssueLongAnswer, Domain: n.Domain, N: a.octets})
	}
}

func (d *walk) terms(n *Node, p parsedRecord, path []string) {
	end, hasAll := p.rec.find(All)
	redirect, hasRedirect := p.rec.find(Redirect)
	for i, t := range p.rec.Terms {
		reachable := !hasAll || i <= end || t.Kind == Exp || t.Kind == Unknown
		if t.Kind == Redirect {
			reachable = !hasAll
		}
		n.Terms = append(n.Terms, Cost{Term: t, Reachable: reachable})
	}
	for _, e := range p.errs {
		i := slices.IndexFunc(n.Terms, func(c Cost) bool { return c.Term.At <= e.At && e.At < c.Term.At+len(c.Term.Text) })
		late := 0
		if i >= 0 && !n.Terms[i].Reachable {
			late = 1
		}
		d.issue(Issue{Code: IssueSyntax, Domain: n.Domain, Term: e.Term, At: e.At, Detail: string(e.Code), N: late})
	}
	d.shape(n, hasAll, hasRedirect && redirect >= 0, len(path) == 1)
	for i := range n.Terms {
		c := &n.Terms[i]
		if c.Reachable && c.Term.Queries() {
			d.cost(n, c, path)
			n.Lookups += c.Lookups
			n.Voids += c.Voids
		}
	}
}

// shape notes what can be said of a record without DNS.
func (d *walk) shape(n *Node, hasAll, hasRedirect, top bool) {
	seen := map[string]bool{}
	for _, c := range n.Terms {
		t := c.Term
		say := func(code IssueCode, detail string, number int) {
			d.issue(Issue{code, n.Domain, t.Text, t.At, detail, number})
		}
		plain := strings.ToLower(t.String())
		if seen[plain] && t.Kind != Malformed {
			say(IssueDuplicate, "", 0)
		}
		seen[plain] = true
		switch {
		case t.Kind == Redirect && !c.Reachable:
			say(IssueRedirectDead, "", 0)
		case !c.Reachable && t.Kind != Malformed:
			say(IssueUnreachable, "", 0)
		case t.Kind == PTR:
			say(IssuePTR, "", 0)
		case t.Kind == All && t.Qualifier == QPass:
			say(IssuePlusAll, "", 0)
		case t.Kind == All && t.Qualifier == QNeutral && top:
			say(IssueNeutralAll, "", 0)
		case t.Kind == Unknown && isMechanismName(t.Name):
			say(IssueMechAsMod, "", 0)
		case wide(t):
			say(IssueWide, "", t.Network.Bits())
		case t.Kind == A || t.Kind == MX:
			if t.CIDR4 >= 0 && t.CIDR4 <= maxWide4 {
				say(IssueWide, "", t.CIDR4)
			}
		}
	}
	if top && !hasAll && !hasRedirect {
		d.issue(Issue{Code: IssueNoAll, Domain: n.Domain})
	}
}

func wide(t Term) bool {
	return t.Qualifier == QPass && (t.Kind == IP4 && t.Network.Bits() <= maxWide4 || t.Kind == IP6 && t.Network.Bits() <= maxWide6)
}

func isMechanismName(s string) bool {
	switch Kind(strings.ToLower(s)) {
	case All, Include, A, MX, PTR, IP4, IP6, Exists:
		return true
	}
	return false
}

// cost works out what a term costs and what it leads to.
func (d *walk) cost(n *Node, c *Cost, path []string) {
	c.Lookups = 1
	name, ok := staticName(c.Term.Value, n.Domain, d.root)
	follows := c.Term.Kind == Include || c.Term.Kind == Redirect
	say := func(code IssueCode, detail string, number int) {
		d.issue(Issue{code, n.Domain, c.Term.Text, c.Term.At, detail, number})
	}
	if !ok {
		if follows {
			say(IssueDependsOnMail, "", 0)
		}
		return
	}
	c.Target = name
	if !follows {
		d.leaf(c, say)
		return
	}
	if slices.Contains(path, strings.ToLower(name)) {
		say(IssueLoop, "", 0)
		return
	}
	none := IssueIncludeNone
	if c.Term.Kind == Redirect {
		none = IssueRedirectNone
	}
	if !isName(name) {
		say(none, string(dns.BadName), 0)
		return
	}
	c.Child = d.node(name, path)
	c.Lookups += c.Child.Lookups
	c.Voids += c.Child.Voids
	if len(c.Child.Records) == 0 && (c.Child.DNS == dns.NoError || c.Child.DNS == dns.NXDomain) {
		say(none, string(c.Child.DNS), 0)
	}
}

// leaf asks what an a, mx or exists leads to; addresses of either family do.
func (d *walk) leaf(c *Cost, say func(IssueCode, string, int)) {
	types := map[Kind][]dns.Type{A: {dns.TypeA, dns.TypeAAAA}, MX: {dns.TypeMX}, Exists: {dns.TypeA}}[c.Term.Kind]
	if len(types) == 0 || !isName(c.Target) { // ptr depends on the client
		return
	}
	var last answer
	for _, t := range types {
		a, ok := d.ask(c.Target, t)
		if !ok {
			return
		}
		if a.err != nil {
			say(IssueDNS, string(a.err.Code), 0)
			return
		}
		if last = a; len(a.values) > 0 {
			break
		}
	}
	if last.void() {
		c.Voids = 1
		say(IssueVoid, string(last.rcode), 0)
	}
	if c.Term.Kind == MX && len(last.values) > MaxHosts {
		say(IssueManyHosts, "", len(last.values))
	}
}

// staticName expands what does not depend on a mail: %{d}, and %{o}, which is
// the domain that is checked.
func staticName(spec, domain, root string) (string, bool) {
	if spec == "" {
		return domain, true
	}
	parts, bad := parseMacros(spec, domainText)
	if bad >= 0 {
		return "", false
	}
	var b strings.Builder
	for _, p := range parts {
		switch p.letter {
		case 0:
			b.WriteString(p.literal)
		case 'd':
			b.WriteString(p.apply(domain))
		case 'o':
			b.WriteString(p.apply(root))
		default:
			return "", false
		}
		if b.Len() > maxExplanation {
			return "", false
		}
	}
	return fit(b.String()), true
}
