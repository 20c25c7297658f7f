// SPDX-License-Identifier: MIT

package dkim

import "io"

// A Canon is a canonicalization of RFC 6376 §3.4.
type Canon string

// The canonicalizations.
const (
	Simple  Canon = "simple"
	Relaxed Canon = "relaxed"
)

// bodyBuffer gathers short pieces before they go to the hash: a multiple of
// its block that stays in the first-level cache.
const bodyBuffer = 4096

// directWrite is the length from which a piece goes to the hash uncopied.
const directWrite = 1024

// A BodyCanonicalizer writes the canonical form of a body (RFC 6376 §3.4.3,
// §3.4.4) to another writer. The chunks in which a body is written make no
// difference. Time is linear in the octets written whatever they are, and
// memory is constant: line ends and white space that may turn out to be the
// last ones are counted, not kept.
type BodyCanonicalizer struct {
	out     io.Writer
	err     error
	relaxed bool
	content bool  // something other than line ends has been written
	wsp     bool  // white space is held back, after the line ends held back
	cr      bool  // a CR is held back: the next chunk may begin with LF
	crlfs   int64 // line ends held back
	octets  int64
	buf     []byte
}

// NewBodyCanonicalizer returns a canonicalizer that writes to w. Any Canon
// but Relaxed means Simple.
func NewBodyCanonicalizer(w io.Writer, c Canon) *BodyCanonicalizer {
	return &BodyCanonicalizer{out: w, relaxed: c == Relaxed}
}

// Octets is the length of the canonical form written so far; after Close, of
// all of it.
func (c *BodyCanonicalizer) Octets() int64 { return c.octets }

// Write takes the next octets of the body. Its error is that of the writer behind.
func (c *BodyCanonicalizer) Write(p []byte) (int, error) {
	n := len(p)
	if n == 0 {
		return 0, c.err
	}
	if c.cr {
		c.cr = false
		if p[0] == '\n' {
			c.crlfs, c.wsp = c.crlfs+1, false
			p = p[1:]
		} else {
			c.flushHeld()
			c.emitText(bareCR)
		}
	}
	if len(p) > 0 {
		c.chunk(p)
	}
	return n, c.err
}

// chunk splits p into what can be written now and the tail that may turn out
// to be the end of the body.
func (c *BodyCanonicalizer) chunk(p []byte) {
	end := len(p)
	if p[end-1] == '\r' {
		c.cr = true
		end--
	}
	var crlfs int64
	wsp := false
	for end > 0 {
		last := p[end-1]
		switch {
		case last == '\n' && end >= 2 && p[end-2] == '\r':
			crlfs++
			end -= 2
			continue
		case c.relaxed && (last == ' ' || last == '\t'):
			wsp = wsp || crlfs == 0
			end--
			continue
		}
		break
	}
	if end > 0 {
		c.body(p[:end])
		c.crlfs, c.wsp = crlfs, wsp
		return
	}
	if crlfs > 0 {
		c.crlfs, c.wsp = c.crlfs+crlfs, wsp
	} else {
		c.wsp = c.wsp || wsp
	}
}

// body writes octets that are known not to be the end of the body. The last
// one is neither white space (if relaxed) nor part of a CRLF.
func (c *BodyCanonicalizer) body(p []byte) {
	if c.wsp {
		// White space held back continues here, or ends at a line end.
		for p[0] == ' ' || p[0] == '\t' {
			p = p[1:]
		}
		if p[0] == '\r' && len(p) > 1 && p[1] == '\n' {
			c.wsp = false
		}
	}
	c.flushHeld()
	if !c.relaxed {
		c.emit(p)
		return
	}
	c.reduce(p)
}

// reduce writes p with runs of white space made one SP, and none before CRLF.
func (c *BodyCanonicalizer) reduce(p []byte) {
	for clean := 0; ; {
		at := nextReduction(p, clean)
		c.emit(p[clean:at])
		if at == len(p) {
			return
		}
		for p[at] == ' ' || p[at] == '\t' { // p does not end in white space
			at++
		}
		if p[at] != '\r' || at+1 == len(p) || p[at+1] != '\n' {
			c.emitText(oneSP)
		}
		clean = at
	}
}

// flushHeld writes what was held back, since more content follows.
func (c *BodyCanonicalizer) flushHeld() {
	for c.crlfs > 0 {
		n := min(c.crlfs, int64(len(manyCRLF)/2))
		c.emitText(manyCRLF[:2*n])
		c.crlfs -= n
	}
	if c.wsp {
		c.emitText(oneSP)
		c.wsp = false
	}
	c.content = true
}

// Close writes the end of the body: line ends and, if relaxed, white space at
// the end are dropped and one CRLF ends what is left. A body that is empty by
// then is one CRLF if simple (RFC 6376 §3.4.3), nothing if relaxed (§3.4.4).
// Close does not close the writer behind.
func (c *BodyCanonicalizer) Close() error {
	if c.cr {
		c.cr = false
		c.flushHeld()
		c.emitText(bareCR)
	}
	if c.content || !c.relaxed {
		c.emitText("\r\n")
	}
	c.crlfs, c.wsp, c.content = 0, false, false
	c.flush()
	return c.err
}
