// SPDX-License-Identifier: MIT

package dkim

import "crypto"

// SignedFields returns for signature i (in wire order) the places in m.Fields
// of what h= selects, in the order of hashing. Names that select nothing are
// left out, as they add nothing to the hash (RFC 6376 §5.4).
func (m *Message) SignedFields(i int) []int {
	s := m.sigs[i]
	p := picker{m, s.field, make(map[string]int, len(s.SignedHeaders))}
	out := make([]int, 0, len(s.SignedHeaders))
	for _, n := range s.SignedHeaders {
		if f := p.pick(n); f >= 0 {
			out = append(out, f)
		}
	}
	return out
}

// HeaderInput returns the octets that signature i signs (RFC 6376 §3.7) under
// a header canonicalization. With other fields than those of SignedFields,
// by their octets, it says what would have been signed.
func (m *Message) HeaderInput(i int, c Canon, fields [][]byte) []byte {
	s := m.sigs[i]
	own := m.Fields[s.field].Raw
	size := len(own) + 2
	for _, f := range fields {
		size += len(f) + 2
	}
	buf := make([]byte, 0, size)
	for _, f := range fields {
		buf = AppendHeader(buf, f, c)
	}
	buf = AppendHeader(buf, s.withoutB(own, m.Fields[s.field].Colon+1), c)
	return buf[:len(buf)-2] // RFC 6376 §3.7: without the CRLF of the last one
}

// withoutB is the field with the value of its b= tag taken out, white space
// around it included (RFC 6376 §3.7). value is where the value begins.
func (s *Signature) withoutB(field []byte, value int) []byte {
	b, ok := s.Tags.Get("b")
	if !ok {
		return field
	}
	out := make([]byte, 0, len(field))
	out = append(out, field[:value+b.RawStart]...)
	return append(out, field[value+b.RawEnd:]...)
}

// HeaderHash is the digest that signature i must sign, under its own
// canonicalization and hash; nil if a= or c= is unknown. Each is computed once
// a message.
func (m *Message) HeaderHash(i int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum, ok := m.headers[i]
	if !ok {
		sum = m.headerHash(i)
		m.headers[i] = sum
	}
	return sum
}

func (m *Message) headerHash(i int) []byte {
	s := m.sigs[i]
	if s.hash == 0 || s.HeaderCanon != Simple && s.HeaderCanon != Relaxed {
		return nil
	}
	picked := m.SignedFields(i)
	fields := make([][]byte, len(picked))
	for n, f := range picked {
		fields[n] = m.Fields[f].Raw
	}
	return Digest(s.hash, m.HeaderInput(i, s.HeaderCanon, fields))
}

// Digest hashes octets with one of the two hash functions of DKIM.
func Digest(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}
