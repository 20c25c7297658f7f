// SPDX-License-Identifier: MIT

package spf

import (
	"net/netip"
	"strconv"
	"strings"
)

const version = "v=spf1"

// A SyntaxCode names what is wrong with a term. It is API.
type SyntaxCode string

// The syntax errors.
const (
	NoVersion         SyntaxCode = "version"             // does not begin with v=spf1
	BadCharacter      SyntaxCode = "bad-character"       // not printable ASCII (§4.6.1)
	UnknownMechanism  SyntaxCode = "unknown-mechanism"   // no mechanism of this name (§4.6.1)
	UnexpectedValue   SyntaxCode = "unexpected-value"    // all, include … do not take this
	MissingValue      SyntaxCode = "missing-value"       // nothing after the colon or equals sign
	BadDomainSpec     SyntaxCode = "bad-domain"          // does not end in a top label (§7.1)
	AddressAsDomain   SyntaxCode = "address-as-domain"   // a:192.0.2.1, meant as ip4:
	BadMacro          SyntaxCode = "bad-macro"           // (§7.1)
	BadAddress        SyntaxCode = "bad-address"         // (§5.6)
	WrongFamily       SyntaxCode = "wrong-family"        // ip4 with an IPv6 address or the reverse
	BadPrefixLength   SyntaxCode = "bad-prefix-length"   // (§5.6)
	DuplicateModifier SyntaxCode = "duplicate-modifier"  // redirect or exp twice (§6)
	ModifierAsMech    SyntaxCode = "modifier-with-colon" // redirect:x or exp:x
	QualifiedModifier SyntaxCode = "qualified-modifier"  // -redirect=x
)

// A SyntaxError is one malformed place of a record.
type SyntaxError struct {
	Code SyntaxCode
	At   int    // octet in the record
	Term string // the whole term, empty for NoVersion
}

// IsRecord reports whether a TXT record counts as an SPF record: its first
// word is the version, in any case (§4.5).
func IsRecord(txt string) bool {
	return len(txt) >= len(version) && strings.EqualFold(txt[:len(version)], version) &&
		(len(txt) == len(version) || txt[len(version)] == ' ')
}

// ParseRecord parses every term of an SPF record and reports all that is
// wrong with it; a record with any error is a permerror (§4.6).
func ParseRecord(s string) (Record, []SyntaxError) {
	p := parser{}
	at := 0
	if IsRecord(s) {
		at = len(version)
	} else {
		p.errs = append(p.errs, SyntaxError{Code: NoVersion})
		if i := strings.IndexByte(s, ' '); i >= 0 && strings.ContainsAny(s[:i], "vV") {
			at = i // something was meant to be the version: read the rest
		}
	}
	for at < len(s) {
		if s[at] == ' ' {
			at++
			continue
		}
		end := at + strings.IndexByte(s[at:]+" ", ' ')
		p.add(s[at:end], at)
		at = end
	}
	return p.rec, p.errs
}

type parser struct {
	rec  Record
	errs []SyntaxError
}

// A fault is a syntax error within a term.
type fault struct {
	code SyntaxCode
	at   int // octet in the term
}

func (p *parser) add(text string, at int) {
	t := Term{Text: text, At: at, CIDR4: -1, CIDR6: -1}
	f := parseTerm(&t)
	if f == nil && (t.Kind == Redirect || t.Kind == Exp) {
		if _, dup := p.rec.find(t.Kind); dup { // §6: at most once
			f = &fault{code: DuplicateModifier}
		}
	}
	if f != nil {
		t = Term{Text: text, At: at, Kind: Malformed, CIDR4: -1, CIDR6: -1}
		p.errs = append(p.errs, SyntaxError{f.code, at + min(f.at, len(text)-1), text})
	}
	p.rec.Terms = append(p.rec.Terms, t)
}

func parseTerm(t *Term) *fault {
	for i := range len(t.Text) {
		if c := t.Text[i]; c < 0x21 || c > 0x7e {
			return &fault{BadCharacter, i}
		}
	}
	if n := nameLen(t.Text); n > 0 && n < len(t.Text) && t.Text[n] == '=' {
		return parseModifier(t, t.Text[:n], n+1)
	}
	start := 0
	t.Qualifier = QPass
	if strings.IndexByte("+-~?", t.Text[0]) >= 0 {
		t.Qualifier, start = Qualifier(t.Text[0]), 1
	}
	n := start + nameLen(t.Text[start:])
	if start == 1 && n < len(t.Text) && n > 1 && t.Text[n] == '=' {
		return &fault{QualifiedModifier, 0}
	}
	return parseMechanism(t, t.Text[start:n], n)
}

// nameLen is the length of the name that s begins with (§4.6.1).
func nameLen(s string) int {
	for i := range len(s) {
		c := s[i]
		if !isAlpha(c) && (i == 0 || !isDigit(c) && c != '-' && c != '_' && c != '.') {
			return i
		}
	}
	return len(s)
}

func parseModifier(t *Term, name string, at int) *fault {
	t.Value = t.Text[at:]
	switch {
	case strings.EqualFold(name, "redirect"):
		t.Kind = Redirect
	case strings.EqualFold(name, "exp"):
		t.Kind = Exp
	default:
		t.Kind, t.Name = Unknown, name
		if _, bad := parseMacros(t.Value, anyText); bad >= 0 {
			return &fault{BadMacro, at + bad}
		}
		return nil
	}
	return checkDomainSpec(t.Value, at)
}

func parseMechanism(t *Term, name string, at int) *fault {
	t.Kind = Kind(strings.ToLower(name))
	switch t.Kind {
	case All:
		if at < len(t.Text) {
			return &fault{UnexpectedValue, at}
		}
		return nil
	case Include, Exists:
		if !strings.HasPrefix(t.Text[at:], ":") {
			return &fault{MissingValue, at - 1}
		}
		t.Value = t.Text[at+1:]
		return checkDomainSpec(t.Value, at+1)
	case PTR:
		return parseTarget(t, t.Text[at:], at)
	case A, MX:
		rest, f := cutDualCIDR(t, at)
		if f != nil {
			return f
		}
		return parseTarget(t, rest, at)
	case IP4, IP6:
		return parseNetwork(t, at)
	case Redirect, Exp:
		return &fault{ModifierAsMech, at}
	}
	return &fault{UnknownMechanism, 0}
}

// parseTarget reads the optional domain-spec of a, mx and ptr.
func parseTarget(t *Term, rest string, at int) *fault {
	if rest == "" {
		return nil
	}
	if rest[0] != ':' {
		if t.Kind != PTR && rest[0] == '/' {
			return &fault{BadPrefixLength, at}
		}
		if rest[0] == '/' {
			return &fault{UnexpectedValue, at}
		}
		return &fault{UnknownMechanism, 0}
	}
	t.Value = rest[1:]
	return checkDomainSpec(t.Value, at+1)
}

// cutDualCIDR takes "/24//64" off the end of an a or mx (§5.3, §5.4) and
// returns what stands before it. A domain-spec may itself contain a slash.
func cutDualCIDR(t *Term, at int) (string, *fault) {
	rest := t.Text[at:]
	if i, digits := trailingLength(rest); i > 0 && rest[i-1] == '/' {
		n, ok := parseLength(digits, 128)
		if !ok {
			return "", &fault{BadPrefixLength, at + i - 1}
		}
		t.CIDR6, rest = n, rest[:i-1]
	}
	if i, digits := trailingLength(rest); i >= 0 {
		n, ok := parseLength(digits, 32)
		if !ok {
			return "", &fault{BadPrefixLength, at + i}
		}
		t.CIDR4, rest = n, rest[:i]
	}
	return rest, nil
}

// trailingLength finds "/digits" at the end of s: where the slash is, or -1.
func trailingLength(s string) (slash int, digits string) {
	i := len(s)
	for i > 0 && isDigit(s[i-1]) {
		i--
	}
	if i == len(s) || i == 0 || s[i-1] != '/' {
		return -1, ""
	}
	return i - 1, s[i:]
}

// parseLength reads a prefix length without leading zeros (§5.6).
func parseLength(digits string, most int) (int, bool) {
	for i := range len(digits) {
		if !isDigit(digits[i]) || i == 0 && digits[i] == '0' && len(digits) > 1 {
			return 0, false
		}
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n <= most
}

func parseNetwork(t *Term, at int) *fault {
	if at >= len(t.Text) || t.Text[at] != ':' || at+1 == len(t.Text) {
		return &fault{MissingValue, at}
	}
	text, length, slash := strings.Cut(t.Text[at+1:], "/")
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return &fault{BadAddress, at + 1}
	}
	if addr.Is4() != (t.Kind == IP4) {
		return &fault{WrongFamily, at + 1}
	}
	bits := addr.BitLen()
	if slash {
		n, ok := parseLength(length, bits)
		if !ok {
			return &fault{BadPrefixLength, at + 1 + len(text)}
		}
		bits = n
	}
	t.Network = netip.PrefixFrom(addr, bits)
	return nil
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
