// SPDX-License-Identifier: MIT

package evidence

import "bytes"

// Caps of Parse. A mail of a few kilobytes must not cost seconds, so they are
// looked at before work is done, not after. What is beyond stays in Raw and
// Body and is named in Problems.
const (
	MaxHeader = 256 << 10 // octets of header; providers refuse far smaller ones
	MaxFields = 2000      // header fields of the message, and of one part
	MaxDepth  = 50        // levels of MIME structure; real mail has five
	MaxParts  = 500       // parts in all
	MaxLine   = 998       // octets of a line without CRLF (RFC 5322 §2.1.1)
)

// maxDetail is how much of a problem is quoted.
const maxDetail = 80

// Codes of Problem. The header codes speak of the message's own header, but
// header.too-large and header.too-many-fields also of parts.
const (
	NoColon          = "header.no-colon"           // a line that is neither field nor fold
	SpaceBeforeColon = "header.space-before-colon" // RFC 5322 §4.5 allowed it once
	EightBitName     = "header.eight-bit-name"     // octets above 126 in a field name
	BadName          = "header.bad-name"           // empty, or with spaces or controls
	EmptyFold        = "header.empty-fold"         // a folded line of white space only
	LeadingFold      = "header.leading-fold"       // the first line begins with white space
	MboxFrom         = "header.mbox-from"          // a "From " line of an mbox file
	TooManyFields    = "header.too-many-fields"    // more than MaxFields
	TooLarge         = "header.too-large"          // more than MaxHeader octets

	MIMEDepth         = "mime.depth"              // more than MaxDepth levels
	MIMEParts         = "mime.parts"              // more than MaxParts parts
	BoundaryMissing   = "mime.boundary-missing"   // a multipart without the parameter
	BoundaryUnused    = "mime.boundary-unused"    // no delimiter line in the body
	BoundaryUnclosed  = "mime.boundary-unclosed"  // no closing delimiter line
	BoundaryDuplicate = "mime.boundary-duplicate" // same as that of an outer multipart
	BadContentType    = "mime.content-type"       // malformed Content-Type

	BareLF      = "line.bare-lf"  // LF without CR (RFC 5322 §2.3)
	BareCR      = "line.bare-cr"  // CR without LF
	NUL         = "line.nul"      // the octet 0
	LineTooLong = "line.too-long" // more than MaxLine octets
)

// problems collects codes, each once with its count.
type problems struct {
	list  []Problem
	index map[string]int
}

func (p *problems) add(code string, offset int, quote []byte) {
	if i, ok := p.index[code]; ok {
		p.list[i].Count++
		return
	}
	if p.index == nil {
		p.index = map[string]int{}
	}
	p.index[code] = len(p.list)
	detail := string(quote[:min(len(quote), maxDetail)])
	p.list = append(p.list, Problem{Code: code, Offset: offset, Detail: detail, Count: 1})
}

// Parse takes a message apart. It never fails, keeps every octet of the
// header in a field, and takes time proportional to the length of raw.
func Parse(raw []byte) *Message {
	p := &problems{}
	m := &Message{}
	h := scanHeader(raw, p)
	m.Fields, m.Blank = h.fields, h.blank
	m.Header, m.Body = raw[:h.end], raw[h.end:]
	m.Root = parseMIME(raw, h, p)
	scanLines(raw, p)
	m.Problems = p.list
	return m
}

// header is what scanHeader found.
type header struct {
	fields []Field
	end    int // offset behind the blank line, or behind the last line
	blank  bool
}

// scanHeader reads fields up to the first blank line. The concatenation of
// all Raw, and the blank line, is exactly raw[:end]: what is no field becomes
// a Field without a name, and so does everything beyond the caps.
func scanHeader(raw []byte, p *problems) header {
	var h header
	for pos := 0; pos < len(raw); {
		n := lineLen(raw[pos:])
		if isBlank(raw[pos : pos+n]) {
			h.end, h.blank = pos+n, true
			return h
		}
		code := ""
		switch {
		case len(h.fields) >= MaxFields-1:
			code = TooManyFields
		case pos+n > MaxHeader:
			code = TooLarge
		}
		if code != "" {
			return h.rest(raw, pos, code, p)
		}
		end := pos + n
		for end < len(raw) && isWSP(raw[end]) && end < MaxHeader {
			k := lineLen(raw[end:])
			if len(bytes.TrimSpace(raw[end:end+k])) == 0 {
				p.add(EmptyFold, end, nil)
			}
			end += k
		}
		h.fields = append(h.fields, scanField(raw, pos, end, p))
		pos = end
	}
	h.end = len(raw)
	return h
}

// rest puts all that is beyond a cap into one field without a name.
func (h header) rest(raw []byte, pos int, code string, p *problems) header {
	p.add(code, pos, nil)
	end := pos
	for end < len(raw) {
		n := lineLen(raw[end:])
		if isBlank(raw[end : end+n]) {
			h.blank = true
			h.fields = append(h.fields, Field{Raw: raw[pos:end:end], Offset: pos})
			h.end = end + n
			return h
		}
		end += n
	}
	h.fields = append(h.fields, Field{Raw: raw[pos:end:end], Offset: pos})
	h.end = end
	return h
}

// scanField makes a Field of raw[pos:end], whole lines.
func scanField(raw []byte, pos, end int, p *problems) Field {
	f := Field{Raw: raw[pos:end:end], Offset: pos}
	first := f.Raw[:lineLen(f.Raw)]
	colon := bytes.IndexByte(first, ':')
	switch {
	case isWSP(f.Raw[0]):
		p.add(LeadingFold, pos, trimEOL(first))
		f.Value = unfold(f.Raw)
		return f
	case pos == 0 && bytes.HasPrefix(first, []byte("From ")):
		p.add(MboxFrom, pos, trimEOL(first))
		f.Value = unfold(f.Raw)
		return f
	case colon < 0:
		p.add(NoColon, pos, trimEOL(first))
		f.Value = unfold(f.Raw)
		return f
	}
	name := f.Raw[:colon]
	trimmed := bytes.TrimRight(name, " \t")
	if len(trimmed) < len(name) {
		p.add(SpaceBeforeColon, pos, name)
	}
	f.Name, f.Value = string(trimmed), unfold(f.Raw[colon+1:])
	checkName(trimmed, pos, p)
	return f
}

// checkName looks for what RFC 5322 §3.6.8 does not allow in a field name.
func checkName(name []byte, pos int, p *problems) {
	bad, eight := len(name) == 0, false
	for _, c := range name {
		bad = bad || c <= ' ' || c == 127
		eight = eight || c > 127
	}
	if bad {
		p.add(BadName, pos, name)
	}
	if eight {
		p.add(EightBitName, pos, name)
	}
}

// unfold removes the line ends of folding (RFC 5322 §2.2.3) and outer white
// space, and changes nothing else.
func unfold(b []byte) string {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		n := lineLen(b)
		out = append(out, trimEOL(b[:n])...)
		b = b[n:]
	}
	return string(bytes.Trim(out, " \t"))
}

// lineLen is the length of the first line with its LF.
func lineLen(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// trimEOL removes CRLF or LF.
func trimEOL(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// isBlank: a line of nothing but its end. White space makes it a fold.
func isBlank(line []byte) bool {
	return string(line) == "\r\n" || string(line) == "\n"
}

func isWSP(c byte) bool { return c == ' ' || c == '\t' }

// scanLines looks for what may not stand in any line of a message.
func scanLines(raw []byte, p *problems) {
	for pos := 0; pos < len(raw); {
		n := lineLen(raw[pos:])
		line := raw[pos : pos+n]
		text := trimEOL(line)
		if line[n-1] == '\n' && len(text) == n-1 {
			p.add(BareLF, pos+n-1, text)
		}
		if len(text) > MaxLine {
			p.add(LineTooLong, pos, text)
		}
		eachIndex(text, '\r', func(i int) { p.add(BareCR, pos+i, text[:i]) })
		eachIndex(text, 0, func(i int) { p.add(NUL, pos+i, text[:i]) })
		pos += n
	}
}

func eachIndex(b []byte, c byte, f func(int)) {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], c)
		if i < 0 {
			return
		}
		f(at + i)
		at += i + 1
	}
}

// Find returns the problem with the code.
func (m *Message) Find(code string) (Problem, bool) {
	for _, p := range m.Problems {
		if p.Code == code {
			return p, true
		}
	}
	return Problem{}, false
}
