// SPDX-License-Identifier: MIT

package dns

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A token is one word of a zone file, escapes still in place.
type token struct {
	text   string
	quoted bool
}

// An entry is one logical line: words, with parentheses and comments resolved,
// or the text of a comment that starts its line, where directives live.
type entry struct {
	line    int
	blank   bool // starts with blanks: the owner is that of the entry before
	tokens  []token
	comment string // without the semicolon; only if tokens is empty
	remark  bool   // it is a comment
}

// A lexer splits the text of a zone file (RFC 1035 §5.1) into entries.
type lexer struct {
	file string
	src  []byte
	pos  int
	line int
}

func newLexer(file string, src []byte) *lexer {
	return &lexer{file: file, src: bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), line: 1}
}

// errAt makes an error that names file and line.
func (l *lexer) errAt(line int, err error) error {
	return fmt.Errorf("%s:%d: %w", l.file, line, err)
}

// next returns the next entry that says something; ok is false at the end.
func (l *lexer) next() (e entry, ok bool, err error) {
	for l.pos < len(l.src) {
		e = entry{line: l.line, blank: isBlank(l.src[l.pos])}
		if l.src[l.pos] == ';' {
			rest := l.restOfLine()
			l.pos += len(rest)
			e.remark, e.comment = true, strings.TrimSpace(string(rest[1:]))
			return e, true, nil
		}
		if err := l.words(&e); err != nil {
			return e, false, l.errAt(e.line, err)
		}
		if len(e.tokens) > 0 {
			return e, true, nil
		}
	}
	return entry{}, false, nil
}

// words reads the words of e up to the end of its last line.
func (l *lexer) words(e *entry) error {
	depth := 0
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '\n':
			l.pos++
			l.line++
			if depth == 0 {
				return nil
			}
		case isBlank(c):
			l.pos++
		case c == ';':
			l.pos += len(l.restOfLine())
		case c == '(':
			depth++
			l.pos++
		case c == ')':
			if depth--; depth < 0 {
				return errors.New("closing parenthesis without an opening one")
			}
			l.pos++
		default:
			t, err := l.word()
			if err != nil {
				return err
			}
			e.tokens = append(e.tokens, t)
		}
	}
	if depth > 0 {
		return errors.New("parenthesis not closed")
	}
	return nil
}

// word reads one word, which starts here.
func (l *lexer) word() (token, error) {
	quoted := l.src[l.pos] == '"'
	if quoted {
		l.pos++
	}
	start := l.pos
	for ; l.pos < len(l.src); l.pos++ {
		c := l.src[l.pos]
		switch {
		case c == '\\' && l.pos+1 < len(l.src) && l.src[l.pos+1] != '\n':
			l.pos++
		case c == '\\':
			return token{}, errEscape
		case quoted && c == '\n':
			return token{}, errors.New("quote not closed in its line")
		case quoted && c == '"':
			t := token{text: string(l.src[start:l.pos]), quoted: true}
			l.pos++
			return t, nil
		case !quoted && (c == '\n' || isBlank(c) || strings.IndexByte(`;()"`, c) >= 0):
			return token{text: string(l.src[start:l.pos])}, nil
		}
	}
	if quoted {
		return token{}, errors.New("quote not closed")
	}
	return token{text: string(l.src[start:])}, nil
}

// restOfLine is what is left of the line, without its end.
func (l *lexer) restOfLine() []byte {
	rest, _, _ := bytes.Cut(l.src[l.pos:], []byte("\n"))
	return rest
}

// isBlank: a carriage return is one too, so that CRLF ends a line like LF.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }
