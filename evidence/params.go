// SPDX-License-Identifier: MIT

package evidence

import (
	"strconv"
	"strings"
)

// maxSegments is how many pieces of one parameter are joined (RFC 2231 §3).
const maxSegments = 100

// parameters is the value of a field such as Content-Type, taken apart.
type parameters struct {
	value  string
	params map[string]string // names in lower case; the first of a name counts
	bad    bool              // something had to be guessed
}

// parseParams reads "value; name=value; …" with quoted strings, comments, and
// the continuations and charsets of RFC 2231. What is malformed is skipped.
func parseParams(s string) parameters {
	items, bad := splitParams(s)
	out := parameters{value: strings.TrimSpace(items[0]), params: map[string]string{}, bad: bad}
	raw := map[string]string{}
	for _, item := range items[1:] {
		name, value, ok := strings.Cut(item, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			out.bad = out.bad || strings.TrimSpace(item) != ""
			continue
		}
		if _, twice := raw[name]; twice {
			out.bad = true
			continue
		}
		raw[name] = unquote(strings.TrimSpace(value))
	}
	for name, value := range raw {
		base, _, extended := strings.Cut(name, "*")
		if !extended {
			if _, ok := out.params[name]; !ok {
				out.params[name] = value
			}
			continue
		}
		if text, ok := extendedValue(raw, base); ok {
			out.params[base] = text // RFC 2231 wins over the plain form
		}
	}
	return out
}

// splitParams cuts at semicolons outside of quotes and comments and removes
// the comments.
func splitParams(s string) (items []string, bad bool) {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || depth > 0) && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
			b.WriteByte(c)
		case c == '(' && !quoted:
			depth++
		case c == ')' && depth > 0 && !quoted:
			depth--
		case depth > 0:
		case c == ';' && !quoted:
			items = append(items, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(items, b.String()), quoted || depth > 0
}

// unquote undoes a quoted string; other text stays.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String()
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// extendedValue joins name*, or name*0, name*1* and so on (RFC 2231 §3, §4).
func extendedValue(raw map[string]string, name string) (string, bool) {
	if v, ok := raw[name+"*"]; ok {
		charset, text := splitCharset(v)
		return toUTF8(percent(text), charset), true
	}
	var joined []byte
	charset := ""
	for i := range maxSegments {
		key := name + "*" + strconv.Itoa(i)
		if v, ok := raw[key+"*"]; ok {
			if i == 0 {
				charset, v = splitCharset(v)
			}
			joined = append(joined, percent(v)...)
		} else if v, ok := raw[key]; ok {
			joined = append(joined, v...)
		} else {
			return toUTF8(joined, charset), i > 0
		}
	}
	return toUTF8(joined, charset), true
}

// splitCharset takes "charset'language'text" apart.
func splitCharset(v string) (charset, text string) {
	charset, rest, ok := strings.Cut(v, "'")
	if !ok {
		return "", v
	}
	if _, text, ok = strings.Cut(rest, "'"); !ok {
		return "", v
	}
	return strings.ToLower(charset), text
}

// percent decodes %XX and leaves what is malformed.
func percent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}
