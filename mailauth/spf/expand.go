// SPDX-License-Identifier: MIT

package spf

import (
	"strconv"
	"strings"

	"mailproof/dns"
)

// An expansion state says whether a macro-string has a value.
type expansion byte

const (
	expanded   expansion = iota
	unknownYet           // waits for an answer to %{p}
	impossible           // a local part that is not ASCII (RFC 8616 §4)
)

// expand expands the macros of a term or an explanation (§7). The text has
// been checked when it was parsed; malformed text has no value.
func (e *eval) expand(text string, c macroContext, domain string) (string, expansion) {
	if strings.IndexByte(text, '%') < 0 {
		return text, expanded
	}
	parts, bad := parseMacros(text, c)
	if bad >= 0 {
		return "", impossible
	}
	var b strings.Builder
	state := expanded
	for _, p := range parts {
		if p.letter == 0 {
			b.WriteString(p.literal)
			continue
		}
		value, s := e.letter(p.letter, domain)
		state = max(state, s)
		b.WriteString(p.apply(value))
		if b.Len() > maxExplanation {
			// Longer than any name or explanation: names are cut from
			// the left, so the end matters and the rest may go.
			keep := b.String()[b.Len()-maxExplanation:]
			if c == explainText {
				return "", impossible
			}
			b.Reset()
			b.WriteString(keep)
		}
	}
	return b.String(), state
}

// letter is the value of a macro letter (§7.2).
func (e *eval) letter(l byte, domain string) (string, expansion) {
	switch l {
	case 's', 'l':
		if !isASCII(e.local) {
			return "", impossible
		}
		if l == 'l' {
			return e.local, expanded
		}
		return e.local + "@" + e.origin, expanded
	case 'o':
		return e.origin, expanded
	case 'd':
		return domain, expanded
	case 'i':
		return dotted(e.IP), expanded
	case 'p':
		return e.clientName(domain)
	case 'v':
		if e.IP.Is4() {
			return "in-addr", expanded
		}
		return "ip6", expanded
	case 'h':
		return e.Helo, expanded
	case 'c':
		return e.IP.String(), expanded
	case 't':
		return strconv.FormatInt(e.Now.Unix(), 10), expanded
	default: // 'r'
		if e.Receiver == "" {
			return "unknown", expanded
		}
		return e.Receiver, expanded
	}
}

// clientName is the value of %{p}: the validated name of the client that is
// the domain, else one within it, else the first (§7.3).
func (e *eval) clientName(domain string) (string, expansion) {
	a, known := e.ask(reverseName(e.IP), dns.TypePTR)
	if !known {
		return "", unknownYet
	}
	best, rank, state := "unknown", 0, expanded
	for _, n := range firstNames(a.values) {
		if !isName(n) {
			continue
		}
		ok, known := e.validated(n, nil)
		if !known {
			state = unknownYet
		}
		if r := nameRank(n, domain); ok && r > rank {
			best, rank = n, r
		}
	}
	return best, state
}

func nameRank(name, domain string) int {
	switch {
	case strings.EqualFold(name, domain):
		return 3
	case within(name, domain):
		return 2
	}
	return 1
}

// explain gets and expands the explanation of the record that decided (§6.2).
// Any fault means that there is none.
func (e *eval) explain(t *Trace) string {
	for i := range t.Steps {
		s := &t.Steps[i]
		if s.Term.Kind != Exp {
			continue
		}
		name, state := e.expand(s.Term.Value, domainText, t.Domain)
		s.Target = fit(name)
		if state != expanded || !isName(s.Target) {
			return ""
		}
		a, known := e.ask(s.Target, dns.TypeTXT)
		if !known {
			return ""
		}
		s.note(s.Target, dns.TypeTXT, a)
		if len(a.values) != 1 || len(a.values[0]) > maxExplanation {
			return ""
		}
		if _, bad := parseMacros(a.values[0], explainText); bad >= 0 {
			return ""
		}
		text, state := e.expand(a.values[0], explainText, t.Domain)
		if state == expanded && len(text) <= maxExplanation && isPrintable(text) {
			s.Outcome = Match
			return text
		}
	}
	return ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isPrintable: a HELO name may carry anything into an explanation (§6.2).
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
