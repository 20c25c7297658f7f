// SPDX-License-Identifier: MIT

package dns

import (
	"errors"
	"fmt"
	"strings"
)

// maxWire is the length of a name on the wire, with length octets and root.
const maxWire = 255

// dotInLabel stands for a dot within a label, which our text form, where a dot
// always separates, could not show otherwise. Such names are seen, never asked.
const dotInLabel = `\046`

var errEscape = errors.New("bad escape")

// ParseName reads an absolute name in presentation form (RFC 1035 §5.1, with
// escapes, with or without its last dot) into the form of this package.
func ParseName(s string) (string, error) {
	return parseName(s, ".")
}

// PresentName writes name in presentation form with its last dot, so that any
// parser of RFC 1035 text reads the same octets.
func PresentName(name string) string {
	if name == "." || name == "" {
		return "."
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case strings.HasPrefix(name[i:], dotInLabel):
			b.WriteString(dotInLabel)
			i += len(dotInLabel) - 1
		case c <= ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03d`, c)
		case strings.IndexByte(`"();@$\`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('.')
	return b.String()
}

// ParseString reads the escapes \X and \DDD of a character-string.
func ParseString(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for len(s) > 0 {
		c, _, rest, err := octet(s)
		if err != nil {
			return "", err
		}
		b, s = append(b, c), rest
	}
	return string(b), nil
}

// PresentString writes s as a quoted character-string.
func PresentString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03d`, c)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// octet takes one octet off s, escaped or not.
func octet(s string) (c byte, escaped bool, rest string, err error) {
	if s[0] != '\\' {
		return s[0], false, s[1:], nil
	}
	if len(s) < 2 {
		return 0, true, "", errEscape
	}
	if !digit(s[1]) {
		return s[1], true, s[2:], nil
	}
	if len(s) < 4 || !digit(s[2]) || !digit(s[3]) {
		return 0, true, "", errEscape
	}
	n := int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	if n > 255 {
		return 0, true, "", errEscape
	}
	return byte(n), true, s[4:], nil
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// parseName reads s, which is relative to origin unless it ends in a dot.
func parseName(s, origin string) (string, error) {
	switch s {
	case "":
		return "", errors.New("empty name")
	case "@":
		return origin, nil
	case ".":
		return ".", nil
	}
	var b strings.Builder
	wire, label, absolute := 1, 0, false
	for len(s) > 0 {
		c, escaped, rest, err := octet(s)
		if err != nil {
			return "", err
		}
		s = rest
		if c == '.' && !escaped {
			if label == 0 {
				return "", errors.New("empty label")
			}
			if s == "" {
				absolute = true
				break
			}
			b.WriteByte('.')
			label = 0
			continue
		}
		if label == 0 {
			wire++
		}
		label, wire = label+1, wire+1
		if label > MaxLabel {
			return "", errors.New("label too long")
		}
		if c == '.' {
			b.WriteString(dotInLabel)
			continue
		}
		b.WriteByte(c)
	}
	if !absolute && origin != "." {
		wire += wireLen(origin) - 1
		b.WriteByte('.')
		b.WriteString(origin)
	}
	if wire > maxWire {
		return "", errors.New("name too long")
	}
	return b.String(), nil
}

// wireLen is the length of name on the wire.
func wireLen(name string) int {
	if name == "." {
		return 1
	}
	return len(name) - (len(dotInLabel)-1)*strings.Count(name, dotInLabel) + 2
}
