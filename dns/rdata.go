// SPDX-License-Identifier: MIT

package dns

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxSegment is the length of a character-string (RFC 1035 §3.3). A longer one
// is cut into several, as the panels of DNS providers do with long keys.
const maxSegment = 255

var errFields = errors.New("wrong number of fields")

// rdataParsers say how the data of a record type is read. origin is what
// relative names in it are relative to.
var rdataParsers = map[Type]func(f []token, origin string) (value string, segments []string, err error){
	TypeA:     one(parseA),
	TypeAAAA:  one(parseAAAA),
	TypeCNAME: one(parseName),
	TypeNS:    one(parseName),
	TypePTR:   one(parseName),
	TypeMX:    parseMX,
	TypeSRV:   parseSRV,
	TypeSOA:   parseSOA,
	TypeTLSA:  parseTLSA,
	TypeTXT:   parseText,
	TypeSPF:   parseText,
}

// typesByNumber lets a file write a type as RFC 3597 §5 does.
var typesByNumber = map[string]Type{
	"TYPE1": TypeA, "TYPE2": TypeNS, "TYPE5": TypeCNAME, "TYPE6": TypeSOA,
	"TYPE12": TypePTR, "TYPE15": TypeMX, "TYPE16": TypeTXT, "TYPE28": TypeAAAA,
	"TYPE33": TypeSRV, "TYPE52": TypeTLSA, "TYPE99": TypeSPF,
}

// otherTypes may stand in a zone file because real ones have them. They make
// their name exist; their data is kept as written and never interpreted.
// DNAME is not among them: it would change the answers below it.
const otherTypes = " AFSDB APL CAA CDNSKEY CDS CERT CSYNC DHCID DNSKEY DS EUI48 EUI64 HINFO HIP HTTPS IPSECKEY KEY KX LOC NAPTR NSEC NSEC3 NSEC3PARAM OPENPGPKEY RP RRSIG SIG SMIMEA SSHFP SVCB URI ZONEMD "

// typeOf reads the mnemonic of a record type.
func typeOf(s string) (Type, bool) {
	s = strings.ToUpper(s)
	if t, ok := typesByNumber[s]; ok {
		return t, true
	}
	if _, ok := rdataParsers[Type(s)]; ok {
		return Type(s), true
	}
	return Type(s), s != "" && strings.Contains(otherTypes, " "+s+" ")
}

// parseRData reads the data of a record of type t.
func parseRData(t Type, f []token, origin string) (value string, segments []string, err error) {
	if len(f) == 0 {
		return "", nil, errors.New("no data")
	}
	if p, ok := rdataParsers[t]; ok {
		return p(f, origin)
	}
	words := make([]string, len(f))
	for i, w := range f {
		words[i] = w.text
		if w.quoted {
			words[i] = `"` + w.text + `"`
		}
	}
	return strings.Join(words, " "), nil, nil
}

// presentRData writes the data of r so that parseRData reads it back.
func presentRData(r Record) string {
	switch r.Type {
	case TypeTXT, TypeSPF:
		words := make([]string, len(r.Segments))
		for i, s := range r.Segments {
			words[i] = PresentString(s)
		}
		return strings.Join(words, " ")
	case TypeCNAME, TypeNS, TypePTR:
		return PresentName(r.Value)
	case TypeMX:
		pref, host, _ := strings.Cut(r.Value, " ")
		return pref + " " + PresentName(host)
	case TypeSRV, TypeSOA:
		f := strings.Fields(r.Value)
		for i := range f {
			if n := nameFields[r.Type]; n[0] <= i && i < n[1] && f[i] != "." {
				f[i] += "."
			}
		}
		return strings.Join(f, " ")
	}
	return r.Value
}

// nameFields are the fields of a value, from and to, that are names.
var nameFields = map[Type][2]int{TypeSRV: {3, 4}, TypeSOA: {0, 2}}

func one(parse func(s, origin string) (string, error)) func([]token, string) (string, []string, error) {
	return func(f []token, origin string) (string, []string, error) {
		if len(f) != 1 || f[0].quoted {
			return "", nil, errFields
		}
		v, err := parse(f[0].text, origin)
		return v, nil, err
	}
}

func parseA(s, _ string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || !a.Is4() {
		return "", fmt.Errorf("%q is not an IPv4 address", s)
	}
	return a.String(), nil
}

func parseAAAA(s, _ string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || !a.Is6() || a.Zone() != "" {
		return "", fmt.Errorf("%q is not an IPv6 address", s)
	}
	return a.String(), nil
}

func parseMX(f []token, origin string) (string, []string, error) {
	if len(f) != 2 {
		return "", nil, errFields
	}
	host, err := parseName(f[1].text, origin)
	if err != nil {
		return "", nil, err
	}
	n, err := numbers(f[:1], 16)
	return n + " " + host, nil, err
}

func parseSRV(f []token, origin string) (string, []string, error) {
	if len(f) != 4 {
		return "", nil, errFields
	}
	host, err := parseName(f[3].text, origin)
	if err != nil {
		return "", nil, err
	}
	n, err := numbers(f[:3], 16)
	return n + " " + presentBare(host), nil, err
}

func parseSOA(f []token, origin string) (string, []string, error) {
	if len(f) != 7 {
		return "", nil, errFields
	}
	words := make([]string, 0, len(f))
	for _, w := range f[:2] {
		name, err := parseName(w.text, origin)
		if err != nil {
			return "", nil, err
		}
		words = append(words, presentBare(name))
	}
	serial, err := numbers(f[2:3], 32)
	if err != nil {
		return "", nil, err
	}
	words = append(words, serial)
	for _, w := range f[3:] {
		d, ok := parseTTL(w.text)
		if !ok {
			return "", nil, fmt.Errorf("%q is not a time", w.text)
		}
		words = append(words, strconv.FormatUint(uint64(d), 10))
	}
	return strings.Join(words, " "), nil, nil
}

func parseTLSA(f []token, _ string) (string, []string, error) {
	if len(f) < 4 {
		return "", nil, errFields
	}
	n, err := numbers(f[:3], 8)
	if err != nil {
		return "", nil, err
	}
	var data strings.Builder
	for _, w := range f[3:] {
		data.WriteString(strings.ToLower(w.text))
	}
	if _, err := hex.DecodeString(data.String()); err != nil {
		return "", nil, fmt.Errorf("certificate data: %w", err)
	}
	return n + " " + data.String(), nil, nil
}

func parseText(f []token, _ string) (string, []string, error) {
	var segments []string
	for _, w := range f {
		s, err := ParseString(w.text)
		if err != nil {
			return "", nil, err
		}
		segments = append(segments, cut(s)...)
	}
	return strings.Join(segments, ""), segments, nil
}

// cut makes character-strings of s, which may be empty.
func cut(s string) []string {
	var out []string
	for len(s) > maxSegment {
		out, s = append(out, s[:maxSegment]), s[maxSegment:]
	}
	return append(out, s)
}

// numbers reads unsigned numbers of so many bits.
func numbers(f []token, bits int) (string, error) {
	words := make([]string, len(f))
	for i, w := range f {
		n, err := strconv.ParseUint(w.text, 10, bits)
		if err != nil {
			return "", fmt.Errorf("%q is not a number of %d bits", w.text, bits)
		}
		words[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(words, " "), nil
}

// presentBare is presentation form without the last dot, the root as ".".
func presentBare(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(PresentName(name), ".")
}

// parseTTL reads seconds, or numbers with the units that BIND knows, as in
// 1h30m. RFC 2181 §8: at most 2^31-1.
func parseTTL(s string) (uint32, bool) {
	const most = 1<<31 - 1
	total, n, digits := uint64(0), uint64(0), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if digit(c) {
			n, digits = n*10+uint64(c-'0'), true
			if n > most {
				return 0, false
			}
			continue
		}
		unit, ok := map[byte]uint64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[c|0x20]
		if !ok || !digits {
			return 0, false
		}
		total, n, digits = total+n*unit, 0, false
		if total > most {
			return 0, false
		}
	}
	total += n
	return uint32(total), s != "" && total <= most
}
