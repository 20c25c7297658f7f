// SPDX-License-Identifier: MIT

package spf

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// checkDomainSpec checks a domain-spec (§7.1); at is its octet in the term.
func checkDomainSpec(s string, at int) *fault {
	if s == "" {
		return &fault{MissingValue, at}
	}
	parts, bad := parseMacros(s, domainText)
	if bad >= 0 {
		return &fault{BadMacro, at + bad}
	}
	tail, tailAt := "", 0
	if last := parts[len(parts)-1]; s[last.at] != '%' {
		tail, tailAt = last.literal, last.at
	}
	if tail == "" {
		return nil // ends in a macro-expand
	}
	top := strings.TrimSuffix(tail, ".")
	i := strings.LastIndexByte(top, '.')
	if i >= 0 && isTopLabel(top[i+1:]) {
		return nil
	}
	if _, err := netip.ParseAddr(s); err == nil || isNetwork(s) {
		return &fault{AddressAsDomain, at}
	}
	return &fault{BadDomainSpec, at + tailAt + i + 1}
}

func isNetwork(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

// isTopLabel: letters, digits and inner hyphens, not only digits (§7.1).
func isTopLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	digits := true
	for i := range len(s) {
		switch {
		case isAlpha(s[i]) || s[i] == '-':
			digits = false
		case !isDigit(s[i]):
			return false
		}
	}
	return !digits
}

// identity turns the domain of an identity into the name to ask for; false if
// there is none (§4.3). Names in Unicode become A-labels (RFC 8616 §4).
func identity(domain string) (string, bool) {
	domain = strings.TrimSuffix(domain, ".")
	for i := range len(domain) {
		if domain[i] < 0x80 {
			continue
		}
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return domain, false
		}
		domain = ascii
		break
	}
	for i := range len(domain) {
		c := domain[i]
		if !isAlpha(c) && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return domain, false // also address literals
		}
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return domain, false
	}
	return domain, isName(domain)
}

// isName reports whether a DNS question can be made of s: two labels or more,
// none empty or too long (§4.3). Odd octets are allowed in a label.
func isName(s string) bool {
	if len(s) > maxName || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel {
			return false
		}
	}
	return true
}

// fit turns the expansion of a domain-spec into a name: without the trailing
// dot, and cut from the left to the length of a name (§7.3).
func fit(s string) string {
	s = strings.TrimSuffix(s, ".")
	for len(s) > maxName {
		i := strings.IndexByte(s, '.')
		if i < 0 {
			return s
		}
		s = s[i+1:]
	}
	return s
}

// within reports whether name is domain or a subdomain of it.
func within(name, domain string) bool {
	n := len(name) - len(domain)
	return n >= 0 && strings.EqualFold(name[n:], domain) && (n == 0 || name[n-1] == '.')
}

// reverseName is the name of the PTR records of an address.
func reverseName(ip netip.Addr) string {
	labels := strings.Split(strings.ToLower(dotted(ip)), ".")
	slices.Reverse(labels)
	if ip.Is4() {
		return strings.Join(labels, ".") + ".in-addr.arpa"
	}
	return strings.Join(labels, ".") + ".ip6.arpa"
}
