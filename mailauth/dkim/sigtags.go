// SPDX-License-Identifier: MIT

package dkim

import (
	"strings"
	"time"
)

func (s *Signature) readVersion(t Tag) {
	if t.Value != "1" {
		s.bad(Version, "", t)
	}
}

func (s *Signature) readAlgorithm(t Tag) {
	s.Algorithm = strings.ToLower(t.Value)
	a, ok := algorithms[s.Algorithm]
	if !ok {
		s.bad(BadAlgorithm, "", t)
		return
	}
	s.keyType, s.hash = a.keyType, a.hash
	s.noteCase(t, s.Algorithm)
}

// noteCase notes a value in an unusual case: some verifiers refuse it.
func (s *Signature) noteCase(t Tag, usual string) {
	if t.Value != usual {
		s.notes = append(s.notes, Note{NoteKeyTagCase, t.Name, t.ValueStart, clip(t.Value)})
	}
}

func (s *Signature) readSignature(t Tag) { s.SignatureData = s.readBase64(t) }

func (s *Signature) readBodyHash(t Tag) {
	s.BodyHash = s.readBase64(t)
	if s.BodyHash != nil && s.hash != 0 && len(s.BodyHash) != s.hash.Size() {
		s.bad(TagSyntax, "length", t)
	}
}

func (s *Signature) readBase64(t Tag) []byte {
	b, code, pos := decodeBase64(t.Value)
	if code == "" && len(b) == 0 {
		code = "value"
	}
	if code != "" {
		s.fail(TagSyntax, code, t.Name, t.ValueStart+pos, t.Value)
		return nil
	}
	return b
}

func (s *Signature) readCanon(t Tag) {
	lower := strings.ToLower(t.Value)
	h, b, two := strings.Cut(lower, "/")
	if !two {
		b = string(Simple) // RFC 6376 §3.5: the second defaults to simple
	}
	s.HeaderCanon, s.BodyCanon = Canon(h), Canon(b)
	for _, c := range []Canon{s.HeaderCanon, s.BodyCanon} {
		if c != Simple && c != Relaxed {
			s.bad(BadCanon, "", t)
			return
		}
	}
	s.noteCase(t, lower)
}

func (s *Signature) readDomain(t Tag) {
	s.Domain = t.Value
	if _, ok := asciiName(t.Value, 2); !ok {
		s.bad(DomainSyntax, "", t)
	}
}

func (s *Signature) readSelector(t Tag) {
	s.Selector = t.Value
	if _, ok := asciiName(t.Value, 1); !ok {
		s.bad(SelectorSyntax, "", t)
	}
}

func (s *Signature) readHeaders(t Tag) {
	s.SignedHeaders = items(t.Value)
	from := false
	for _, n := range s.SignedHeaders {
		if n == "" || strings.ContainsAny(n, " \t\r\n") {
			s.bad(TagSyntax, "empty-item", t)
			break
		}
		from = from || strings.EqualFold(n, "from")
	}
	if !from {
		s.bad(FromUnsigned, "", t)
	}
}

func (s *Signature) readIdentity(t Tag) {
	v, ok := decodeQP(t.Value)
	if !ok || !strings.Contains(v, "@") {
		s.bad(TagSyntax, "value", t)
		return
	}
	s.Identity = v
}

func (s *Signature) readLength(t Tag) {
	const digits = 76 // RFC 6376 §3.5
	n, ok := number(t.Value, digits)
	if !ok {
		s.bad(TagSyntax, "value", t)
		return
	}
	s.BodyLength = n
	s.notes = append(s.notes, Note{NoteLength, "l", t.ValueStart, clip(t.Value)})
}

func (s *Signature) readQuery(t Tag) {
	for _, q := range items(t.Value) {
		if strings.EqualFold(q, "dns/txt") {
			return
		}
	}
	s.bad(QueryMethod, "", t)
}

func (s *Signature) readTimestamp(t Tag) { s.Timestamp = s.readTime(t) }

func (s *Signature) readExpires(t Tag) { s.Expires = s.readTime(t) }

func (s *Signature) readTime(t Tag) time.Time {
	const digits = 12 // RFC 6376 §3.5, until the year 200000
	n, ok := number(t.Value, digits)
	if !ok {
		s.bad(TagSyntax, "value", t)
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// decodeQP decodes dkim-quoted-printable (RFC 6376 §2.11).
func decodeQP(v string) (string, bool) {
	v = stripFWS(v)
	if !strings.Contains(v, "=") {
		return v, true
	}
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] != '=' {
			out = append(out, v[i])
			continue
		}
		if i+2 >= len(v) {
			return "", false
		}
		hi, lo := hexDigit(v[i+1]), hexDigit(v[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out), true
}

// hexDigit is the value of an upper or lower case digit, or -1. RFC 6376
// wants upper case; both are read.
func hexDigit(c byte) int {
	const digits = "0123456789abcdef"
	if c >= 'A' && c <= 'F' {
		c |= 0x20
	}
	return strings.IndexByte(digits, c)
}

// decodeQPText decodes n=, where white space stays (RFC 6376 §3.6.1).
func decodeQPText(v string) (string, bool) {
	parts := strings.FieldsFunc(v, func(r rune) bool { return r < ' ' || r == ' ' })
	ok := true
	for i, p := range parts {
		if d, good := decodeQP(p); good {
			parts[i] = d
		} else {
			ok = false
		}
	}
	return strings.Join(parts, " "), ok
}
