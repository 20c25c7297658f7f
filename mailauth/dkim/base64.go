// SPDX-License-Identifier: MIT

package dkim

import (
	"encoding/base64"
	"strings"
)

// The codes of damaged base64.
const (
	Base64Char    = "base64-char"    // a character outside the alphabet
	Base64Length  = "base64-length"  // cut: no whole number of octets is left
	Base64Padding = "base64-padding" // "=" too few, too many or inside
)

// decodeBase64 decodes base64string of RFC 6376 §2.10: white space is allowed
// anywhere. For damage it returns a code and the octet of v where it shows.
func decodeBase64(v string) (data []byte, code string, pos int) {
	clean := stripFWS(v)
	data, err := base64.StdEncoding.DecodeString(clean)
	if err == nil {
		return data, "", 0
	}
	body := strings.TrimRight(clean, "=")
	for i, n := 0, 0; i < len(v); i++ {
		c := v[i]
		switch {
		case isFWS(c):
			continue
		case c == '=' && n < len(body):
			return nil, Base64Padding, i
		case c != '=' && !isBase64(c):
			return nil, Base64Char, i
		}
		n++
	}
	if len(body)%4 == 1 {
		return nil, Base64Length, len(v)
	}
	return nil, Base64Padding, len(v)
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
