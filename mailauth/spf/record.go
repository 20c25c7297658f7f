// SPDX-License-Identifier: MIT

package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

// A Kind is the kind of a term by its name.
type Kind string

// The kinds of terms. Unknown is a modifier that RFC 7208 does not define
// (§6), Malformed is a term that does not parse.
const (
	All       Kind = "all"
	Include   Kind = "include"
	A         Kind = "a"
	MX        Kind = "mx"
	PTR       Kind = "ptr"
	IP4       Kind = "ip4"
	IP6       Kind = "ip6"
	Exists    Kind = "exists"
	Redirect  Kind = "redirect"
	Exp       Kind = "exp"
	Unknown   Kind = "modifier"
	Malformed Kind = "malformed"
)

// A Qualifier is the result that a matching mechanism gives (§4.6.2); zero for
// modifiers.
type Qualifier byte

// The qualifiers.
const (
	QPass     Qualifier = '+'
	QFail     Qualifier = '-'
	QSoftfail Qualifier = '~'
	QNeutral  Qualifier = '?'
)

// Result is what a mechanism with this qualifier gives when it matches.
func (q Qualifier) Result() Result {
	switch q {
	case QFail:
		return Fail
	case QSoftfail:
		return Softfail
	case QNeutral:
		return Neutral
	default:
		return Pass
	}
}

// A Record is a parsed SPF record.
type Record struct {
	Terms []Term // in order, malformed ones too
}

// A Term is a mechanism or a modifier.
type Term struct {
	Text string // as published
	At   int    // first octet in the record
	Kind Kind
	// Qualifier is explicit here even if the record leaves the plus out.
	Qualifier Qualifier
	// Name of an Unknown modifier, as published.
	Name string
	// Value is the domain-spec with its macros, or the value of an Unknown
	// modifier; empty if absent.
	Value string
	// Network of ip4 and ip6, host bits as published.
	Network netip.Prefix
	// CIDR4 and CIDR6 are the prefix lengths of a and mx; -1 if absent.
	CIDR4, CIDR6 int
}

// Queries reports whether the term counts against MaxLookups (§4.6.4).
func (t Term) Queries() bool {
	switch t.Kind {
	case Include, A, MX, PTR, Exists, Redirect:
		return true
	default:
		return false
	}
}

// Modifier reports whether the term is a modifier: its place in the record
// does not matter (§6).
func (t Term) Modifier() bool {
	return t.Kind == Redirect || t.Kind == Exp || t.Kind == Unknown
}

// String is the term in its plainest spelling; a malformed one as it was.
func (t Term) String() string {
	switch t.Kind {
	case Malformed:
		return t.Text
	case Unknown:
		return t.Name + "=" + t.Value
	case Redirect, Exp:
		return string(t.Kind) + "=" + t.Value
	}
	var b strings.Builder
	if t.Qualifier != QPass {
		b.WriteByte(byte(t.Qualifier))
	}
	b.WriteString(string(t.Kind))
	switch {
	case t.Kind == IP4 || t.Kind == IP6:
		b.WriteString(":" + t.Network.Addr().String())
		if !t.Network.IsSingleIP() {
			b.WriteString("/" + strconv.Itoa(t.Network.Bits()))
		}
	case t.Value != "":
		b.WriteString(":" + t.Value)
	}
	if t.CIDR4 >= 0 {
		b.WriteString("/" + strconv.Itoa(t.CIDR4))
	}
	if t.CIDR6 >= 0 {
		b.WriteString("//" + strconv.Itoa(t.CIDR6))
	}
	return b.String()
}

// String is the record in its plainest spelling.
func (r Record) String() string {
	parts := []string{version}
	for _, t := range r.Terms {
		parts = append(parts, t.String())
	}
	return strings.Join(parts, " ")
}

// find returns the first term of a kind.
func (r Record) find(k Kind) (int, bool) {
	for i, t := range r.Terms {
		if t.Kind == k {
			return i, true
		}
	}
	return 0, false
}
