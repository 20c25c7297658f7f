// SPDX-License-Identifier: MIT

package dkim

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"strconv"
	"strings"
)

// readKey decodes p= by k=.
func (k *KeyRecord) readKey(p Tag) {
	if strings.ContainsAny(p.Value, " \t\r\n") {
		k.note(NoteKeyWhitespace, Tag{Name: "p", Start: p.ValueStart})
	}
	data, code, pos := decodeBase64(p.Value)
	if code != "" {
		k.syntax(code, "p", p.ValueStart+pos, p.Value)
		return
	}
	switch k.KeyType {
	case "rsa":
		k.readRSA(p, data)
	case "ed25519":
		k.readEd25519(p, data)
	default:
		t, _ := k.Tags.Get("k")
		k.fail(PermError, KeyType, "", "k", t.ValueStart, t.Value)
	}
}

// readRSA reads SubjectPublicKeyInfo, or the bare RSAPublicKey that RFC 6376
// §3.6.1 names (erratum 3017: both are in use).
func (k *KeyRecord) readRSA(p Tag, data []byte) {
	pub, err := x509.ParsePKIXPublicKey(data)
	key, ok := pub.(*rsa.PublicKey)
	if err == nil && !ok {
		k.syntax(KeyOtherType, "p", p.ValueStart, "")
		return
	}
	if err != nil {
		if key, err = x509.ParsePKCS1PublicKey(data); err != nil {
			k.syntax(derDamage(data), "p", p.ValueStart, err.Error())
			return
		}
	}
	k.Public, k.Bits = key, key.N.BitLen()
	switch detail := strconv.Itoa(k.Bits); {
	case k.Bits < MinRSABits:
		k.fail(Policy, KeyShort, "", "p", p.ValueStart, detail)
	case k.Bits > MaxRSABits:
		k.fail(PermError, KeyLong, "", "p", p.ValueStart, detail)
	}
}

func (k *KeyRecord) readEd25519(p Tag, data []byte) {
	if len(data) == ed25519.PublicKeySize { // RFC 8463 §4: the bare 32 octets
		k.Public, k.Bits = ed25519.PublicKey(data), 8*ed25519.PublicKeySize
		return
	}
	code := KeyLength
	if pub, err := x509.ParsePKIXPublicKey(data); err == nil {
		code = KeyOtherType
		if _, ok := pub.(ed25519.PublicKey); ok {
			code = KeyWrapped
		}
	}
	k.syntax(code, "p", p.ValueStart, strconv.Itoa(len(data)))
}

// derDamage tells a key that was cut from one that was something else.
func derDamage(data []byte) string {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(data, &v)
	switch {
	case err == nil && len(rest) > 0:
		return KeyDERTrailing
	case err == nil:
		return KeyDER
	}
	// 30 82 hh ll: a SEQUENCE that says it is longer than what is there.
	if len(data) > 4 && data[0] == 0x30 && data[1] == 0x82 && len(data)-4 < int(data[2])<<8|int(data[3]) ||
		len(data) > 3 && data[0] == 0x30 && data[1] == 0x81 && len(data)-3 < int(data[2]) {
		return KeyDERCut
	}
	return KeyDER
}

// A slip is a known way of getting a key record wrong.
type slip struct {
	code string
	find func(k *KeyRecord) int // position, or -1
}

// slips are tried in this order: the more telling ones first.
var slips = []slip{
	{KeyPEM, func(k *KeyRecord) int { return strings.Index(k.Text, "-----") }},
	{KeyBackslash, func(k *KeyRecord) int { return strings.IndexByte(k.Text, '\\') }},
	{KeyQuotes, func(k *KeyRecord) int { return strings.IndexAny(k.Text, "\"'\u201c\u201d") }},
	{KeyComma, func(k *KeyRecord) int { return findJoined(k, ",") }},
	{KeyNoSemicolon, func(k *KeyRecord) int { return findJoined(k, " \t") }},
	{KeyHex, findHex},
}

// nameSlip puts the name of a known slip before what the parser tripped over,
// only where the record has a syntax error anyway.
func (k *KeyRecord) nameSlip() {
	if k.IsKey() {
		return
	}
	for _, s := range slips {
		if pos := s.find(k); pos >= 0 {
			named := Problem{PermError, KeySyntax, s.code, "", pos, clip(k.Text[pos:])}
			k.problems = append([]Problem{named}, k.problems...)
			return
		}
	}
}

// findJoined finds a value of v= or k= that runs on into the next tag, with
// one of the separators where the semicolon belongs.
func findJoined(k *KeyRecord, separators string) int {
	for _, t := range k.Tags {
		switch t.Name {
		case "v", "k", "t", "s", "h":
			if i := strings.IndexAny(t.Value, separators); i >= 0 && strings.Contains(t.Value[i:], "=") {
				return t.ValueStart + i
			}
		}
	}
	return -1
}

// findHex finds a p= of nothing but hexadecimal digits, perhaps in groups.
func findHex(k *KeyRecord) int {
	const least = 32 // shorter runs of such digits occur in base64 by chance
	p, ok := k.Tags.Get("p")
	digits := 0
	for i := 0; i < len(p.Value); i++ {
		c := p.Value[i]
		switch {
		case hexDigit(c) >= 0:
			digits++
		case !isFWS(c) && c != ':':
			return -1
		}
	}
	if !ok || digits < least {
		return -1
	}
	return p.ValueStart
}
