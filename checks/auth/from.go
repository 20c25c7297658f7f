// SPDX-License-Identifier: MIT

package auth

import (
	"strings"

	"golang.org/x/net/idna"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/mailauth/dmarc"
)

// maxAuthors bounds the From domains that are evaluated: real mail has one,
// and each costs a tree walk.
const maxAuthors = 8

// FromDomains are the different domains of all addresses of all From fields,
// in order: any of them may be what the reader is shown.
func FromDomains(in *check.Input) []string {
	out, _ := authors(in)
	return out
}

// authors returns them, and whether it is clear that they are all of them: a
// field that cannot be read to its end, more domains than are evaluated, or
// something that other programs may read as From leaves it open whom a
// receiver would show. Nothing may pass for such a mail.
func authors(in *check.Input) (out []string, clear bool) {
	known := map[string]bool{}
	if in.Msg == nil {
		return nil, false
	}
	clear = len(in.Msg.HiddenFrom()) == 0
	for _, f := range in.Msg.All("From") {
		list, err := evidence.ParseAddressList(f.Value)
		clear = clear && err == nil
		for _, a := range list.Addresses() {
			d := ascii(a.Domain)
			switch {
			case d == "" || !known[d] && len(out) == maxAuthors:
				clear = false
			case !known[d]:
				known[d] = true
				out = append(out, d)
			}
		}
	}
	return out, clear
}

// ascii is a name in lower case and A-labels; one that has no such form stays
// as it is and is refused by the evaluators.
func ascii(name string) string {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	for i := range len(name) {
		if name[i] >= 0x80 {
			if a, err := idna.Lookup.ToASCII(name); err == nil {
				return a
			}
			return name
		}
	}
	return name
}

// ours reports whether a domain belongs to the same organization as an author,
// by the public suffix list: that needs no DNS, so it does not change when a
// name server is silent.
func ours(in *check.Input, domain string) bool {
	org := dmarc.LegacyOrgDomain(ascii(domain))
	for _, d := range FromDomains(in) {
		if dmarc.LegacyOrgDomain(d) == org {
			return true
		}
	}
	return false
}
