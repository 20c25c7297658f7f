// SPDX-License-Identifier: MIT

// Package testaddr mints and recognises test addresses.
//
// A test has two secrets that cannot be derived from each other: its address,
// which every relay on the way sees, and its id, which only its owner knows.
package testaddr

import (
	"crypto/rand"
	"errors"
	"strings"
)

// alphabet has no two characters that are taken for each other in print, in
// handwriting or when read aloud from a screen: of 0/o, 1/l/i, 2/z, 5/s, 8/b,
// 9/g/q and u/v at most one of a set is in it, and where that one is still
// doubtful, none.
const alphabet = "acdefhjkmnprtuwxy3467"

const (
	// localLen makes 19 * log2(21) = 83.4 bits: more than the 80 below which
	// guessing addresses over many years becomes thinkable.
	localLen = 19
	// idLen makes 105 bits: an id is never typed, so it may be longer.
	idLen = 24
	// maxAddress is well above RFC 5321 §4.5.3.1.3 (256 octets for a path).
	maxAddress = 512
)

// Errors of Local and Parse, to be matched with errors.Is.
var (
	ErrSyntax  = errors.New("not an address")
	ErrForeign = errors.New("address of another domain")
)

// An Address is a recipient taken apart.
type Address struct {
	Local  string // ASCII letters in lower case, without the tag
	Tag    string // what stood behind the first +, as written
	Domain string // ASCII letters in lower case, without a final dot
}

// Mint returns the local part of a new address: lower-case letters and digits
// without look-alikes, more than 80 bits from crypto/rand.
func Mint() string { return random(localLen) }

// MintID returns the id of a new test, a secret of its own.
func MintID() string { return random(idLen) }

// Parse takes a recipient apart at the last @ (a quoted local part may hold
// others) and at the first + of the local part. Letters are folded within
// ASCII only, so that no other letter can stand for one of an address.
func Parse(recipient string) (Address, error) {
	at := strings.LastIndexByte(recipient, '@')
	if at <= 0 || len(recipient) > maxAddress {
		return Address{}, ErrSyntax
	}
	local, tag, _ := strings.Cut(recipient[:at], "+")
	domain := strings.TrimSuffix(recipient[at+1:], ".")
	if local == "" || domain == "" {
		return Address{}, ErrSyntax
	}
	return Address{Local: lower(local), Tag: tag, Domain: lower(domain)}, nil
}

// Local returns the local part that a recipient of one of our domains names:
// in lower case, with its +tag cut. It returns ErrForeign for every other
// domain and ErrSyntax for what is not an address.
func Local(recipient string, domains ...string) (string, error) {
	a, err := Parse(recipient)
	if err != nil {
		return "", err
	}
	for _, d := range domains {
		if lower(strings.TrimSuffix(d, ".")) == a.Domain {
			return a.Local, nil
		}
	}
	return "", ErrForeign
}

// random draws n characters, each equally likely: octets at or above the
// largest multiple of the alphabet's length are thrown away.
func random(n int) string {
	const fair = 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var buf [48]byte
	for len(out) < n {
		rand.Read(buf[:]) // never fails: crypto/rand ends the process instead
		for _, b := range buf {
			if int(b) < fair && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// lower folds ASCII letters only: strings.ToLower would turn U+212A, the
// Kelvin sign, into a k.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
