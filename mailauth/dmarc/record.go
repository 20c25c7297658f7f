// SPDX-License-Identifier: MIT

package dmarc

import "strings"

// A Record is a DMARC record read leniently: whatever can be used is used, and
// every departure from the grammar of RFC 9989 §4.8 is listed.
type Record struct {
	Raw  string
	Tags []Tag // as published, in order, v included
	// Version: it begins with v=DMARC1, so that receivers take it for a DMARC
	// record. The rest is read in any case.
	Version bool

	P, SP, NP     Policy // empty: absent, or not a policy
	PolicyInvalid bool   // no valid p, or an sp or np that is none
	ADKIM, ASPF   Mode   // Relaxed unless the record says otherwise
	PSD           string // "y", "n" or "u", the default
	Test          bool   // t=y
	RUA, RUF      []URI
	FO            []string
	Pct           int // 0..100; removed by RFC 9989, 100 unless given

	Deviations []Deviation
}

// A Tag is one name=value as published. At is the octet where the name begins,
// ValueAt where the value does.
type Tag struct {
	Name, Value string
	At, ValueAt int
}

// A Deviation is one departure from the grammar, or something that no longer
// has an effect. Code is stable; texts may be made from it.
type Deviation struct {
	Code   string
	Effect Effect
	Tag    string // lower case; empty where it is not about one tag
	At     int    // octet in the record
	Text   string // what stands there
}

// An Effect is what a deviation does to a receiver that keeps to RFC 9989.
type Effect string

// The effects, the worst first.
const (
	Discards  Effect = "discards"  // the whole record is not seen as one
	Voids     Effect = "voids"     // no policy can be taken from it
	Ignores   Effect = "ignores"   // the tag has no effect
	Tolerates Effect = "tolerates" // read as meant, but not by every receiver
)

// The codes of deviations.
const (
	NoVersion        = "no-version"          // v=DMARC1 is missing
	VersionNotFirst  = "version-not-first"   // it stands behind other tags
	VersionCase      = "version-case"        // DMARC1 is exact (RFC 9989 §4.8)
	VersionValue     = "version-value"       // some other version
	VersionSeparator = "version-separator"   // something else than ";" behind it
	LeadingText      = "leading-text"        // white space or quotes before it
	NotATag          = "not-a-tag"           // text without "="
	TagCase          = "tag-case"            // names are lower case by custom
	Duplicate        = "duplicate"           // the first one counts here
	UnknownTag       = "unknown-tag"         // receivers ignore it
	RemovedTag       = "removed-tag"         // pct, rf, ri (RFC 9989 §C)
	ValueInvalid     = "value-invalid"       // not a value of the tag
	PolicyWrong      = "policy-invalid"      // p, sp or np is not a policy
	PolicyMissing    = "policy-missing"      // there is no p
	PolicyNotSecond  = "policy-not-second"   // RFC 7489 §6.3 wants p right behind v
	BadCharacter     = "bad-character"       // not printable ASCII
	URIInvalid       = "uri-invalid"         // not a URI
	URIScheme        = "uri-scheme"          // a scheme that receivers need not know
	URINoScheme      = "uri-no-scheme"       // an address without mailto:
	URISize          = "uri-size"            // the !size suffix of RFC 7489
	TooManyDeviants  = "too-many-deviations" // the rest is not listed
)

// maxDeviations bounds what is kept of one record; a TXT answer of 64 kB
// could hold tens of thousands.
const maxDeviations = 64

// Usable reports whether a policy can be taken from the record: it has one, or
// it asks for reports and so counts as p=none (RFC 9989 §4.10.1).
func (r *Record) Usable() bool {
	return r.Version && (!r.PolicyInvalid || r.validURIs(r.RUA) > 0)
}

func (r *Record) validURIs(uris []URI) int {
	n := 0
	for _, u := range uris {
		if u.Valid {
			n++
		}
	}
	return n
}

// Has reports whether the record has the tag, by its lower-case name.
func (r *Record) Has(tag string) bool { return r.Tag(tag) != nil }

// Tag is the first tag of that name, in whatever case; nil if there is none.
func (r *Record) Tag(name string) *Tag {
	for i := range r.Tags {
		if strings.EqualFold(r.Tags[i].Name, name) {
			return &r.Tags[i]
		}
	}
	return nil
}

// Deviates reports whether the record has a deviation of the code.
func (r *Record) Deviates(code string) bool {
	for _, d := range r.Deviations {
		if d.Code == code {
			return true
		}
	}
	return false
}

// LooksMeant reports whether a text that is not a DMARC record was probably
// meant to be one: it speaks of DMARC, or has a policy.
func (r *Record) LooksMeant() bool {
	return strings.Contains(strings.ToLower(r.Raw), "dmarc1") || r.P != ""
}

func (r *Record) deviate(d Deviation) {
	switch {
	case len(r.Deviations) < maxDeviations:
		r.Deviations = append(r.Deviations, d)
	case len(r.Deviations) == maxDeviations:
		r.Deviations = append(r.Deviations, Deviation{Code: TooManyDeviants, Effect: Tolerates, At: d.At})
	}
}
