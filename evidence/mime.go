// SPDX-License-Identifier: MIT

package evidence

import (
	"bytes"
	"strings"
)

// A walker builds the MIME structure in one pass over the lines of the body.
// Delimiter lines are looked up in the set of open boundaries, so nesting and
// boundaries that never close cost nothing extra.
type walker struct {
	raw   []byte
	p     *problems
	open  []*frame       // from the root to the part that lines belong to now
	index map[string]int // boundary → frame of the innermost multipart with it
	parts int
}

// frame is a part whose end has not been seen yet.
type frame struct {
	part     *Part
	start    int    // of the body
	boundary string // of a multipart that is descended into
	outer    int    // frame that had the same boundary before, or -1
	begun    bool   // a delimiter line was seen
	closed   bool   // the closing delimiter line was seen
}

// parseMIME returns the structure of the message with header h.
func parseMIME(raw []byte, h header, p *problems) *Part {
	w := &walker{raw: raw, p: p, index: map[string]int{}}
	root := w.push(nil, h.fields, h.end, "text/plain")
	pos := w.descend(h.end)
	for pos < len(raw) {
		n := lineLen(raw[pos:])
		at, closing := w.delimiter(raw[pos : pos+n])
		if at < 0 {
			pos += n
			continue
		}
		w.closeTo(at+1, w.beforeEOL(pos))
		if closing {
			w.finish(at)
			pos += n
			continue
		}
		w.open[at].begun = true
		if w.parts >= MaxParts {
			p.add(MIMEParts, pos, nil)
			break
		}
		pos = w.begin(w.open[at], pos+n)
	}
	w.closeTo(0, len(raw))
	return root
}

// begin reads the header of a part of f at pos and returns where its body,
// or the next delimiter line, begins.
func (w *walker) begin(f *frame, pos int) int {
	end := pos
	for end < len(w.raw) {
		n := lineLen(w.raw[end:])
		if isBlank(w.raw[end : end+n]) {
			end += n
			break
		}
		if at, _ := w.delimiter(w.raw[end : end+n]); at >= 0 {
			break
		}
		end += n
	}
	kind := "text/plain"
	if f.part.ContentType == "multipart/digest" { // RFC 2046 §5.1.5
		kind = "message/rfc822"
	}
	w.push(f.part, partFields(w.raw, pos, end, w.p), end, kind)
	return w.descend(end)
}

// partFields are the fields of a part's header; what is wrong in them is not
// a problem of the message's header, but the caps are.
func partFields(raw []byte, pos, end int, p *problems) []Field {
	own := &problems{}
	h := scanHeader(raw[pos:end], own)
	for i := range h.fields {
		h.fields[i].Offset += pos
	}
	for _, q := range own.list {
		if q.Code == TooLarge || q.Code == TooManyFields {
			p.add(q.Code, q.Offset+pos, nil)
		}
	}
	return h.fields
}

// push opens a part below parent.
func (w *walker) push(parent *Part, fields []Field, start int, kind string) *Part {
	part := newPart(fields, kind, w.p)
	w.parts++
	if parent != nil {
		parent.Parts = append(parent.Parts, part)
	}
	w.open = append(w.open, &frame{part: part, start: start, outer: -1})
	return part
}

// descend prepares the innermost part for its own parts, if it may have any,
// and returns where to go on: behind the header of an enclosed message.
func (w *walker) descend(pos int) int {
	f := w.open[len(w.open)-1]
	enclosed := isEnclosed(f.part)
	multi := strings.HasPrefix(f.part.ContentType, "multipart/")
	if !enclosed && !multi {
		return pos
	}
	if len(w.open) >= MaxDepth {
		w.p.add(MIMEDepth, pos, nil)
		return pos
	}
	if enclosed {
		if w.parts >= MaxParts {
			w.p.add(MIMEParts, pos, nil)
			return pos
		}
		return w.begin(f, pos)
	}
	boundary := strings.TrimRight(f.part.Params["boundary"], " \t")
	if boundary == "" {
		w.p.add(BoundaryMissing, pos, nil)
		return pos
	}
	f.boundary = boundary
	if at, ok := w.index[boundary]; ok {
		w.p.add(BoundaryDuplicate, pos, []byte(boundary))
		f.outer = at
	}
	w.index[boundary] = len(w.open) - 1
	return pos
}

// isEnclosed: a whole message as a part, that can be looked into as it is.
func isEnclosed(p *Part) bool {
	switch p.ContentType {
	case "message/rfc822", "message/global":
		return p.Encoding != "base64" && p.Encoding != "quoted-printable"
	}
	return false
}

// delimiter tells whose delimiter line this is (RFC 2046 §5.1.1): the index
// of the frame, or -1.
func (w *walker) delimiter(line []byte) (at int, closing bool) {
	if len(w.index) == 0 || !bytes.HasPrefix(line, []byte("--")) {
		return -1, false
	}
	text := bytes.TrimRight(line[2:], " \t\r\n")
	if at, ok := w.index[string(text)]; ok {
		return at, false
	}
	if text, ok := bytes.CutSuffix(text, []byte("--")); ok {
		if at, ok := w.index[string(text)]; ok {
			return at, true
		}
	}
	return -1, false
}

// closeTo ends all frames from the given one on; their bodies end at end.
func (w *walker) closeTo(from, end int) {
	for len(w.open) > from {
		f := w.open[len(w.open)-1]
		f.part.Raw = w.raw[f.start:max(f.start, end)]
		switch {
		case f.boundary == "" || f.closed:
		case !f.begun:
			w.p.add(BoundaryUnused, f.start, []byte(f.boundary))
		default:
			w.p.add(BoundaryUnclosed, f.start, []byte(f.boundary))
		}
		w.forget(f)
		w.open = w.open[:len(w.open)-1]
	}
}

// finish notes the closing delimiter line: what follows is the epilogue.
func (w *walker) finish(at int) {
	f := w.open[at]
	f.begun, f.closed = true, true
	w.forget(f)
}

func (w *walker) forget(f *frame) {
	if f.boundary == "" {
		return
	}
	if i, ok := w.index[f.boundary]; ok && w.open[i] == f {
		delete(w.index, f.boundary)
		if f.outer >= 0 {
			w.index[f.boundary] = f.outer
		}
	}
}

// beforeEOL is the end of the text before the delimiter line at pos, whose
// line end belongs to the delimiter (RFC 2046 §5.1.1).
func (w *walker) beforeEOL(pos int) int {
	if pos > 0 && w.raw[pos-1] == '\n' {
		pos--
		if pos > 0 && w.raw[pos-1] == '\r' {
			pos--
		}
	}
	return pos
}
