// SPDX-License-Identifier: MIT

package evidence

import (
	"bytes"
	"regexp"
	"strings"
)

// fromLine is a From field at the start of a line, for a reader to whom a
// lone CR ends a line too.
var fromLine = regexp.MustCompile(`(?i)[\r\n]from[ \t]*:`)

// HiddenFrom returns what is no From field, but is one to some programs: a
// name with a NUL, a control or other octets in it, a first line that begins
// with white space, a From behind a lone CR, or one beyond the caps of Parse.
// Whoever shows a mail by such a field shows another author than the one that
// was checked.
func (m *Message) HiddenFrom() []Field {
	var out []Field
	for _, f := range m.Fields {
		if !strings.EqualFold(f.Name, "From") && looksLikeFrom(f.Raw) || hidesFrom(f) {
			out = append(out, f)
		}
	}
	return out
}

// looksLikeFrom: nothing but "from" is left of the name, folds included, when
// all but letters and what is visible is taken out.
func looksLikeFrom(raw []byte) bool {
	const most = 256 // octets looked at: enough to hide in, little to read
	name, _, ok := bytes.Cut(raw[:min(len(raw), most)], []byte(":"))
	if !ok {
		return false
	}
	var left []byte
	for _, c := range name {
		if c > ' ' && c < 0x7f {
			left = append(left, c)
		}
	}
	return strings.EqualFold(string(left), "from")
}

// hidesFrom: a From inside of another field. A field of Parse holds no line
// that is not folded, unless it is what is beyond the caps.
func hidesFrom(f Field) bool {
	if f.Name != "" && bytes.IndexByte(trimEOL(f.Raw), '\r') < 0 {
		return false
	}
	return fromLine.Match(f.Raw) || f.Name == "" && looksLikeFrom(f.Raw)
}
