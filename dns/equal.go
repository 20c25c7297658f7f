// SPDX-License-Identifier: MIT

package dns

import (
	"cmp"
	"maps"
	"slices"
)

// sameRecord reports whether two records are one to the DNS: owner and data
// agree; the TTL and how a text is cut into strings do not matter here.
func sameRecord(a, b Record) bool {
	return a.Type == b.Type && Lower(a.Name) == Lower(b.Name) && sameValue(a.Type, a.Value, b.Value)
}

// sameValue compares data: texts by their octets, all else, where letters are
// those of names and of hexadecimal digits, without regard to case. Addresses
// are compared as values because parsing has made them uniform.
func sameValue(t Type, a, b string) bool {
	switch t {
	case TypeA, TypeAAAA, TypeCNAME, TypeMX, TypeNS, TypePTR, TypeSOA, TypeSRV, TypeTLSA:
		return Lower(a) == Lower(b)
	}
	return a == b
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
