// SPDX-License-Identifier: MIT

package spf

import (
	"net/netip"
	"slices"
	"strings"
)

// WithAddress is the record to publish so that a client passes: ip4 or ip6 for
// its address, before the first term that could end the evaluation otherwise
// (all, include, redirect, or a mechanism that does not say pass). All else
// stays as it was. A record that names the address already in such a place,
// and an invalid address, change nothing; an empty record becomes a new one
// that ends in ~all.
func WithAddress(record string, ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() {
		return record
	}
	term := "ip6:" + ip.String()
	if ip.Is4() {
		term = "ip4:" + ip.String()
	}
	if strings.TrimSpace(record) == "" {
		return version + " " + term + " ~all"
	}
	rec, _ := ParseRecord(record)
	for _, t := range rec.Terms {
		if t.Network.IsValid() && t.Qualifier == QPass && t.Network.Contains(ip) {
			return record
		}
		if mayEnd(t) {
			return record[:t.At] + term + " " + record[t.At:]
		}
	}
	return strings.TrimRight(record, " ") + " " + term
}

// mayEnd reports whether a term could keep a later ip4 or ip6 from deciding.
func mayEnd(t Term) bool {
	switch t.Kind {
	case All, Include, Redirect:
		return true
	case Exp, Unknown, Malformed:
		return false
	}
	return t.Qualifier != QPass
}

// Merge is the one record to publish in place of several: every mechanism
// once, in order, as far as it was reachable; the mildest of their endings,
// but never +all; a redirect beside other records becomes an include.
// Malformed terms are left out.
func Merge(records []string) string {
	m := merger{}
	for _, r := range records {
		m.add(r)
	}
	ending := m.ending
	switch {
	case len(m.redirects) == 1 && ending == "" && len(records) == 1:
		ending = "redirect=" + m.redirects[0]
	default:
		for _, d := range m.redirects {
			m.keep("include:" + d)
		}
		if ending == "" && len(m.redirects) > 0 {
			ending = "~all" // their own endings are out of sight
		}
	}
	parts := append([]string{version}, m.terms...)
	if ending != "" {
		parts = append(parts, ending)
	}
	return strings.Join(append(parts, m.modifiers...), " ")
}

type merger struct {
	terms, modifiers, redirects []string
	ending                      string
	exp                         bool
}

func (m *merger) keep(term string) {
	if !slices.Contains(m.terms, term) {
		m.terms = append(m.terms, term)
	}
}

func (m *merger) add(record string) {
	rec, _ := ParseRecord(record)
	_, ended := rec.find(All)
	past := false
	for _, t := range rec.Terms {
		switch {
		case t.Kind == Malformed:
		case t.Kind == Redirect:
			if !ended { // §6.1: otherwise ignored
				m.redirects = append(m.redirects, t.Value)
			}
		case t.Kind == Exp:
			if !m.exp {
				m.exp, m.modifiers = true, append(m.modifiers, t.String())
			}
		case t.Kind == Unknown:
			if !slices.Contains(m.modifiers, t.String()) {
				m.modifiers = append(m.modifiers, t.String())
			}
		case past:
		case t.Kind == All:
			past = true
			m.end(t.Qualifier)
		default:
			m.keep(t.String())
		}
	}
}

// end keeps the milder of two endings.
func (m *merger) end(q Qualifier) {
	const order = "-~?" // from strict to mild
	if q == QPass {
		q = QSoftfail // nobody should publish that
	}
	next := string(byte(q)) + "all"
	if m.ending == "" || strings.IndexByte(order, byte(q)) > strings.IndexByte(order, m.ending[0]) {
		m.ending = next
	}
}
