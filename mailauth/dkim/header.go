// SPDX-License-Identifier: MIT

package dkim

import "bytes"

// A Field is one header field as it stands in the message.
type Field struct {
	Raw []byte // all octets, line ends included
	// Name is in lower case, without white space before the colon; empty for
	// a line that is no field.
	Name   string
	Offset int // of Raw in the message
	Colon  int // of the colon in Raw; -1 if there is none
	above  int // index of the next field above of the same name, or -1
}

// Caps of a header. Ten million fields of two octets are a mail of ordinary
// size; no receiver takes a tenth of this, so nobody honest is cut.
const (
	MaxHeader = 1 << 20 // octets
	MaxFields = 10_000
)

// splitHeader cuts the header into fields and finds where the body begins.
// Lines end at LF, with or without CR before it; the first empty one ends the
// header. A first line that begins with white space belongs to no field.
// What is beyond the caps is one field without a name; cut tells of it.
func splitHeader(raw []byte) (fields []Field, body int, blank, cut bool) {
	fields = make([]Field, 0, 24)
	for pos := 0; pos < len(raw); {
		end := len(raw)
		if i := bytes.IndexByte(raw[pos:], '\n'); i >= 0 {
			end = pos + i + 1
		}
		line := raw[pos:end]
		switch {
		case line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n':
			return fields, end, true, false
		case end > MaxHeader || len(fields) >= MaxFields:
			body, blank = headerEnd(raw, pos)
			return append(fields, Field{Raw: raw[pos:body], Offset: pos, Colon: -1, above: -1}), body, blank, true
		case (line[0] == ' ' || line[0] == '\t') && len(fields) > 0:
			f := &fields[len(fields)-1]
			f.Raw = raw[f.Offset:end]
		default:
			colon := bytes.IndexByte(line, ':')
			f := Field{Raw: line, Offset: pos, Colon: colon, above: -1}
			if colon > 0 && line[0] != ' ' && line[0] != '\t' {
				f.Name = lowerName(line[:colon])
			}
			fields = append(fields, f)
		}
		pos = end
	}
	return fields, len(raw), false, false
}

// headerEnd is where the body begins, from the start of a line of the header.
func headerEnd(raw []byte, pos int) (body int, blank bool) {
	for pos < len(raw) {
		end := len(raw)
		if i := bytes.IndexByte(raw[pos:], '\n'); i >= 0 {
			end = pos + i + 1
		}
		if line := raw[pos:end]; string(line) == "\n" || string(line) == "\r\n" {
			return end, true
		}
		pos = end
	}
	return len(raw), false
}

// lowerName is a field name for comparison: RFC 6376 §3.4.2 allows white
// space before the colon.
func lowerName(b []byte) string {
	b = bytes.TrimRight(b, " \t")
	var short [64]byte // longer than any name in use
	if len(b) > len(short) {
		return string(bytes.ToLower(b))
	}
	n := copy(short[:], b)
	lowerASCII(short[:n])
	if s, ok := commonNames[string(short[:n])]; ok {
		return s
	}
	return string(short[:n])
}

func lowerASCII(b []byte) {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
}

// AppendHeader appends the canonical form of one header field (RFC 6376
// §3.4.1, §3.4.2) to dst. The result ends in CRLF, also if raw lacks it.
func AppendHeader(dst, raw []byte, c Canon) []byte {
	raw = bytes.TrimSuffix(raw, crlf)
	if c == Relaxed {
		dst = appendRelaxed(dst, raw)
	} else {
		dst = append(dst, raw...)
	}
	return append(dst, crlf...)
}

var crlf = []byte("\r\n")

// appendRelaxed appends name:value without the final CRLF.
func appendRelaxed(dst, raw []byte) []byte {
	colon := bytes.IndexByte(raw, ':')
	name, value := raw, []byte(nil)
	if colon >= 0 {
		name, value = raw[:colon], raw[colon+1:]
	}
	start := len(dst)
	dst = append(dst, bytes.TrimRight(name, " \t")...)
	lowerASCII(dst[start:])
	if colon < 0 {
		return dst
	}
	return appendValue(append(dst, ':'), value)
}

// appendValue unfolds, makes each run of white space one SP and drops it at
// both ends.
func appendValue(dst, v []byte) []byte {
	v = v[spaceRun(v):]
	for len(v) > 0 {
		i := 0
		for i < len(v) && spaceRun(v[i:]) == 0 {
			i++
		}
		dst = append(dst, v[:i]...)
		v = v[i:]
		run := spaceRun(v)
		if run < len(v) && run > 0 {
			dst = append(dst, ' ')
		}
		v = v[run:]
	}
	return dst
}

// spaceRun is the length of the white space v begins with: SP, TAB, and CRLF
// where white space follows it, which is a fold (RFC 5322 §2.2.3).
func spaceRun(v []byte) int {
	i := 0
	for i < len(v) {
		switch c := v[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '\r' && i+2 < len(v) && v[i+1] == '\n' && (v[i+2] == ' ' || v[i+2] == '\t'):
			i += 3
		default:
			return i
		}
	}
	return i
}
