// SPDX-License-Identifier: MIT

package dns

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An edit is a change whose values have been read.
type edit struct {
	action Action
	old    string // the value to remove, if oldSet
	oldSet bool
	rec    Record // the record to add or to put in old's place; its type always
}

var (
	spfVersion   = regexp.MustCompile(`(?i)^v=spf1( |$)`)                     // RFC 7208 §4.5
	dmarcVersion = regexp.MustCompile(`(?i)^v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)`) // RFC 9989 §4.7
)

// Validate says what is wrong with c, if anything.
func (c Change) Validate() error {
	_, _, err := c.read()
	return err
}

// read returns the lower-case name of c and what is to be done there.
func (c Change) read() (name string, e edit, err error) {
	wrap := func(err error) error { return fmt.Errorf("change of %s %s: %w", c.Name, c.Type, err) }
	t, ok := typeOf(string(c.Type))
	if !ok || rdataParsers[t] == nil {
		return "", edit{}, wrap(errors.New("unknown record type"))
	}
	shown, err := ParseName(c.Name)
	if err != nil {
		return "", edit{}, wrap(err)
	}
	e.rec.Type = t
	e.action = Action(strings.ToLower(string(c.Action)))
	old, value := c.Old, c.Value
	switch e.action {
	case Add, Replace:
		if e.rec, err = readRecord(shown, t, value); err != nil {
			return "", edit{}, wrap(err)
		}
		if e.rec.TTL = c.TTL; c.TTL == 0 {
			e.rec.TTL = defaultTTL
		}
	case Remove:
		if old == "" {
			old = value // plainly meant, and emptying the set would not be
		}
	default:
		return "", edit{}, wrap(fmt.Errorf("unknown action %q", c.Action))
	}
	if old != "" && e.action != Add {
		r, err := readRecord(shown, t, old)
		if err != nil {
			return "", edit{}, wrap(err)
		}
		e.old, e.oldSet = r.Value, true
	}
	return Lower(shown), e, nil
}

// readRecord makes a record of a value as a Change has it: as in Record.Value,
// or as a zone file has it, with quotes or last dots.
func readRecord(name string, t Type, value string) (Record, error) {
	r := Record{Name: name, Type: t}
	if t == TypeTXT || t == TypeSPF {
		if f, ok := quotedOnly(value); ok {
			var err error
			r.Value, r.Segments, err = parseText(f, ".")
			return r, err
		}
		r.Value, r.Segments = value, cut(value)
		return r, nil
	}
	lex := newLexer("value", []byte(value))
	e := entry{}
	if err := lex.words(&e); err != nil {
		return r, err
	}
	var err error
	r.Value, r.Segments, err = parseRData(t, e.tokens, ".")
	return r, err
}

// quotedOnly splits a text that consists of quoted strings alone.
func quotedOnly(s string) ([]token, bool) {
	if !strings.HasPrefix(s, `"`) || strings.Contains(s, "\n") {
		return nil, false
	}
	e := entry{}
	if newLexer("value", []byte(s)).words(&e) != nil {
		return nil, false
	}
	return e.tokens, !slices.ContainsFunc(e.tokens, func(t token) bool { return !t.quoted })
}

// apply returns set, the records of one name and type, after the edits.
func apply(set []Record, t Type, edits []edit) []Record {
	set = slices.Clone(set)
	for _, e := range edits {
		if e.rec.Type == t {
			set = e.applyTo(set)
		}
	}
	return set
}

func (e edit) applyTo(set []Record) []Record {
	same := func(value string) func(Record) bool {
		return func(r Record) bool { return sameValue(r.Type, r.Value, value) }
	}
	switch e.action {
	case Remove:
		if !e.oldSet {
			return nil
		}
		return slices.DeleteFunc(set, same(e.old))
	case Replace:
		if i := slices.IndexFunc(set, same(e.old)); e.oldSet && i >= 0 {
			set[i] = e.rec
			for j := len(set) - 1; j >= 0; j-- { // the new value may have been there
				if j != i && sameRecord(set[j], e.rec) {
					set = slices.Delete(set, j, j+1)
				}
			}
			return set
		}
	}
	if slices.ContainsFunc(set, same(e.rec.Value)) {
		return set
	}
	return addVersioned(set, e.rec)
}

// addVersioned adds r, in the place of the records that carry the version tag
// of SPF or DMARC that r carries: a domain has only one of each.
func addVersioned(set []Record, r Record) []Record {
	for _, v := range []*regexp.Regexp{spfVersion, dmarcVersion} {
		old := func(o Record) bool { return v.MatchString(o.Value) }
		if (r.Type == TypeTXT || r.Type == TypeSPF) && v.MatchString(r.Value) {
			if i := slices.IndexFunc(set, old); i >= 0 {
				set[i] = r
				rest := slices.DeleteFunc(slices.Clone(set[i+1:]), old)
				return append(set[:i+1], rest...)
			}
		}
	}
	return append(set, r)
}

// added returns the records that the edits of one name leave there by
// themselves, in the order of their coming.
func added(edits []edit) []Record {
	var all []Record
	for _, e := range edits {
		mine := func(r Record) bool { return r.Type == e.rec.Type }
		set := slices.DeleteFunc(slices.Clone(all), func(r Record) bool { return !mine(r) })
		all = append(slices.DeleteFunc(all, mine), e.applyTo(set)...)
	}
	return all
}
