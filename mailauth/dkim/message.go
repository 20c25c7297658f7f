// SPDX-License-Identifier: MIT

package dkim

import (
	"bytes"
	"crypto"
	"hash"
	"math"
	"strings"
	"sync"
)

// A Message is a message taken apart once, so that its signatures can be
// verified again, say with another resolver, without reading it again. It
// may be used from several goroutines. The octets must not be changed.
type Message struct {
	Raw    []byte
	Fields []Field // in wire order
	Body   []byte
	Blank  bool // a blank line ended the header
	Cut    bool // the header is beyond MaxHeader or MaxFields: no signature passes

	byName map[string]nameIndex
	sigs   []parsedSig

	mu      sync.Mutex
	bodies  map[bodyKey]BodySum
	headers map[int][]byte // digests by signature

	normal func() *Message // with bare LF made CRLF; nil if there is no bare LF
}

type nameIndex struct {
	last  int // lowest in the message, which is signed first
	count int
}

// parsedSig is one DKIM-Signature field.
type parsedSig struct {
	field int
	*Signature
}

// sigFieldName is the field name of signatures, in lower case.
const sigFieldName = "dkim-signature"

// Prepare takes a message apart. It keeps raw and does not copy it.
func Prepare(raw []byte) *Message {
	m := &Message{Raw: raw, byName: make(map[string]nameIndex), bodies: make(map[bodyKey]BodySum), headers: make(map[int][]byte)}
	fields, body, blank, cut := splitHeader(raw)
	m.Fields, m.Body, m.Blank, m.Cut = fields, raw[body:], blank, cut
	for i := range fields {
		f := &fields[i]
		if f.Name == "" {
			continue
		}
		n, seen := m.byName[f.Name]
		if seen {
			f.above = n.last
		}
		m.byName[f.Name] = nameIndex{i, n.count + 1}
		if f.Name == sigFieldName {
			s, _, _ := ParseSignature(string(fieldValue(f)))
			m.sigs = append(m.sigs, parsedSig{i, s})
		}
	}
	m.normal = sync.OnceValue(func() *Message {
		if n := NormalizeLF(raw); n != nil {
			return Prepare(n)
		}
		return nil
	})
	return m
}

// fieldValue is what follows the colon, without the final line end.
func fieldValue(f *Field) []byte {
	return f.Raw[f.Colon+1 : len(f.Raw)-lineEnd(f.Raw)]
}

// lineEnd is the length of the line end that raw ends with.
func lineEnd(raw []byte) int {
	switch {
	case bytes.HasSuffix(raw, crlf):
		return 2
	case bytes.HasSuffix(raw, crlf[1:]):
		return 1
	}
	return 0
}

func (m *Message) count(name string) int { return m.byName[name].count }

// Signatures returns what the DKIM-Signature fields say, in wire order.
func (m *Message) Signatures() []*Signature {
	out := make([]*Signature, len(m.sigs))
	for i, s := range m.sigs {
		out[i] = s.Signature
	}
	return out
}

// NormalizeLF returns a copy with each bare LF made CRLF, or nil if there is none.
func NormalizeLF(raw []byte) []byte {
	bare := bytes.Count(raw, crlf[1:]) - bytes.Count(raw, crlf)
	if bare == 0 {
		return nil
	}
	out := make([]byte, 0, len(raw)+bare)
	for i := 0; i < len(raw); {
		n := bytes.IndexByte(raw[i:], '\n')
		if n < 0 {
			return append(out, raw[i:]...)
		}
		out = append(out, raw[i:i+n]...)
		if at := i + n; at == 0 || raw[at-1] != '\r' {
			out = append(out, '\r')
		}
		out = append(out, '\n')
		i += n + 1
	}
	return out
}

// A BodySum is the digest of a body under one canonicalization.
type BodySum struct {
	Digest  []byte
	Covered int64 // canonical octets that were hashed
	Total   int64 // canonical octets there are
}

type bodyKey struct {
	canon  Canon
	hash   crypto.Hash
	length int64
}

// BodyHash returns the digest of the body, of its first length octets if
// length is not negative (RFC 6376 §3.7). Each is computed once a message.
func (m *Message) BodyHash(c Canon, h crypto.Hash, length int64) BodySum {
	if length < 0 {
		length = math.MaxInt64
	}
	key := bodyKey{c, h, length}
	m.mu.Lock()
	defer m.mu.Unlock()
	sum, ok := m.bodies[key]
	if !ok {
		sum = HashBody(m.Body, c, h, length)
		m.bodies[key] = sum
	}
	return sum
}

// HashBody is the digest of the first length canonical octets of a body.
func HashBody(body []byte, c Canon, h crypto.Hash, length int64) BodySum {
	w := limitedHash{Hash: h.New(), left: length}
	bc := NewBodyCanonicalizer(&w, c)
	bc.Write(body) // a hash never fails
	bc.Close()
	return BodySum{w.Sum(nil), min(length, bc.Octets()), bc.Octets()}
}

// limitedHash hashes the first octets only.
type limitedHash struct {
	hash.Hash
	left int64
}

func (w *limitedHash) Write(p []byte) (int, error) {
	n := int64(len(p))
	if n > w.left {
		n = w.left
	}
	w.left -= n
	w.Hash.Write(p[:n])
	return len(p), nil
}

// picker hands out the fields of one name from the bottom up (RFC 6376 §5.4.2).
type picker struct {
	m    *Message
	self int            // the signature itself is not signed by name (§3.5, h=)
	next map[string]int // by name, the next field to hand out; -1 if none is left
}

func (p *picker) pick(name string) int {
	name = strings.ToLower(name)
	i, begun := p.next[name]
	if !begun {
		i = -1
		if n, ok := p.m.byName[name]; ok {
			i = n.last
		}
	}
	if i == p.self && i >= 0 {
		i = p.m.Fields[i].above
	}
	if i < 0 {
		p.next[name] = -1
		return -1
	}
	p.next[name] = p.m.Fields[i].above
	return i
}
