// SPDX-License-Identifier: MIT

package dkim

import (
	"bytes"
	"strconv"
	"strings"
)

// digest computes both digests and what h= covers: all that needs no key.
func (v *Verdict) digest(m *Message) {
	v.Coverage = m.coverage(v.Signature)
	c := v.BodyCanon
	if v.hash == 0 || c != Simple && c != Relaxed {
		return
	}
	v.Body = m.BodyHash(c, v.hash, v.BodyLength)
	v.BodyHashOK = bytes.Equal(v.Body.Digest, v.BodyHash) && v.BodyLength <= v.Body.Total
	v.HeaderDigest = m.HeaderHash(v.Index)
}

// judge gathers the problems in their order of weight; the first one decides.
func (v *Verdict) judge(o Options) {
	v.Problems = append(v.Problems, v.problems...)
	v.Notes = append(v.Notes, v.notes...)
	if v.Key != nil {
		v.judgeKey()
	}
	if v.Algorithm == "rsa-sha1" { // RFC 8301 §3.1
		v.fail(Policy, SHA1, "a", v.Algorithm)
	}
	v.judgeBody()
	v.judgeHeader()
	v.judgeTimes(o)
	if len(v.Problems) == 0 {
		v.Result = Pass
		return
	}
	p := v.Problems[0]
	v.Result, v.Reason = p.Result, p.Reason
	v.Detail = strings.TrimSpace(p.Sub + " " + p.Detail)
}

// fail adds a problem about a tag of the signature.
func (v *Verdict) fail(res Result, r Reason, tag, detail string) {
	pos := -1
	if t, ok := v.Tags.Get(tag); ok {
		pos = t.ValueStart
	}
	v.Problems = append(v.Problems, Problem{Result: res, Reason: r, Tag: tag, Pos: pos, Detail: clip(detail)})
}

// judgeKey takes over what is wrong with the key, then what the key record
// allows (RFC 6376 §6.1.2). Policy comes after what is broken.
func (v *Verdict) judgeKey() {
	k := v.Key
	for _, p := range k.Problems {
		if p.Result != Policy {
			v.Problems = append(v.Problems, p)
		}
	}
	v.Notes = append(v.Notes, k.Notes...)
	if rec := k.Record; rec != nil {
		v.KeyType, v.KeyBits, v.KeyNotes = rec.KeyType, rec.Bits, rec.Notes
		v.Testing, v.Strict = rec.Testing, rec.Strict
		v.judgeRestrictions(rec)
	}
	for _, p := range k.Problems {
		if p.Result == Policy {
			v.Problems = append(v.Problems, p)
		}
	}
}

func (v *Verdict) judgeRestrictions(rec *KeyRecord) {
	if v.keyType != "" && rec.KeyType != v.keyType && rec.Public != nil {
		v.fail(PermError, KeyType, "a", rec.KeyType)
	}
	_, hash, _ := strings.Cut(v.Algorithm, "-")
	if !allows(rec.Hashes, hash) {
		v.fail(PermError, KeyHash, "a", strings.Join(rec.Hashes, ":"))
	}
	if !allows(rec.Services, "email", "*") {
		v.fail(PermError, KeyService, "", strings.Join(rec.Services, ":"))
	}
	if rec.Strict && !sameDomain(v.Identity, v.Domain) {
		v.fail(PermError, StrictIdentity, "i", v.Identity)
	}
}

// sameDomain tells whether the domain of i= is d= itself.
func sameDomain(identity, domain string) bool {
	d, _ := asciiName(domain, 1)
	return identityDomain(identity) == strings.ToLower(d)
}

func (v *Verdict) judgeBody() {
	if v.Body.Digest == nil {
		return
	}
	covered, total := v.Body.Covered, v.Body.Total
	of := strconv.FormatInt(covered, 10) + "/" + strconv.FormatInt(total, 10)
	switch {
	case v.BodyLength > total:
		v.fail(Fail, BodyLength, "l", of)
	case v.BodyHash == nil:
	case !v.BodyHashOK:
		v.fail(Fail, BodyHash, "bh", "")
	}
	if covered < total {
		v.Notes = append(v.Notes, Note{Code: NotePartialBody, Tag: "l", Pos: -1, Detail: of})
	}
}

func (v *Verdict) judgeHeader() {
	if v.Key == nil || v.Key.Record == nil || v.HeaderDigest == nil || v.SignatureData == nil {
		return
	}
	rec := v.Key.Record
	if rec.Public == nil || rec.KeyType != v.keyType || rec.Bits > MaxRSABits {
		return
	}
	v.HeaderChecked = true
	v.HeaderHashOK = rec.VerifyDigest(v.hash, v.HeaderDigest, v.SignatureData)
	if !v.HeaderHashOK {
		v.fail(Fail, BadSignature, "b", "")
	}
}

func (v *Verdict) judgeTimes(o Options) {
	if o.Now.IsZero() {
		return
	}
	if !v.Expires.IsZero() && o.Now.After(v.Expires) {
		v.fail(Fail, Expired, "x", v.Expires.Format("2006-01-02T15:04:05Z"))
	}
	if !v.Timestamp.IsZero() && v.Timestamp.After(o.Now.Add(ClockSkew)) {
		t, _ := v.Tags.Get("t")
		v.Notes = append(v.Notes, Note{NoteFuture, "t", t.ValueStart, t.Value})
	}
}
