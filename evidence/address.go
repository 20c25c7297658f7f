// SPDX-License-Identifier: MIT

package evidence

import (
	"fmt"
	"strings"
)

// MaxAddressHeader is how much of an address field is read, in octets. Fields
// of this size are attacks on parsers, or lists of recipients that nobody reads.
const MaxAddressHeader = 64 << 10

// An Address is one mailbox (RFC 5322 §3.4).
type Address struct {
	Name   string // display name, decoded and valid UTF-8; may be empty
	Local  string // local part without quotes
	Domain string // lower case, A-labels; or a literal in brackets as written
}

// A Group is the addresses between two commas or a named group. Plain
// addresses in a row are one Group without Named; a named group may be empty.
type Group struct {
	Name    string
	Named   bool
	Members []Address
}

// An AddressList is what an address field holds.
type AddressList []Group

// Addresses are all addresses of the list, groups or not.
func (l AddressList) Addresses() []Address {
	var all []Address
	for _, g := range l {
		all = append(all, g.Members...)
	}
	return all
}

// String writes the list so that parsing it again gives an equal list.
func (l AddressList) String() string {
	var items []string
	for _, g := range l {
		var members []string
		for _, a := range g.Members {
			members = append(members, a.String())
		}
		s := strings.Join(members, ", ")
		if g.Named {
			s = phrase(g.Name) + ": " + s + ";"
		}
		items = append(items, s)
	}
	return strings.Join(items, ", ")
}

// String writes the address with its name.
func (a Address) String() string {
	if a.Name == "" {
		return a.Addr()
	}
	return phrase(a.Name) + " <" + a.Addr() + ">"
}

// Addr is local@domain, the local part quoted where it has to be.
func (a Address) Addr() string {
	local := a.Local
	if !isDotAtom(local) {
		local = quote(local)
	}
	return local + "@" + a.Domain
}

// A SyntaxError says where a field stops being what it should be.
type SyntaxError struct {
	Code   string // one of the codes below
	Offset int    // octet in the value
}

// Codes of SyntaxError. They are keys of texts.
const (
	ErrEmpty      = "empty"        // no address at all
	ErrTooLong    = "too-long"     // more than MaxAddressHeader octets
	ErrUnexpected = "unexpected"   // a character that cannot stand here
	ErrNoAt       = "no-at"        // a name where an address should be
	ErrUnclosed   = "unclosed"     // a quote, comment, bracket or group is not closed
	ErrDomain     = "domain"       // not a domain name
	ErrLocal      = "local"        // raw octets that are not UTF-8 in a local part
	ErrMalformed  = "malformed"    // a date or another field
	ErrRange      = "out-of-range" // a date with a 32nd day and the like
)

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at octet %d", e.Code, e.Offset) }

// phrase writes a display name: as it is, or as a quoted string.
func phrase(name string) string {
	if name == "" {
		return `""`
	}
	for _, word := range strings.Split(name, " ") {
		if !isAtom(word) || !isASCII(word) || strings.Contains(word, "=?") {
			return quote(name)
		}
	}
	return name
}

func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// isAtext: RFC 5322 §3.2.3, and UTF-8 (RFC 6532 §3.2).
func isAtext(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80 ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isAtom(s string) bool {
	for i := range len(s) {
		if !isAtext(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDotAtom(s string) bool {
	for _, atom := range strings.Split(s, ".") {
		if !isAtom(atom) {
			return false
		}
	}
	return true
}
