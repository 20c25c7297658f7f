// SPDX-License-Identifier: MIT

package dkim

import (
	"crypto"
	"strings"
)

// RSA key sizes, in bits.
const (
	// MinRSABits is the least a verifier may accept (RFC 8301 §3.2).
	MinRSABits = 1024
	// MaxRSABits bounds the work of one verification, which grows with the
	// square of the size; RFC 8301 §3.2 asks for support up to 4096.
	MaxRSABits = 8192
)

// A KeyRecord is a DKIM key record (RFC 6376 §3.6.1).
type KeyRecord struct {
	Text string // the record that was parsed; positions refer to it
	Tags Tags

	KeyType  string   // k= in lower case; "rsa" if not there
	Hashes   []string // h=, lower case; nil: all
	Services []string // s=, lower case; nil: all
	Flags    []string // t=, lower case
	Notes    string   // n= decoded
	Revoked  bool     // p= is empty (RFC 6376 §3.6.1)
	Testing  bool     // t=y
	Strict   bool     // t=s
	Bits     int      // of the modulus for RSA, 256 for Ed25519

	// Public is an *rsa.PublicKey or an ed25519.PublicKey, or nil. It is set
	// for RSA keys of any size; use Problems before trusting it.
	Public crypto.PublicKey

	problems []Problem
	notes    []Note
}

// The codes of a damaged key record, beside those of TagError and base64.
const (
	KeyNoKey       = "no-p"              // there is no p=: not a key record
	KeyVersion     = "version"           // v= is not DKIM1
	KeyComma       = "comma"             // "," where ";" belongs
	KeyNoSemicolon = "missing-semicolon" // two tags without ";" between
	KeyQuotes      = "quotes"            // quotation marks in the record
	KeyBackslash   = "backslash"         // escapes of a zone file in the record
	KeyHex         = "hex"               // p= is hexadecimal
	KeyPEM         = "pem"               // p= holds the lines around a PEM block
	KeyDER         = "der"               // p= is base64 of no public key
	KeyDERCut      = "der-cut"           // p= is the beginning of one
	KeyDERTrailing = "der-trailing"      // more follows the key
	KeyOtherType   = "other-type"        // p= is a key of another type than k=
	KeyLength      = "ed25519-length"    // not 32 octets (RFC 8463 §4)
	KeyWrapped     = "ed25519-wrapped"   // SubjectPublicKeyInfo instead of the bare key
)

// ParseKeyRecord reads one TXT record, its strings joined. Like
// ParseSignature it never fails as a whole: problems, with positions in text,
// say what is wrong. A revoked key and sizes out of bounds are problems too.
func ParseKeyRecord(text string) (*KeyRecord, []Problem, []Note) {
	k := &KeyRecord{Text: text, KeyType: "rsa"}
	tags, errs, notes := ParseTags(text)
	k.Tags, k.notes = tags, notes
	for _, e := range errs {
		k.syntax(e.Code, e.Name, e.Pos, "")
	}
	k.readTags()
	p, ok := tags.Get("p")
	switch {
	case !ok:
		k.syntax(KeyNoKey, "p", -1, text)
	case p.Value == "":
		k.Revoked = true
		k.fail(PermError, KeyRevoked, "", "p", p.ValueStart, "")
	default:
		k.readKey(p)
	}
	k.nameSlip()
	return k, k.problems, k.notes
}

// IsKey tells whether the text is a DKIM key record without syntax errors,
// revoked or of a bad size as it may be.
func (k *KeyRecord) IsKey() bool {
	for _, p := range k.problems {
		if p.Reason == KeySyntax {
			return false
		}
	}
	return true
}

func (k *KeyRecord) fail(res Result, r Reason, sub, tag string, pos int, detail string) {
	k.problems = append(k.problems, Problem{res, r, sub, tag, pos, clip(detail)})
}

func (k *KeyRecord) syntax(code, tag string, pos int, detail string) {
	k.fail(PermError, KeySyntax, code, tag, pos, detail)
}

func (k *KeyRecord) note(code NoteCode, t Tag) {
	k.notes = append(k.notes, Note{code, clip(t.Name), t.Start, clip(t.Value)})
}

// readTags reads all but p=.
func (k *KeyRecord) readTags() {
	for i, t := range k.Tags {
		lower := strings.ToLower(t.Value)
		switch t.Name {
		case "v":
			if t.Value != "DKIM1" {
				k.syntax(KeyVersion, "v", t.ValueStart, t.Value)
			}
			if i > 0 {
				k.note(NoteVersionNotFirst, t)
			}
		case "k":
			k.KeyType = lower
			if lower != t.Value {
				k.note(NoteKeyTagCase, t)
			}
		case "h":
			k.Hashes = items(lower)
		case "s":
			k.Services = items(lower)
		case "t":
			k.readFlags(t, items(lower))
		case "n":
			k.Notes, _ = decodeQPText(t.Value)
		case "g":
			k.note(NoteGranularity, t)
		case "p":
		default:
			if len(k.notes) < maxTagErrors {
				k.note(NoteUnknownTag, t)
			}
		}
	}
}

func (k *KeyRecord) readFlags(t Tag, flags []string) {
	k.Flags = flags
	for _, f := range flags {
		switch f {
		case "y":
			k.Testing = true
			k.note(NoteTesting, t)
		case "s":
			k.Strict = true
		}
	}
}

// allows tells whether a list of the key record lets v through.
func allows(list []string, v ...string) bool {
	if list == nil {
		return true
	}
	for _, l := range list {
		for _, w := range v {
			if l == w {
				return true
			}
		}
	}
	return false
}
