// SPDX-License-Identifier: MIT

package dkim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 1035 §2.3.4.
const (
	maxLabel = 63
	maxName  = 253
)

// asciiName makes a name fit for a question: labels of letters, digits, hyphen
// and underscore, with at least that many labels. U-labels become A-labels (RFC 8616
// §4). It reports false for everything else, so that no NUL, dot trick or
// space of a hostile mail reaches the resolver.
func asciiName(name string, least int) (string, bool) {
	labels := strings.Split(name, ".")
	if len(labels) < least || len(name) > 4*maxName {
		return "", false
	}
	for i, l := range labels {
		a, ok := asciiLabel(l)
		if !ok {
			return "", false
		}
		labels[i] = a
	}
	name = strings.Join(labels, ".")
	return name, len(name) <= maxName
}

func asciiLabel(l string) (string, bool) {
	ascii := true
	for i := 0; i < len(l); i++ {
		c := l[i]
		switch {
		case c >= utf8.RuneSelf:
			ascii = false
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return "", false
		}
	}
	if !ascii {
		if !utf8.ValidString(l) {
			return "", false
		}
		l = punycode(strings.Map(unicode.ToLower, l))
	}
	return l, len(l) > 0 && len(l) <= maxLabel
}

// punycode encodes one label as RFC 3492 §6.3 with the prefix of IDNA. The
// label is at most four times maxName long, so its square is small.
func punycode(label string) string {
	runes := []rune(label)
	out := []byte("xn--")
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		}
	}
	basic := len(out) - len("xn--")
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(utf8.RuneSelf), 0, 72
	for done := basic; done < len(runes); {
		next := rune(unicode.MaxRune)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r == n {
				out = appendVarint(out, delta, bias)
				bias = adapt(delta, done+1, done == basic)
				delta = 0
				done++
			}
		}
		delta++
		n++
	}
	return string(out)
}

// The parameters of RFC 3492 §5.
const (
	punyBase, punyTMin, punyTMax, punySkew, punyDamp = 36, 1, 26, 38, 700
)

func appendVarint(out []byte, delta, bias int) []byte {
	const digits = "abcdefghijklmnopqrstuvwxyz0123456789"
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if delta < t {
			return append(out, digits[delta])
		}
		out = append(out, digits[t+(delta-t)%(punyBase-t)])
		delta = (delta - t) / (punyBase - t)
	}
}

func adapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
