// SPDX-License-Identifier: MIT

package dmarc

import "strings"

// Sizes of names on the wire (RFC 1035 §2.3.4), as text without the final dot.
const (
	maxName  = 253
	maxLabel = 63
)

// clean is the form in which names are compared.
func clean(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// distinct returns the names once each, cleaned, in order.
func distinct(names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		if n = clean(n); !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// validName reports whether a name may be asked for: letters, digits, hyphens
// and underscores only, since names come from hostile mail.
func validName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel {
			return false
		}
		for _, c := range []byte(label) {
			if !isLDH(c) {
				return false
			}
		}
	}
	return !isNumber(name[strings.LastIndexByte(name, '.')+1:])
}

func isLDH(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// isNumber tells addresses from names: no top-level domain is all digits.
func isNumber(label string) bool {
	return strings.Trim(label, "0123456789") == ""
}

// under reports whether name is parent or below it.
func under(name, parent string) bool {
	return name == parent || strings.HasSuffix(name, "."+parent)
}

// suffix is the rightmost n labels of name.
func suffix(name string, n int) string {
	labels := strings.Split(name, ".")
	return strings.Join(labels[max(0, len(labels)-n):], ".")
}

func labels(name string) int { return strings.Count(name, ".") + 1 }

// maxWalk is how many names a walk may ask for (RFC 9989 §4.10): the name
// itself, and what is left of it from seven labels down to one.
const maxWalk = 8

// walkNames are the names of the tree walk from domain: with eight labels or
// more it jumps to seven, so that long names cost no more than short ones.
func walkNames(domain string) []string {
	names := []string{domain}
	for n := min(labels(domain), maxWalk) - 1; n > 0; n-- {
		names = append(names, suffix(domain, n))
	}
	return names
}
