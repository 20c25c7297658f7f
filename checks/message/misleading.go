// SPDX-License-Identifier: MIT

package message

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"mailproof/evidence"
	"mailproof/finding"
)

var (
	lookParams = []string{"from", "shown"}

	fromNameAddress = finding.Spec{ID: "from.name-address", Status: finding.Warn, Weight: 5, Params: lookParams, Refs: fromRefs}
	fromMarks       = finding.Spec{ID: "from.marks", Status: finding.Warn, Weight: 5, Params: lookParams, Refs: fromRefs}
	fromOddForm     = finding.Spec{ID: "from.odd-form", Status: finding.Warn, Weight: 5, Params: lookParams, Refs: fromRefs}
)

// misleading is about a From that is correct, and yet may show people or
// programs another sender than the one that is checked.
func misleading(value string, a evidence.Address) []finding.Finding {
	p := finding.Params{"from": a.Addr(), "shown": visible(short(a.Name))}
	var out []finding.Finding
	if other := otherAddress(a); other != "" {
		out = append(out, fromNameAddress.At("", p).Fixed(finding.Fix{}))
	}
	if strings.ContainsFunc(a.Name+a.Local+value, isMark) {
		out = append(out, fromMarks.At("", p).Fixed(finding.Fix{}))
	}
	if oddForm(value, a) {
		out = append(out, fromOddForm.At("", finding.Params{"from": a.Addr(), "shown": visible(short(value))}).Fixed(finding.Fix{}))
	}
	return out
}

var addressForm = regexp.MustCompile(`[^\s"'<>(),;:@]+@((?:[\pL\pN_-]+\.)+[\pL\pN-]+)`)

// otherAddress is an address in the display name that is not of the domain of
// the real one, nor of one above or below it.
func otherAddress(a evidence.Address) string {
	for _, m := range addressForm.FindAllStringSubmatch(a.Name, -1) {
		d, ok := evidence.ALabels(m[1])
		if ok && d != a.Domain && !strings.HasSuffix(d, "."+a.Domain) && !strings.HasSuffix(a.Domain, "."+d) {
			return m[0]
		}
	}
	return ""
}

// isMark: characters that nobody sees and that change what others look like:
// overrides and isolates of direction, zero-width spaces, controls. The joiners
// are left out, since names and emoji need them.
func isMark(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200B, r == 0x2060, r == 0xFEFF, r == 0x00AD:
		return true
	}
	return unicode.IsControl(r) && r != '\t'
}

// oddForm: routes, comments and quotes around the parts of the address, and
// encoded words inside of it, which programs read in different ways.
func oddForm(value string, a evidence.Address) bool {
	if strings.ContainsAny(a.Local, "@") || strings.Contains(a.Local, "=?") || strings.Contains(value, "<@") {
		return true
	}
	if !isASCII(value) {
		return false
	}
	written := strings.ToLower(value)
	at := strings.LastIndex(written, strings.ToLower(a.Addr()))
	if at < 0 {
		return true
	}
	rest := written[at+len(a.Addr()):]
	return strings.HasPrefix(rest, "(") || strings.HasSuffix(written[:at], ")")
}

// visible writes marks and controls as what they are.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if isMark(r) {
			fmt.Fprintf(&b, "<U+%04X>", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
