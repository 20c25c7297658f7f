// SPDX-License-Identifier: MIT

package evidence

import (
	"strings"
	"unicode/utf8"
)

// words are atoms, quoted strings and dots in a row.
type words []word

type word struct {
	text   string
	quoted bool
	dot    bool
}

func (p *addressParser) words() (words, error) {
	var ws words
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '.':
			p.i++
			ws = append(ws, word{text: ".", dot: true})
		case c == '"':
			text, err := p.quoted()
			if err != nil {
				return nil, err
			}
			ws = append(ws, word{text: text, quoted: true})
		case isAtext(c):
			ws = append(ws, word{text: p.atom()})
		default:
			return ws, nil
		}
		if err := p.cfws(); err != nil {
			return nil, err
		}
	}
	return ws, nil
}

func (p *addressParser) quoted() (string, error) {
	start := p.i
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			return b.String(), nil
		case c == '\\' && p.i+1 < len(p.s):
			p.i++
		}
		b.WriteByte(p.s[p.i])
	}
	return "", &SyntaxError{Code: ErrUnclosed, Offset: start}
}

// name is the phrase that the words are: encoded words decoded outside of
// quotes (RFC 2047 §5), dots tolerated (RFC 5322 §4.1).
func (ws words) name() string {
	var b strings.Builder
	var atoms []string
	flush := func() {
		if len(atoms) > 0 {
			text, _ := DecodeHeader(strings.Join(atoms, " "), "")
			b.WriteString(clean(text))
			atoms = nil
		}
	}
	for i, w := range ws {
		if w.quoted {
			flush()
		}
		if i > 0 && !w.dot && (w.quoted || ws[i-1].quoted) {
			b.WriteByte(' ')
		}
		switch {
		case w.quoted:
			text := w.text
			if !utf8.ValidString(text) {
				d := decoder{}
				text = d.readable(text)
			}
			b.WriteString(clean(text))
		case w.dot && len(atoms) > 0:
			atoms[len(atoms)-1] += "."
		default:
			atoms = append(atoms, w.text)
		}
	}
	flush()
	return b.String()
}

// clean replaces control characters, which encoded words can smuggle in.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 127 {
			return ' '
		}
		return r
	}, s)
}

// local is the local part that the words are: word *("." word).
func (ws words) local(start int) (string, error) {
	var b strings.Builder
	for i, w := range ws {
		if w.dot != (i%2 == 1) || i == len(ws)-1 && w.dot {
			return "", &SyntaxError{Code: ErrUnexpected, Offset: start}
		}
		b.WriteString(w.text)
	}
	if s := b.String(); utf8.ValidString(s) && !strings.ContainsAny(s, "\r\n\x00") {
		return s, nil
	}
	return "", &SyntaxError{Code: ErrLocal, Offset: start}
}
