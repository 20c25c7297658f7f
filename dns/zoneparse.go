// SPDX-License-Identifier: MIT

package dns

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxZoneFile bounds what is read of one zone file: a mistake such as a disk
// image should be an error and not fill the memory.
const maxZoneFile = 64 << 20

// defaultTTL is given to records of a file that names no TTL at all.
const defaultTTL = 3600

// failures are the directives that make a name fail.
var failures = map[string]RCode{"servfail": ServFail, "timeout": Timeout, "refused": Refused}

// ParseZone reads a master file (RFC 1035 §5). name is what errors call it, as
// in "name:7: ...". The class may be left out, TTLs may have units, names are
// relative to the root until an $ORIGIN. $INCLUDE and $GENERATE are errors.
//
// Comments at the start of a line may be directives, whose NAME is relative as
// any other, unless it already ends in the origin:
//
//	; servfail NAME       every question for the name fails, but for types
//	; timeout NAME        that the file has right there
//	; refused NAME
//	; secure NAME         answers for this name carry AD
//	; unknown-elsewhere   a name not in the file is NotRecorded, not NXDOMAIN
func ParseZone(r io.Reader, name string) (*Zone, error) {
	p, err := newParser(r, name, maxZoneFile)
	if err != nil {
		return nil, err
	}
	z := newZone()
	for {
		e, ok, err := p.lex.next()
		if err != nil || !ok {
			return z, err
		}
		if err := p.entry(z, e); err != nil {
			return nil, p.lex.errAt(e.line, err)
		}
	}
}

// A parser holds what a master file carries from line to line.
type parser struct {
	lex    *lexer
	origin string
	owner  string // of the record before
	ttl    uint32
	fixed  bool // ttl is from $TTL, and a record's own does not change it
}

func newParser(r io.Reader, name string, limit int64) (*parser, error) {
	src, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(src)) > limit {
		return nil, fmt.Errorf("%s: larger than %d octets", name, limit)
	}
	return &parser{lex: newLexer(name, src), origin: ".", ttl: defaultTTL}, nil
}

// entry applies one logical line to z.
func (p *parser) entry(z *Zone, e entry) error {
	if e.remark {
		return p.directive(z, strings.Fields(e.comment))
	}
	if done, err := p.control(e); done || err != nil {
		return err
	}
	r, err := p.record(e)
	if err != nil {
		return err
	}
	if r.Type == TypeCNAME {
		if n := z.nodes[Lower(r.Name)]; n != nil && len(n.sets[TypeCNAME]) > 0 && !sameRecord(n.sets[TypeCNAME][0], r) {
			return fmt.Errorf("%s has two CNAME records", r.Name)
		}
	}
	z.add(r)
	return nil
}

// directive applies the words of a comment that is one.
func (p *parser) directive(z *Zone, f []string) error {
	if len(f) == 0 {
		return nil
	}
	word := strings.ToLower(f[0])
	if word == "unknown-elsewhere" && len(f) == 1 {
		z.elsewhere = true
		return nil
	}
	code, fails := failures[word]
	if !fails && word != "secure" {
		return nil
	}
	if len(f) != 2 {
		return fmt.Errorf("the directive %s takes one name", word)
	}
	name, err := p.name(f[1])
	if err != nil {
		return err
	}
	if fails {
		z.failing[Lower(name)] = code
	} else {
		z.secure[Lower(name)] = true
	}
	return nil
}

// name reads the name in a directive, where people write whole names without
// the last dot.
func (p *parser) name(s string) (string, error) {
	if whole, err := parseName(s, "."); err == nil {
		if w, o := Lower(whole), Lower(p.origin); s != "@" && (w == o || o != "." && below(w, o)) {
			return whole, nil
		}
	}
	return parseName(s, p.origin)
}

// control applies a control entry (RFC 1035 §5.1, RFC 2308 §4).
func (p *parser) control(e entry) (bool, error) {
	word := e.tokens[0]
	if e.blank || word.quoted || !strings.HasPrefix(word.text, "$") {
		return false, nil
	}
	if len(e.tokens) != 2 {
		return true, fmt.Errorf("%s takes one value", word.text)
	}
	switch value := e.tokens[1].text; strings.ToUpper(word.text) {
	case "$ORIGIN":
		o, err := parseName(value, p.origin)
		if err != nil {
			return true, err
		}
		p.origin = o
	case "$TTL":
		ttl, ok := parseTTL(value)
		if !ok {
			return true, fmt.Errorf("%q is not a TTL", value)
		}
		p.ttl, p.fixed = ttl, true
	default:
		return true, fmt.Errorf("%s is not supported", word.text)
	}
	return true, nil
}

// record reads a resource record: owner, then TTL and class in any order,
// type, data.
func (p *parser) record(e entry) (Record, error) {
	f := e.tokens
	if !e.blank {
		owner, err := parseName(f[0].text, p.origin)
		if err != nil {
			return Record{}, fmt.Errorf("owner %q: %w", f[0].text, err)
		}
		p.owner, f = owner, f[1:]
	}
	if p.owner == "" {
		return Record{}, errors.New("no owner name")
	}
	r := Record{Name: p.owner, TTL: p.ttl}
	f, own := p.ttlAndClass(f, &r)
	if len(f) == 0 {
		return Record{}, errors.New("no record type")
	}
	var ok bool
	if r.Type, ok = typeOf(f[0].text); !ok || f[0].quoted {
		return Record{}, fmt.Errorf("unknown record type %q", f[0].text)
	}
	if own && !p.fixed {
		p.ttl = r.TTL // RFC 1035 §5.1: the last one stated holds on
	}
	var err error
	if r.Value, r.Segments, err = parseRData(r.Type, f[1:], p.origin); err != nil {
		return Record{}, fmt.Errorf("%s: %w", r.Type, err)
	}
	return r, nil
}

// ttlAndClass takes both off f; own says that the record states its TTL.
func (p *parser) ttlAndClass(f []token, r *Record) (rest []token, own bool) {
	class := false
	for len(f) > 0 && !f[0].quoted {
		if ttl, ok := parseTTL(f[0].text); ok && !own && digit(f[0].text[0]) {
			r.TTL, own, f = ttl, true, f[1:]
			continue
		}
		if !class && strings.EqualFold(f[0].text, "IN") {
			class, f = true, f[1:]
			continue
		}
		break
	}
	return f, own
}
