// SPDX-License-Identifier: MIT

package dns

import (
	"context"
	"strings"
)

// probes are the types asked to see whether a name still has any record, the
// likeliest first.
var probes = []Type{
	TypeSOA, TypeTXT, TypeA, TypeMX, TypeNS, TypeAAAA, TypeCNAME, TypePTR,
	TypeSRV, TypeTLSA, TypeSPF,
}

// left says whether a name, one of whose records was removed and which has
// none of type t, still exists. What cannot be found out counts as there.
func (o *overlay) left(ctx context.Context, at string, t Type, edits []edit) (RCode, error) {
	if hasBelow(o.base, at) {
		return NoError, nil
	}
	for _, p := range probes {
		if p == t {
			continue
		}
		ans, err := o.base.Lookup(ctx, at, p)
		if err != nil {
			if AsError(err, at, p).Code == NotRecorded {
				continue
			}
			return NoError, nil
		}
		if len(ans.CNAMEs) == 0 && len(apply(ans.Records, p, edits)) > 0 {
			return NoError, nil
		}
	}
	return NXDomain, nil
}

// covered finds the wildcard with edits that a name without them is made from,
// and corrects base's answer where a name that the overlay made exist comes
// between (RFC 4592 §3.3.1: only the closest encloser counts).
func (o *overlay) covered(ctx context.Context, at string, t Type, ans Answer) (Answer, string, error) {
	from := strings.TrimPrefix(ans.Wildcard, "*.")
	if ans.Wildcard == "*" {
		from = "."
	}
	absent := ans.RCode == NXDomain
	if len(ans.CNAMEs) > 0 || o.grown[at] || !absent && from == "" {
		if o.grown[at] && from != "" && len(ans.CNAMEs) == 0 {
			return Answer{RCode: NXDomain, Secure: ans.Secure, Source: ans.Source}, "", nil
		}
		return ans, "", nil
	}
	for up := parent(at); up != ""; up = parent(up) {
		if w := join("*", up); o.edits[w] != nil && (up == from || o.grown[w]) {
			if up != from {
				ans = Answer{RCode: NXDomain, Secure: ans.Secure, Source: ans.Source}
			}
			return ans, w, nil
		}
		if up == from {
			break
		}
		if o.grown[up] {
			return Answer{RCode: NXDomain, Secure: ans.Secure, Source: ans.Source}, "", nil
		}
		if absent && o.wildAbove(up) {
			if a, err := o.base.Lookup(ctx, up, t); err != nil || a.RCode != NXDomain {
				return ans, "", err
			}
		}
	}
	return ans, "", nil
}

// wildAbove reports whether the overlay has a wildcard above name.
func (o *overlay) wildAbove(name string) bool {
	for up := parent(name); up != ""; up = parent(up) {
		if o.edits[join("*", up)] != nil {
			return true
		}
	}
	return false
}

// hasBelow reports whether the world under r is known to have names under name.
func hasBelow(r Resolver, name string) bool {
	for {
		if k, ok := r.(interface{ hasBelow(name string) bool }); ok {
			return k.hasBelow(name)
		}
		w, ok := r.(interface{ unwrap() Resolver })
		if !ok {
			return false
		}
		r = w.unwrap()
	}
}

func (z *Zone) hasBelow(name string) bool {
	for n := range z.nodes {
		if below(n, name) {
			return true
		}
	}
	return false
}
