// SPDX-License-Identifier: MIT

package rbl

import (
	"net/netip"
	"strings"
)

// A Family says which kind of address a question is about.
type Family string

// The families.
const (
	IPv4 Family = "ipv4"
	IPv6 Family = "ipv6"
)

// Points are the test points of a list (RFC 5782 §5): one that is always
// listed, and two that never are. The second catches lists that answer for
// everything but the official point.
type Points struct{ Listed, Clean, Other netip.Addr }

// points are the official ones.
var points = map[Family]Points{
	IPv4: {addr("127.0.0.2"), addr("127.0.0.1"), addr("192.0.2.1")},
	IPv6: {addr("::ffff:7f00:2"), addr("::ffff:7f00:1"), addr("2001:db8::1")},
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// A List is one reputation list.
type List struct {
	ID       string // in ids of findings: rbl.<ID>.<meaning>
	Name     string // as people know it
	Zone     string
	Kind     string // ip, domain or allow
	Tier     string // high, medium, low or info: how many receivers use it
	Families []Family
	Points   map[Family]Points // where the list has others than the official ones
	Codes    []Code            // heaviest first
	Refs     []string
	URL      string // page about one target, with {target}
}

// A Code is a range of answers with one meaning. What a list answers beyond
// its codes is shown and not charged.
type Code struct {
	First, Last netip.Addr
	Meaning     string // in ids of findings
	Weight, Cap int    // tenths
	Limit       string // of the tier, if it has one
}

func code(first, last, meaning string, weight, limit int) Code {
	return Code{First: addr(first), Last: addr(last), Meaning: meaning, Weight: weight, Cap: limit}
}

// url is the page of the list about the address.
func (l List) url(ip netip.Addr) string { return strings.ReplaceAll(l.URL, "{target}", ip.String()) }

// has reports whether the list holds addresses of the family.
func (l List) has(f Family) bool {
	for _, g := range l.Families {
		if f == g {
			return true
		}
	}
	return false
}

// points are the list's test points.
func (l List) points(f Family) Points {
	if p, ok := l.Points[f]; ok {
		return p
	}
	return points[f]
}

// Default returns the lists that are asked without configuration.
func Default() []List {
	return []List{{
		ID: "zen", Name: "Spamhaus ZEN", Zone: "zen.spamhaus.org", Kind: "ip", Tier: "high",
		Families: []Family{IPv4, IPv6},
		Codes: []Code{
			code("127.0.0.2", "127.0.0.2", "sbl", 40, 20),
			code("127.0.0.9", "127.0.0.9", "drop", 40, 20),
			code("127.0.0.30", "127.0.0.30", "bcl", 40, 20),
			code("127.0.0.4", "127.0.0.7", "xbl", 35, 30), // .5 to .7 are reserved for it
			code("127.0.0.3", "127.0.0.3", "css", 35, 30),
			code("127.0.0.10", "127.0.0.11", "pbl", 25, 40),
		},
		Refs: []string{"RFC 5782 §2.1", "https://docs.spamhaus.com/datasets/docs/source/10-data-type-documentation/datasets/040-zones.html"},
		URL:  "https://check.spamhaus.org/results/?query={target}",
	}}
}
