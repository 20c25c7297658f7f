// SPDX-License-Identifier: MIT

package dns

import (
	"net/netip"
	"strconv"
	"strings"
)

// Limits of a name (RFC 1035 §2.3.4): 255 octets on the wire, which is 253 in
// our text form, and 63 in a label.
const (
	MaxName  = 253
	MaxLabel = 63
)

// Canonical returns name as it is compared and asked: ASCII in lower case, one
// trailing dot dropped, the root as ".". The error is an *Error with BadName.
//
// Names come from hostile mail, so what could hurt a server, a log or a
// terminal on the way is refused here: empty or over-long labels and names,
// NUL, spaces and control octets. All other octets pass, because the macros of
// RFC 7208 §7 legitimately make names with ':', '=', '/', '+', '*' or UTF-8.
func Canonical(name string, t Type) (string, error) {
	s := Lower(name)
	if s == "." {
		return s, nil
	}
	s = bare(s)
	if why := wrongName(s); why != "" {
		return "", &Error{Name: name, Type: t, Code: BadName, Detail: why}
	}
	return s, nil
}

// bare drops the last dot of a name that is not the root.
func bare(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// wrongName says why s may not be asked for, or nothing.
func wrongName(s string) string {
	if len(s) > MaxName {
		return "longer than " + strconv.Itoa(MaxName) + " octets"
	}
	label := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			if label == 0 {
				return "empty label"
			}
			if label > MaxLabel {
				return "label longer than " + strconv.Itoa(MaxLabel) + " octets"
			}
			label = 0
			continue
		}
		if s[i] <= ' ' || s[i] == 0x7f {
			return "space or control octet"
		}
		label++
	}
	return ""
}

// ReverseName returns the name that holds the PTR records of addr (RFC 1035
// §3.5, RFC 3596 §2.5). An IPv4 address mapped into IPv6 is taken as IPv4.
func ReverseName(addr netip.Addr) string {
	addr = addr.Unmap()
	if addr.Is4() {
		b := addr.As4()
		var out []byte
		for i := len(b) - 1; i >= 0; i-- {
			out = strconv.AppendUint(out, uint64(b[i]), 10)
			out = append(out, '.')
		}
		return string(out) + "in-addr.arpa"
	}
	const hex = "0123456789abcdef"
	b := addr.As16()
	var out []byte
	for i := len(b) - 1; i >= 0; i-- {
		out = append(out, hex[b[i]&15], '.', hex[b[i]>>4], '.')
	}
	return string(out) + "ip6.arpa"
}

// Lower folds a name as the DNS does: ASCII letters only (RFC 4343).
func Lower(s string) string {
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

// parent returns the name one label up, "." at the top and "" above the root.
func parent(name string) string {
	if name == "." {
		return ""
	}
	if _, up, ok := strings.Cut(name, "."); ok {
		return up
	}
	return "."
}

// below reports whether name stands under top, not being top itself.
func below(name, top string) bool {
	if top == "." {
		return name != "."
	}
	return len(name) > len(top) && strings.HasSuffix(name, top) && name[len(name)-len(top)-1] == '.'
}

// join puts label before name.
func join(label, name string) string {
	if name == "." {
		return label
	}
	return label + "." + name
}
