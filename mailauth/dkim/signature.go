// SPDX-License-Identifier: MIT

package dkim

import (
	"crypto"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Signature is what a DKIM-Signature field says (RFC 6376 §3.5). As much is
// filled in as could be read, also if the signature is in error.
type Signature struct {
	Value string // the field's value that was parsed; positions refer to it
	Tags  Tags   // all, in order

	Domain   string // d= as written, white space removed
	Selector string // s=
	// KeyName is where the key is: s._domainkey.d, in A-labels; empty if d= or
	// s= is no name.
	KeyName string
	// Identity is i= decoded, or "@" and the domain if it is not there.
	Identity  string
	Algorithm string // a= in lower case

	HeaderCanon, BodyCanon Canon
	SignedHeaders          []string // h= as written
	// BodyLength is l= in octets, or -1. It is at most math.MaxInt64.
	BodyLength int64
	Timestamp  time.Time // t=, or zero
	Expires    time.Time // x=, or zero

	BodyHash      []byte // bh= decoded
	SignatureData []byte // b= decoded

	keyType  string
	hash     crypto.Hash
	problems []Problem
	notes    []Note
}

// Hash is the hash function of a=, zero if a= is unknown.
func (s *Signature) Hash() crypto.Hash { return s.hash }

// KeyType is the key type that a= asks for, "rsa" or "ed25519".
func (s *Signature) KeyType() string { return s.keyType }

// algorithms are the values of a= (RFC 6376 §3.3, RFC 8463 §3).
var algorithms = map[string]struct {
	keyType string
	hash    crypto.Hash
}{
	"rsa-sha256":     {"rsa", crypto.SHA256},
	"ed25519-sha256": {"ed25519", crypto.SHA256},
	"rsa-sha1":       {"rsa", crypto.SHA1}, // only to say whether it would fit
}

// tagReaders read one tag each, in the order of RFC 6376 §3.5; required ones
// must be there.
var tagReaders = []struct {
	name     string
	required bool
	read     func(*Signature, Tag)
}{
	{"v", true, (*Signature).readVersion},
	{"a", true, (*Signature).readAlgorithm},
	{"b", true, (*Signature).readSignature},
	{"bh", true, (*Signature).readBodyHash},
	{"c", false, (*Signature).readCanon},
	{"d", true, (*Signature).readDomain},
	{"h", true, (*Signature).readHeaders},
	{"i", false, (*Signature).readIdentity},
	{"l", false, (*Signature).readLength},
	{"q", false, (*Signature).readQuery},
	{"s", true, (*Signature).readSelector},
	{"t", false, (*Signature).readTimestamp},
	{"x", false, (*Signature).readExpires},
	{"z", false, func(*Signature, Tag) {}},
}

// ParseSignature reads the value of a DKIM-Signature field, all after the
// colon. It never fails as a whole: problems and notes, with positions in
// value, say what is wrong; without problems the signature may be verified.
func ParseSignature(value string) (*Signature, []Problem, []Note) {
	s := &Signature{Value: value, HeaderCanon: Simple, BodyCanon: Simple, BodyLength: -1}
	tags, errs, notes := ParseTags(value)
	s.Tags, s.notes = tags, notes
	for _, e := range errs {
		s.fail(TagSyntax, e.Code, e.Name, e.Pos, "")
	}
	for _, r := range tagReaders {
		if t, ok := tags.Get(r.name); ok {
			r.read(s, t)
		} else if r.required {
			s.fail(TagSyntax, "missing", r.name, -1, "")
		}
	}
	s.whole()
	return s, s.problems, s.notes
}

// fail adds a permerror.
func (s *Signature) fail(r Reason, sub, tag string, pos int, detail string) {
	s.problems = append(s.problems, Problem{PermError, r, sub, tag, pos, clip(detail)})
}

// bad adds a permerror about the value of t.
func (s *Signature) bad(r Reason, sub string, t Tag) {
	s.fail(r, sub, t.Name, t.ValueStart, t.Value)
}

// whole checks what needs several tags.
func (s *Signature) whole() {
	for _, t := range s.Tags {
		if len(s.notes) < maxTagErrors && !knownTag(t.Name) {
			s.notes = append(s.notes, Note{NoteUnknownTag, clip(t.Name), t.Start, clip(t.Value)})
		}
	}
	d, okD := asciiName(s.Domain, 2)
	sel, okS := asciiName(s.Selector, 1)
	if okD && okS {
		if n := sel + "._domainkey." + d; len(n) <= maxName {
			s.KeyName = n
		} else {
			s.fail(SelectorSyntax, "too-long", "s", -1, n)
		}
	}
	if s.Identity == "" && s.Domain != "" {
		s.Identity = "@" + s.Domain
	} else if okD && s.Identity != "" && !within(identityDomain(s.Identity), d) {
		t, _ := s.Tags.Get("i")
		s.bad(DomainMismatch, "", t)
	}
	if !s.Expires.IsZero() && !s.Timestamp.IsZero() && !s.Expires.After(s.Timestamp) {
		t, _ := s.Tags.Get("x")
		s.bad(ExpiresFirst, "", t)
	}
}

func knownTag(name string) bool {
	for _, r := range tagReaders {
		if r.name == name {
			return true
		}
	}
	return false
}

// identityDomain is the domain of i=, in A-labels and lower case.
func identityDomain(identity string) string {
	d := identity[strings.LastIndexByte(identity, '@')+1:]
	d, _ = asciiName(d, 1)
	return strings.ToLower(d)
}

// within tells whether name is domain or below it.
func within(name, domain string) bool {
	domain = strings.ToLower(domain)
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// number reads digits; more than fit become the greatest, since l= may have
// 76 digits (RFC 6376 §3.5).
func number(v string, most int) (int64, bool) {
	if v == "" || len(v) > most {
		return 0, false
	}
	for i := 0; i < len(v); i++ {
		if v[i] < '0' || v[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		n = math.MaxInt64
	}
	return n, true
}
