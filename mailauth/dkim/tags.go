// SPDX-License-Identifier: MIT

package dkim

import (
	"strings"
	"unicode/utf8"
)

// A Tag is one tag=value of a tag list (RFC 6376 §3.2). All positions are
// octets in the text that was parsed.
type Tag struct {
	Name  string
	Value string // without the white space around it
	// Start is where the name begins.
	Start int
	// ValueStart and ValueEnd enclose Value.
	ValueStart, ValueEnd int
	// RawStart and RawEnd enclose all between "=" and ";" or the end.
	RawStart, RawEnd int
}

// Tags is a tag list in the order written.
type Tags []Tag

// Get returns the first tag of that name; names are case-sensitive.
func (ts Tags) Get(name string) (Tag, bool) {
	for _, t := range ts {
		if t.Name == name {
			return t, true
		}
	}
	return Tag{}, false
}

// Value returns the value of a tag, empty if there is no such tag.
func (ts Tags) Value(name string) string {
	t, _ := ts.Get(name)
	return t.Value
}

// The codes of a TagError.
const (
	TagNoEquals  = "no-equals" // text without "="
	TagBadName   = "bad-name"  // not ALPHA *(ALPHA / DIGIT / "_")
	TagDuplicate = "duplicate" // makes the whole list invalid (RFC 6376 §3.2)
	TagBadChar   = "bad-char"  // a control character in a value
)

// A TagError is one breach of the tag-list syntax.
type TagError struct {
	Code string
	Name string
	Pos  int
}

// maxTagErrors bounds what is kept of a hostile list; the first ones tell enough.
const maxTagErrors = 16

// tagList is what parseTags collects.
type tagList struct {
	tags   Tags
	errs   []TagError
	notes  []Note
	seen   map[string]bool
	source string
}

// ParseTags reads a tag list (RFC 6376 §3.2) and goes on after an error, so
// that a caller can name all of them. Tags that are in error are left out,
// but a duplicate stays in. An empty element between two semicolons is
// tolerated and noted, since every receiver tolerates it.
func ParseTags(s string) (Tags, []TagError, []Note) {
	l := tagList{source: s, tags: make(Tags, 0, 12)}
	for pos := 0; pos <= len(s); {
		end := strings.IndexByte(s[pos:], ';')
		if end < 0 {
			end = len(s)
		} else {
			end += pos
		}
		l.spec(pos, end)
		pos = end + 1
	}
	return l.tags, l.errs, l.notes
}

func (l *tagList) fail(code, name string, pos int) {
	if len(l.errs) < maxTagErrors {
		l.errs = append(l.errs, TagError{code, clip(name), pos})
	}
}

func (l *tagList) note(code NoteCode, name string, pos int) {
	if len(l.notes) < maxTagErrors {
		l.notes = append(l.notes, Note{Code: code, Tag: clip(name), Pos: pos})
	}
}

// spec reads one element between semicolons.
func (l *tagList) spec(start, end int) {
	a, b := trimFWS(l.source, start, end)
	if a == b {
		// The last semicolon may end the list; nothing at all is no list.
		if end < len(l.source) || len(l.tags) == 0 {
			l.note(NoteEmptyTag, "", start)
		}
		return
	}
	eq := strings.IndexByte(l.source[a:b], '=')
	if eq < 0 {
		l.fail(TagNoEquals, l.source[a:b], a)
		return
	}
	eq += a
	_, nameEnd := trimFWS(l.source, a, eq)
	t := Tag{Name: l.source[a:nameEnd], Start: a, RawStart: eq + 1, RawEnd: end}
	t.ValueStart, t.ValueEnd = trimFWS(l.source, eq+1, end)
	t.Value = l.source[t.ValueStart:t.ValueEnd]
	if !isTagName(t.Name) {
		l.fail(TagBadName, t.Name, a)
		return
	}
	l.checkValue(t)
	if l.has(t.Name) {
		l.fail(TagDuplicate, t.Name, a)
	}
	l.tags = append(l.tags, t)
}

// has tells a duplicate; the map is made only for lists longer than usual.
func (l *tagList) has(name string) bool {
	const few = 16 // up to here a scan is quicker than a map
	if len(l.tags) < few {
		_, ok := l.tags.Get(name)
		return ok
	}
	if l.seen == nil {
		l.seen = make(map[string]bool)
		for _, t := range l.tags {
			l.seen[t.Name] = true
		}
	}
	ok := l.seen[name]
	l.seen[name] = true
	return ok
}

// checkValue looks for characters that a value must not have. RFC 8616 §4
// lets UTF-8 in.
func (l *tagList) checkValue(t Tag) {
	ascii := true
	for i := 0; i < len(t.Value); i++ {
		c := t.Value[i]
		if c >= utf8.RuneSelf {
			ascii = false
		} else if c < ' ' && !isFWS(c) || c == 0x7f {
			l.fail(TagBadChar, t.Name, t.ValueStart+i)
			break
		}
	}
	if !ascii {
		l.note(NoteNonASCII, t.Name, t.ValueStart)
	}
}

func isTagName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(s[i] >= '0' && s[i] <= '9' || s[i] == '_')) {
			return false
		}
	}
	return s != ""
}

// isFWS tells the characters of folding white space. A fold of bare LF counts
// too: this is for reading tags, not for hashing.
func isFWS(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trimFWS narrows s[a:b] by the white space at both ends.
func trimFWS(s string, a, b int) (int, int) {
	for a < b && isFWS(s[a]) {
		a++
	}
	for b > a && isFWS(s[b-1]) {
		b--
	}
	return a, b
}

// stripFWS removes all folding white space.
func stripFWS(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if !isFWS(s[i]) {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// items splits a colon-separated list and trims each item.
func items(s string) []string {
	list := strings.Split(s, ":")
	for i, v := range list {
		a, b := trimFWS(v, 0, len(v))
		list[i] = v[a:b]
	}
	return list
}
