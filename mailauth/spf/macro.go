// SPDX-License-Identifier: MIT

package spf

import (
	"net/netip"
	"slices"
	"strings"
)

// A context says which macro letters and octets are allowed (§7.1, §7.2).
type macroContext byte

const (
	domainText  macroContext = iota // no c, r, t
	anyText                         // the value of an unknown modifier
	explainText                     // c, r, t and spaces
)

// A macroPart is a literal, or one macro-expand.
type macroPart struct {
	literal string
	letter  byte // lower case, 0 for a literal
	escape  bool // upper case in the text: URL escaping (§7.3)
	keep    int  // right-hand parts to keep, 0 for all
	reverse bool
	delims  string
	at      int
}

const macroLetters = "slodipvhcrt"

// parseMacros splits a macro-string (§7.1). bad is the octet of the first
// error, or -1.
func parseMacros(s string, c macroContext) (parts []macroPart, bad int) {
	from := 0
	flush := func(to int) {
		if to > from {
			parts = append(parts, macroPart{literal: s[from:to], at: from})
		}
	}
	for i := 0; i < len(s); {
		if s[i] != '%' {
			if (s[i] < 0x21 || s[i] > 0x7e) && (c != explainText || s[i] != ' ') {
				return nil, i
			}
			i++
			continue
		}
		flush(i)
		part, n := parseMacro(s[i:], c)
		if n == 0 {
			return nil, i
		}
		part.at = i
		parts = append(parts, part)
		i += n
		from = i
	}
	flush(len(s))
	return parts, -1
}

// parseMacro reads one macro-expand; n is its length, 0 if it is malformed.
func parseMacro(s string, c macroContext) (m macroPart, n int) {
	if len(s) < 2 {
		return m, 0
	}
	switch s[1] {
	case '%':
		return macroPart{literal: "%"}, 2
	case '_':
		return macroPart{literal: " "}, 2
	case '-':
		return macroPart{literal: "%20"}, 2
	case '{':
	default:
		return m, 0
	}
	end := strings.IndexByte(s, '}')
	if end < 3 {
		return m, 0
	}
	body := s[2:end]
	m.letter, m.escape = body[0]|0x20, body[0] < 'a'
	if !isAlpha(body[0]) || strings.IndexByte(macroLetters, m.letter) < 0 ||
		c == domainText && strings.IndexByte("crt", m.letter) >= 0 { // §7.2: only in exp text
		return m, 0
	}
	return m, parseTransformers(&m, body[1:], end+1)
}

func parseTransformers(m *macroPart, s string, n int) int {
	i := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		m.keep = min(m.keep*10+int(s[i]-'0'), 1<<20)
	}
	if i > 0 && m.keep == 0 { // §7.3: must be nonzero
		return 0
	}
	if i < len(s) && s[i]|0x20 == 'r' {
		m.reverse = true
		i++
	}
	m.delims = s[i:]
	if strings.Trim(m.delims, ".-+,/_=") != "" {
		return 0
	}
	return n
}

// apply transforms the value of a macro letter (§7.3).
func (m macroPart) apply(value string) string {
	if m.keep > 0 || m.reverse || m.delims != "" {
		delims := m.delims
		if delims == "" {
			delims = "."
		}
		var parts []string
		for {
			i := strings.IndexAny(value, delims)
			if i < 0 {
				break
			}
			parts = append(parts, value[:i])
			value = value[i+1:]
		}
		parts = append(parts, value)
		if m.reverse {
			slices.Reverse(parts)
		}
		if m.keep > 0 && m.keep < len(parts) {
			parts = parts[len(parts)-m.keep:]
		}
		value = strings.Join(parts, ".")
	}
	if m.escape {
		value = urlEscape(value)
	}
	return value
}

// urlEscape escapes all but the unreserved characters (RFC 3986 §2.3).
func urlEscape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isAlpha(c) || isDigit(c) || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// dotted is the value of %{i}: an IPv6 address as 32 nibbles (§7.3).
func dotted(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, 64)
	for _, o := range ip.As16() {
		b = append(b, hex[o>>4], '.', hex[o&15], '.')
	}
	return string(b[:len(b)-1])
}
