// SPDX-License-Identifier: MIT

package evidence

import "strings"

// newPart reads the fields that describe a part; kind is its type if there is
// no Content-Type.
func newPart(fields []Field, kind string, p *problems) *Part {
	part := &Part{ContentType: kind, Encoding: "7bit", Fields: fields}
	if f, ok := first(fields, "Content-Type"); ok {
		v := parseParams(f.Value)
		part.Params = v.params
		if isType(v.value) {
			part.ContentType = strings.ToLower(v.value)
		} else {
			v.bad = true // RFC 2045 §5.2: treat it as text/plain
			part.ContentType = "text/plain"
		}
		if v.bad {
			p.add(BadContentType, f.Offset, []byte(f.Value))
		}
		part.Charset = strings.ToLower(strings.TrimSpace(v.params["charset"]))
	}
	if f, ok := first(fields, "Content-Transfer-Encoding"); ok {
		value, _, _ := strings.Cut(f.Value, ";")
		value, _, _ = strings.Cut(value, "(")
		part.Encoding = strings.ToLower(strings.TrimSpace(value))
	}
	name := part.Params["name"]
	if f, ok := first(fields, "Content-Disposition"); ok {
		v := parseParams(f.Value)
		part.Disposition = "attachment" // RFC 2183 §2.8: what is unknown
		if strings.EqualFold(v.value, "inline") {
			part.Disposition = "inline"
		}
		if n := v.params["filename"]; n != "" {
			name = n
		}
	}
	part.Filename, _ = DecodeHeader(name, part.Charset)
	return part
}

// isType: two tokens and a slash (RFC 2045 §5.1).
func isType(s string) bool {
	major, minor, ok := strings.Cut(s, "/")
	return ok && isToken(major) && isToken(minor)
}

func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 127 || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}

func first(fields []Field, name string) (Field, bool) {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return Field{}, false
}

// Get returns the first field of the name, without regard to case.
func (m *Message) Get(name string) (Field, bool) { return first(m.Fields, name) }

// All returns all fields of the name in wire order.
func (m *Message) All(name string) []Field {
	var all []Field
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f)
		}
	}
	return all
}

// Decoded is the first field of the name as people read it; empty if there
// is none.
func (m *Message) Decoded(name string) string {
	f, _ := m.Get(name)
	text, _ := DecodeHeader(f.Value, m.Root.Charset)
	return text
}
