// SPDX-License-Identifier: MIT

package opinion

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"mailproof/mailauth/dkim"
)

// A Difference is a kind of signature on which go-msgauth v0.7.0 is known to
// answer otherwise, and why we do not follow.
type Difference struct {
	Name   string
	Reason string
	// TheyPass is their answer where it differs: they pass and we do not.
	TheyPass bool
	match    func(v *dkim.Verdict) bool
	octets   func(raw []byte) bool // instead of match, of the whole message
}

// Explain returns the name of the known difference that covers a verdict, or
// nothing. theirs tells whether the other verifier passed the signature.
func Explain(raw []byte, v *dkim.Verdict, theirs bool) string {
	for _, d := range Known {
		if d.TheyPass == theirs && (d.match != nil && d.match(v) || d.octets != nil && d.octets(raw)) {
			return d.Name
		}
	}
	return ""
}

// Known are the differences, found by reading, by trial and by the
// differential test. What they pass and we refuse comes first.
var Known = []Difference{
	{"bare-lf", "they turn bare LF into CRLF before hashing; our result is that of the octets, and NormalizedLF tells", true,
		func(v *dkim.Verdict) bool { return v.NormalizedLF }, nil},
	{"strict-identity", "RFC 6376 §3.6.1 t=s: they read the flag and do not enforce it", true, first(dkim.StrictIdentity), nil},
	{"expires-first", "RFC 6376 §3.5: x= must be greater than t=; they do not compare", true, first(dkim.ExpiresFirst), nil},
	{"expired", "held against the receipt time here, against the clock there", true, first(dkim.Expired), nil},
	{"domain-syntax", "RFC 6376 §3.5: d= is a domain name of two labels or more; they take any text", true, first(dkim.DomainSyntax), nil},
	{"selector-syntax", "RFC 6376 §3.1: s= is made of labels; they take any text and drop white space", true, first(dkim.SelectorSyntax), nil},
	{"key-long", "above 8192 bits we refuse the work", true, first(dkim.KeyLong), nil},
	{"tag-name", "RFC 6376 §3.2: a tag name begins with a letter and has letters, digits and _; they take any text", true, sub(dkim.TagBadName), nil},
	{"control-character", "RFC 6376 §3.2: no control characters in a value; they do not look", true, sub(dkim.TagBadChar), nil},
	{"identity-value", "RFC 6376 §3.5: i= has an @; they compare its end only", true, tag("i"), nil},
	{"header-list", "RFC 6376 §3.5: h= has no empty item; they pass over it", true, tag("h"), nil},
	{"number", "RFC 6376 §3.5: t= and x= are 1 to 12 digits; they take signs and drop white space", true, tag("t", "x"), nil},
	{"value-form", "RFC 6376 §3.5: no white space inside a= and c=, and both names of c= written out; they drop white space and let a name be empty", true, tag("a", "c"), nil},
	{"key-tag-syntax", "as in a signature, in the key record", true,
		func(v *dkim.Verdict) bool { return keySub(v, dkim.TagBadName) || keySub(v, dkim.TagBadChar) }, nil},
	{"key-list", "RFC 6376 §3.6.1: no white space inside an item of h= or s=; they drop it", true, keyList, nil},
	{Name: "folded-name", Reason: "RFC 5322 §4.5: white space before the colon is SP and TAB; they take a fold too", TheyPass: true, octets: foldedName.Match},
	{Name: "bare-cr", Reason: "RFC 6376 §3.4: only CRLF ends a line and white space is SP and TAB; they fold a bare CR too", TheyPass: true, octets: bareCR},

	{"l-tag", "RFC 6376 §3.5 allows l=; they fail every signature with it", false,
		func(v *dkim.Verdict) bool { return v.BodyLength >= 0 }, nil},
	{"identity-case", "domains are compared without regard to case; they compare i= and d= exactly", false,
		func(v *dkim.Verdict) bool { return !strings.HasSuffix(v.Identity, v.Domain) }, nil},
	{"identity-coded", "RFC 6376 §2.11: i= may be quoted-printable; they compare it undecoded", false,
		func(v *dkim.Verdict) bool { return strings.Contains(v.Tags.Value("i"), "=") }, nil},
	{"value-case", "RFC 5234 §2.3: literals of ABNF have no case; they compare a=, c=, q=, k=, h= and s= exactly", false, valueCase, nil},
	{"b-elsewhere", "they empty whatever looks like a tag ending in b, also in other tags", false,
		func(v *dkim.Verdict) bool { return len(looksLikeB.FindAllString(string(v.Field), 2)) > 1 }, nil},
	{"several-records", "RFC 6376 §3.6.2.2 leaves it undefined; we use the only one that is a key, they refuse", false, note(dkim.NoteSeveralRecords), nil},
	{"key-white-space", "RFC 6376 §2.10: base64 may be folded; they allow spaces only in p=", false, note(dkim.NoteKeyWhitespace), nil},
	{"self-in-h", "RFC 6376 §3.5: the signature itself is not signed by name; they pick it", false,
		func(v *dkim.Verdict) bool { return listed(v, "dkim-signature") }, nil},
	{"clock", "they hold x= against the clock of the machine", false,
		func(v *dkim.Verdict) bool { return !v.Expires.IsZero() && time.Now().After(v.Expires) }, nil},
	{Name: "bare-lf-refused", Reason: "as bare-lf, where the bare LF was there when it was signed", octets: bareLF},
	{Name: "bare-cr-refused", Reason: "as bare-cr, the other way round", octets: bareCR},
}

var foldedName = regexp.MustCompile(`(?m)^[!-9;-~]+[ \t]*\r?\n[ \t]+:`)

var looksLikeB = regexp.MustCompile(`b\s*=`)

func first(r dkim.Reason) func(*dkim.Verdict) bool {
	return func(v *dkim.Verdict) bool { return v.Reason == r }
}

func sub(code string) func(*dkim.Verdict) bool {
	return func(v *dkim.Verdict) bool {
		return v.Reason == dkim.TagSyntax && v.Problems[0].Sub == code
	}
}

func tag(names ...string) func(*dkim.Verdict) bool {
	return func(v *dkim.Verdict) bool {
		if len(v.Problems) == 0 || v.Problems[0].Pos < 0 {
			return false
		}
		for _, n := range names {
			if v.Problems[0].Tag == n && v.Result == dkim.PermError {
				return true
			}
		}
		return false
	}
}

// keySub finds a code among all problems of the key: a slip may be named first.
func keySub(v *dkim.Verdict, code string) bool {
	for _, p := range v.Problems {
		if p.Reason == dkim.KeySyntax && p.Sub == code {
			return true
		}
	}
	return false
}

func note(code dkim.NoteCode) func(*dkim.Verdict) bool {
	return func(v *dkim.Verdict) bool {
		for _, n := range v.Notes {
			if n.Code == code {
				return true
			}
		}
		return false
	}
}

func listed(v *dkim.Verdict, name string) bool {
	for _, h := range v.SignedHeaders {
		if strings.EqualFold(h, name) {
			return true
		}
	}
	return false
}

// valueCase tells a literal with an upper-case letter, here or in the key.
func valueCase(v *dkim.Verdict) bool {
	upper := func(ts dkim.Tags, names ...string) bool {
		for _, n := range names {
			if s := ts.Value(n); s != strings.ToLower(s) {
				return true
			}
		}
		return false
	}
	return upper(v.Tags, "a", "c", "q") || v.Key != nil && v.Key.Record != nil && upper(v.Key.Record.Tags, "k", "h", "s")
}

// keyList tells an item with white space inside in the lists of a key record.
func keyList(v *dkim.Verdict) bool {
	if v.Reason != dkim.KeyService && v.Reason != dkim.KeyHash {
		return false
	}
	ts := v.Key.Record.Tags
	return strings.ContainsAny(ts.Value("s")+ts.Value("h"), " \t\r\n")
}

// bareCR tells a CR that no LF follows.
func bareCR(raw []byte) bool {
	return bytes.Count(raw, []byte("\r")) > bytes.Count(raw, []byte("\r\n"))
}

// bareLF tells an LF that follows no CR.
func bareLF(raw []byte) bool { return dkim.NormalizeLF(raw) != nil }
