// SPDX-License-Identifier: MIT

package dmarc

import (
	"net/url"
	"strings"
)

// A URI is one destination of reports.
type URI struct {
	Raw     string // as published, without surrounding white space
	At      int    // octet in the record
	Valid   bool   // syntactically; only mailto has an Address
	Scheme  string // lower case
	Address string // of mailto, decoded
	Host    string // domain of Address, lower case
	Size    string // the !size suffix of RFC 7489, without "!"
}

// readURIs reads rua or ruf: URIs with commas between them.
func (r *Record) readURIs(tag string, t Tag) []URI {
	var uris []URI
	at := t.ValueAt
	for part := range strings.SplitSeq(t.Value, ",") {
		left := strings.TrimLeft(part, " \t")
		u := parseURI(strings.TrimRight(left, " \t"))
		u.At = at + len(part) - len(left)
		at += len(part) + 1
		if u.Raw == "" {
			r.deviate(Deviation{URIInvalid, Ignores, tag, u.At, ""})
			continue
		}
		uris = append(uris, u)
		if u.Size != "" {
			r.deviate(Deviation{URISize, Ignores, tag, u.At, "!" + u.Size})
		}
		switch {
		case u.Valid && u.Scheme != "mailto":
			r.deviate(Deviation{URIScheme, Ignores, tag, u.At, u.Raw})
		case !u.Valid && u.Address != "":
			r.deviate(Deviation{URINoScheme, Ignores, tag, u.At, u.Raw})
		case !u.Valid:
			r.deviate(Deviation{URIInvalid, Ignores, tag, u.At, u.Raw})
		}
	}
	return uris
}

func parseURI(raw string) URI {
	u := URI{Raw: raw}
	text, size, found := cutLast(raw, '!')
	if found && isSize(size) {
		u.Size = size
	} else {
		text = raw
	}
	scheme, rest, found := strings.Cut(text, ":")
	if !found || !isScheme(scheme) {
		u.setAddress(text)
		return u
	}
	u.Scheme = strings.ToLower(scheme)
	if u.Scheme != "mailto" {
		parsed, err := url.Parse(text)
		u.Valid = err == nil && (parsed.Host != "" || parsed.Opaque != "")
		return u
	}
	path, _, _ := strings.Cut(rest, "?")
	address, err := url.PathUnescape(path)
	u.Valid = err == nil && u.setAddress(address)
	return u
}

// setAddress takes an address apart; false if it is none.
func (u *URI) setAddress(address string) bool {
	local, host, found := cutLast(address, '@')
	if !found || local == "" || strings.ContainsFunc(local, notInAddress) || !validName(clean(host)) {
		return false
	}
	u.Address, u.Host = address, clean(host)
	return true
}

// notInAddress are the characters that no plain local part has.
func notInAddress(c rune) bool { return c <= ' ' || c > '~' || c == '<' || c == '>' || c == '"' }

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// isSize: digits and at most one unit (RFC 7489 §6.4).
func isSize(s string) bool {
	digits := strings.TrimRight(strings.ToLower(s), "kmgt")
	return digits != "" && len(s)-len(digits) <= 1 && strings.Trim(digits, "0123456789") == ""
}

// isScheme: RFC 3986 §3.1.
func isScheme(s string) bool {
	for i, c := range []byte(strings.ToLower(s)) {
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return s != ""
}
