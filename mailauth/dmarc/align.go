// SPDX-License-Identifier: MIT

package dmarc

import (
	"context"
	"sync"
)

// A Mode is how close two domains have to be (RFC 9989 §4.4).
type Mode string

// The modes: the same organizational domain, or the same name.
const (
	Relaxed Mode = "relaxed"
	Strict  Mode = "strict"
)

// Mechanisms that vouch for an identity.
const (
	BySPF  = "spf"
	ByDKIM = "dkim"
)

// An Alignment compares one identity with the author domain.
type Alignment struct {
	By      string // BySPF or ByDKIM
	Domain  string
	Result  string // of the mechanism, as given
	Mode    Mode
	Aligned Tri    // whether the names are aligned, whatever the result
	Org     string // organizational domain of Domain, where it was needed
	Err     error  // the question that leaves it undecided
}

// Passes reports whether the identity makes DMARC pass.
func (al *Alignment) Passes() bool { return al.Aligned == Yes && al.Result == "pass" }

// align compares every identity with the author domain. Where no policy
// applies, it is compared as a record at the organizational domain of the
// public suffix list would have it, for that is where it would be published:
// without any record RFC 9989 knows no relation between two names.
func (a *Author) align(ctx context.Context, m *memo, in Input) []Alignment {
	rec := a.Discovery.Record
	if rec == nil || !rec.Usable() {
		rec = &Record{ADKIM: Relaxed, ASPF: Relaxed}
	}
	var all []Alignment
	for _, id := range in.SPF {
		all = append(all, Alignment{By: BySPF, Domain: clean(id.Domain), Result: id.Result, Mode: rec.ASPF})
	}
	for _, id := range in.DKIM {
		all = append(all, Alignment{By: ByDKIM, Domain: clean(id.Domain), Result: id.Result, Mode: rec.ADKIM})
	}
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { a.compare(ctx, m, &all[i]) })
	}
	wg.Wait()
	return all
}

// compare decides one alignment, asking only where the answer can matter: an
// organizational domain is a parent of the name itself, so a name that is not
// under the author's cannot have the same.
func (a *Author) compare(ctx context.Context, m *memo, al *Alignment) {
	al.Aligned = No
	switch {
	case !validName(al.Domain):
	case al.Domain == a.Domain:
		al.Aligned = Yes
	case al.Mode == Strict:
	case a.Discovery.Record == nil && a.Discovery.Err == nil:
		al.Aligned = tri(LegacyOrgDomain(al.Domain) == LegacyOrgDomain(a.Domain))
	case a.Discovery.OrgErr != nil:
		if shared(al.Domain, a.Domain) > 0 {
			al.Aligned, al.Err = Unknown, a.Discovery.OrgErr
		}
	case under(al.Domain, a.Discovery.Org):
		other := discover(ctx, m, al.Domain)
		al.Org = other.Org
		al.Aligned, al.Err = tri(other.Org == a.Discovery.Org), other.OrgErr
		if al.Err != nil {
			al.Aligned = Unknown
		}
	}
}

func tri(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// prefetch starts the walks that are sure or likely to be needed, so that they
// take one round trip together: those of the authors and of identities that
// share a registrable-looking part with one.
func (m *memo) prefetch(ctx context.Context, authors []string, in Input) {
	var wg sync.WaitGroup
	start := func(name string) { wg.Go(func() { m.walk(ctx, name) }) }
	for _, a := range authors {
		if validName(a) {
			start(a)
		}
	}
	for _, ids := range [][]Identity{in.SPF, in.DKIM} {
		for _, id := range ids {
			if name := clean(id.Domain); validName(name) && likely(name, authors) {
				start(name)
			}
		}
	}
	wg.Wait()
}

func likely(name string, authors []string) bool {
	for _, a := range authors {
		if name != a && shared(name, a) >= 2 {
			return true
		}
	}
	return false
}

// shared is how many labels two names have in common at their end.
func shared(a, b string) int {
	n := 0
	for n < min(labels(a), labels(b)) && suffix(a, n+1) == suffix(b, n+1) {
		n++
	}
	return n
}
