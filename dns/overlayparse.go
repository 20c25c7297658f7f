// SPDX-License-Identifier: MIT

package dns

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of an overlay, which anyone may send: far above what repairs a domain.
const (
	maxOverlay = 1 << 20 // octets of text
	maxChanges = 1000
)

// ParseOverlay reads an overlay in its text form: a zone file whose records are
// added, and directives at the start of a line:
//
//	; replace NAME TYPE OLD     the record on the next line replaces OLD
//	; delete NAME TYPE VALUE    this record goes
//	; delete NAME TYPE          all records of the type go
//
// OLD and VALUE are written as in a zone file; a text may also stand there
// without quotes and then is the rest of the line. name is what errors call
// the file.
func ParseOverlay(r io.Reader, name string) ([]Change, error) {
	p, err := newParser(r, name, maxOverlay)
	if err != nil {
		return nil, err
	}
	o := overlayParser{parser: p}
	for {
		e, ok, err := p.lex.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if err := o.entry(e); err != nil {
			return nil, p.lex.errAt(e.line, err)
		}
	}
	if o.pending != nil {
		return nil, p.lex.errAt(o.at, errors.New("no record follows the replace directive"))
	}
	return o.changes, nil
}

// ParseChanges reads an overlay in either form: JSON, if it starts with a
// bracket, which is an array of changes as reports have them in fix.dns, or a
// JSON string holding the text form; else the text form of ParseOverlay.
func ParseChanges(b []byte) ([]Change, error) {
	if len(b) > maxOverlay {
		return nil, fmt.Errorf("overlay: larger than %d octets", maxOverlay)
	}
	trimmed := bytes.TrimSpace(b)
	if string(trimmed) == "null" { // what JSON makes of no changes
		return nil, nil
	}
	if bytes.HasPrefix(trimmed, []byte(`"`)) {
		var text string
		if json.Unmarshal(trimmed, &text) == nil {
			return ParseOverlay(strings.NewReader(text), "overlay")
		}
	}
	if !bytes.HasPrefix(trimmed, []byte("[")) {
		return ParseOverlay(bytes.NewReader(b), "overlay")
	}
	var changes []Change
	if err := json.Unmarshal(trimmed, &changes); err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	if len(changes) > maxChanges {
		return nil, errTooMany
	}
	for i, c := range changes {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("overlay: [%d]: %w", i, err)
		}
	}
	return changes, nil
}

var errTooMany = fmt.Errorf("more than %d changes", maxChanges)

type overlayParser struct {
	*parser
	changes []Change
	pending *Change // of a replace directive that waits for its record
	at      int     // its line
}

func (o *overlayParser) entry(e entry) error {
	if e.remark {
		return o.directive(e)
	}
	if done, err := o.control(e); done || err != nil {
		return err
	}
	r, err := o.record(e)
	if err != nil {
		return err
	}
	if rdataParsers[r.Type] == nil {
		return fmt.Errorf("type %s cannot be overlaid", r.Type)
	}
	c := Change{Action: Add, Name: r.Name, Type: r.Type, TTL: r.TTL, Value: changeValue(r)}
	if p := o.pending; p != nil {
		if e.line != o.at+1 || p.Type != r.Type || Lower(p.Name) != Lower(r.Name) {
			return fmt.Errorf("the line after the replace directive must be a %s record of %s", p.Type, p.Name)
		}
		c.Action, c.Old, o.pending = Replace, p.Old, nil
	}
	return o.append(c)
}

// append keeps c, whose name and values are made whole and plain.
func (o *overlayParser) append(c Change) error {
	c.Name = presentBare(c.Name)
	if len(o.changes) >= maxChanges {
		return errTooMany
	}
	o.changes = append(o.changes, c)
	return c.Validate()
}

func (o *overlayParser) directive(e entry) error {
	f := strings.Fields(e.comment)
	if len(f) == 0 {
		return nil
	}
	word := strings.ToLower(f[0])
	switch {
	case failures[word] != "" || word == "secure" || word == "unknown-elsewhere":
		return fmt.Errorf("the directive %s belongs into a zone file", word)
	case word != "replace" && word != "delete":
		return nil
	case o.pending != nil:
		return errors.New("a directive where the record that replaces is expected")
	case len(f) < 3 || word == "replace" && len(f) < 4:
		return fmt.Errorf("the directive %s takes name, type and value", word)
	}
	name, err := o.name(f[1])
	if err != nil {
		return err
	}
	t, ok := typeOf(f[2])
	if !ok || rdataParsers[t] == nil {
		return fmt.Errorf("unknown record type %q", f[2])
	}
	c := Change{Action: Remove, Name: name, Type: t}
	if len(f) > 3 {
		if c.Old, err = o.value(t, afterWords(e.comment, 3)); err != nil {
			return err
		}
	}
	if word == "replace" {
		o.pending, o.at = &c, e.line
		return nil
	}
	return o.append(c)
}

// value reads OLD or VALUE of a directive.
func (o *overlayParser) value(t Type, s string) (string, error) {
	if t == TypeTXT || t == TypeSPF {
		r, err := readRecord(".", t, s)
		return changeValue(r), err
	}
	e := entry{}
	if err := newLexer("", []byte(s)).words(&e); err != nil {
		return "", err
	}
	v, segments, err := parseRData(t, e.tokens, o.origin)
	return changeValue(Record{Type: t, Value: v, Segments: segments}), err
}

// changeValue is the value of r as a Change has it: the plain one of a record,
// but quoted where a plain text would be taken for quoted or for none.
func changeValue(r Record) string {
	switch r.Type {
	case TypeTXT, TypeSPF:
		if r.Value == "" || r.Value[0] == '"' {
			return presentRData(r)
		}
		return r.Value
	case TypeCNAME, TypeNS, TypePTR:
		return presentBare(r.Value)
	case TypeMX:
		pref, host, _ := strings.Cut(r.Value, " ")
		return pref + " " + presentBare(host)
	}
	return r.Value
}

// afterWords is what follows the first n words of s.
func afterWords(s string, n int) string {
	for range n {
		s = strings.TrimLeft(s, " \t\r")
		i := strings.IndexAny(s, " \t\r")
		if i < 0 {
			return ""
		}
		s = s[i:]
	}
	return strings.TrimSpace(s)
}
