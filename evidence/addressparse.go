// SPDX-License-Identifier: MIT

package evidence

import (
	"strings"

	"golang.org/x/net/idna"
)

// ParseAddressList reads the value of From, To and the like: mailboxes with
// names, comments, quoted strings and groups (RFC 5322 §3.4), and the routes
// and empty elements that §4.4 lets readers accept. The error is a
// *SyntaxError; what was read before it is returned with it.
func ParseAddressList(value string) (AddressList, error) {
	p := &addressParser{s: value}
	if len(value) > MaxAddressHeader {
		return nil, &SyntaxError{Code: ErrTooLong, Offset: MaxAddressHeader}
	}
	err := p.list()
	if err == nil && len(p.out) == 0 {
		err = p.fail(ErrEmpty)
	}
	if err != nil {
		return p.out, err
	}
	return p.out, nil
}

type addressParser struct {
	s   string
	i   int
	out AddressList
}

func (p *addressParser) fail(code string) *SyntaxError { return &SyntaxError{Code: code, Offset: p.i} }

func (p *addressParser) at(c byte) bool { return p.i < len(p.s) && p.s[p.i] == c }

// accept consumes c and the white space and comments behind it.
func (p *addressParser) accept(c byte) (bool, error) {
	if !p.at(c) {
		return false, nil
	}
	p.i++
	return true, p.cfws()
}

// list reads addresses between commas; empty elements are RFC 5322 §4.4.
func (p *addressParser) list() error {
	if err := p.cfws(); err != nil {
		return err
	}
	for p.i < len(p.s) {
		if !p.at(',') {
			if err := p.address(); err != nil {
				return err
			}
		}
		if p.i == len(p.s) {
			break
		}
		if ok, err := p.accept(','); err != nil || !ok {
			return p.orUnexpected(err)
		}
	}
	return nil
}

func (p *addressParser) orUnexpected(err error) error {
	if err != nil {
		return err
	}
	return p.fail(ErrUnexpected)
}

// address reads a mailbox or a group.
func (p *addressParser) address() error {
	a, group, err := p.mailbox(true)
	if err != nil {
		return err
	}
	if group != nil {
		p.out = append(p.out, *group)
		return nil
	}
	if n := len(p.out); n > 0 && !p.out[n-1].Named {
		p.out[n-1].Members = append(p.out[n-1].Members, a)
	} else {
		p.out = append(p.out, Group{Members: []Address{a}})
	}
	return nil
}

// mailbox reads words and decides by what follows them.
func (p *addressParser) mailbox(groups bool) (Address, *Group, error) {
	var a Address
	start := p.i
	words, err := p.words()
	if err != nil {
		return a, nil, err
	}
	switch {
	case p.at('<'):
		a, err = p.angle()
		a.Name = words.name()
		return a, nil, err
	case p.at('@') && len(words) > 0:
		if a.Local, err = words.local(start); err != nil {
			return a, nil, err
		}
		a.Domain, err = p.domain()
		return a, nil, err
	case p.at(':') && groups && len(words) > 0:
		g, err := p.group(words.name())
		return a, g, err
	case p.i < len(p.s) && !p.at(',') && !p.at(';'):
		return a, nil, p.fail(ErrUnexpected)
	}
	return a, nil, p.fail(ErrNoAt)
}

func (p *addressParser) group(name string) (*Group, error) {
	g := &Group{Name: name, Named: true}
	if _, err := p.accept(':'); err != nil {
		return nil, err
	}
	for p.i < len(p.s) && !p.at(';') {
		if !p.at(',') {
			a, _, err := p.mailbox(false)
			if err != nil {
				return nil, err
			}
			g.Members = append(g.Members, a)
		}
		if p.at(';') {
			break
		}
		if ok, err := p.accept(','); err != nil || !ok {
			if p.i == len(p.s) {
				return nil, p.fail(ErrUnclosed)
			}
			return nil, p.orUnexpected(err)
		}
	}
	if ok, err := p.accept(';'); err != nil {
		return nil, err
	} else if !ok {
		return nil, p.fail(ErrUnclosed)
	}
	return g, nil
}

// angle reads "<" [route] addr-spec ">" (RFC 5322 §3.4, §4.4).
func (p *addressParser) angle() (Address, error) {
	var a Address
	if _, err := p.accept('<'); err != nil {
		return a, err
	}
	if p.at('@') {
		if err := p.route(); err != nil {
			return a, err
		}
	}
	start := p.i
	words, err := p.words()
	if err != nil {
		return a, err
	}
	if len(words) == 0 || !p.at('@') {
		return a, p.fail(ErrNoAt)
	}
	if a.Local, err = words.local(start); err != nil {
		return a, err
	}
	if a.Domain, err = p.domain(); err != nil {
		return a, err
	}
	if ok, err := p.accept('>'); err != nil || !ok {
		if p.i == len(p.s) {
			return a, p.fail(ErrUnclosed)
		}
		return a, p.orUnexpected(err)
	}
	return a, nil
}

// route reads and drops "@a,@b:" (RFC 5322 §4.4).
func (p *addressParser) route() error {
	for p.at('@') {
		if _, err := p.domain(); err != nil {
			return err
		}
		for p.at(',') {
			if _, err := p.accept(','); err != nil {
				return err
			}
		}
	}
	if ok, err := p.accept(':'); err != nil || !ok {
		return p.orUnexpected(err)
	}
	return nil
}

// domain reads "@" and a domain or a literal.
func (p *addressParser) domain() (string, error) {
	if _, err := p.accept('@'); err != nil {
		return "", err
	}
	start := p.i
	if p.at('[') {
		end := strings.IndexByte(p.s[p.i:], ']')
		if end < 0 {
			return "", p.fail(ErrUnclosed)
		}
		literal := p.s[p.i : p.i+end+1]
		if strings.ContainsAny(literal[1:], "[\\\r\n\x00") {
			return "", p.fail(ErrDomain)
		}
		p.i += end + 1
		return literal, p.cfws()
	}
	var b strings.Builder
	for {
		atom := p.atom()
		if atom == "" {
			return "", &SyntaxError{Code: ErrDomain, Offset: start}
		}
		b.WriteString(atom)
		if err := p.cfws(); err != nil {
			return "", err
		}
		if !p.at('.') {
			break
		}
		b.WriteByte('.')
		if _, err := p.accept('.'); err != nil {
			return "", err
		}
	}
	name, ok := ALabels(b.String())
	if !ok {
		return "", &SyntaxError{Code: ErrDomain, Offset: start}
	}
	return name, nil
}

// ALabels is a domain name in lower case with its labels in the form of DNS
// (RFC 5890 §2.3.2.1); false if it has none.
func ALabels(domain string) (string, bool) {
	if isASCII(domain) {
		return strings.ToLower(domain), domain != ""
	}
	name, err := idna.Lookup.ToASCII(domain)
	if err != nil || !isDotAtom(name) || !isASCII(name) {
		return "", false
	}
	return strings.ToLower(name), true
}

func (p *addressParser) atom() string {
	start := p.i
	for p.i < len(p.s) && isAtext(p.s[p.i]) {
		p.i++
	}
	return p.s[start:p.i]
}

// cfws skips white space and comments, which nest (RFC 5322 §3.2.2).
func (p *addressParser) cfws() error {
	depth, start := 0, p.i
	for ; p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		switch {
		case c == '(':
			if depth == 0 {
				start = p.i
			}
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == '\\' && depth > 0:
			p.i++
		case depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return nil
		}
	}
	p.i = min(p.i, len(p.s))
	if depth > 0 {
		return &SyntaxError{Code: ErrUnclosed, Offset: start}
	}
	return nil
}
