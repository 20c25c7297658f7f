// SPDX-License-Identifier: MIT

package webui

import (
	"html/template"
	"strings"

	"mailproof/text"
)

// funcs are what templates may call: words, signs, and nothing else.
func funcs(p *text.Printer) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, pairs ...string) string { return p.Text(key, pairsOf(pairs)) },
		"count": func(key string, n int) string { return p.Count(key, n, nil) },
		"seen":  visible,
		"join":  strings.Join,
	}
}

func pairsOf(pairs []string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// visible makes characters seen that a browser hides or obeys: controls are
// shown by their pictures, direction marks by their number. Values of a mail
// pass through it; sentences of ours do not need it.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < 0x20 && r != '\n':
			return 0x2400 + r
		case r == 0x7f:
			return 0x2421
		case r >= 0x80 && r < 0xa0, isDirection(r):
			return 0xfffd
		}
		return r
	}, s)
}

// isDirection: marks that turn the order of letters (Unicode UAX #9), with
// which a name can be made to read as another.
func isDirection(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}
