// SPDX-License-Identifier: MIT

package bolt

import (
	"net/netip"
	"time"

	"mailproof/evidence"
	"mailproof/store"
)

// speakers are the usual values of evidence.Line.From, by their code; code 0
// is followed by the text.
var speakers = [...]string{1: "client", 2: "server"}

func (e *encoder) session(s *evidence.Session) {
	e.flags(s.EHLO, s.HasMailFrom, s.TLSKnown, s.TLSOffered, s.SMTPUTF8, s.EarlyTalk, s.TLS != nil)
	addr, _ := s.ClientIP.MarshalBinary() // its error is always nil
	e.bytes(addr)
	e.uint(uint64(s.ClientPort))
	e.string(s.Helo)
	e.string(s.MailFrom)
	e.string(s.RcptTo)
	if t := s.TLS; t != nil {
		e.strings([]string{t.Version, t.Cipher, t.SNI, t.ClientCert})
	}
	e.string(s.BodyType)
	e.int(s.Size)
	e.strings(s.Recovered)
	e.uint(uint64(len(s.Dialogue)))
	for i := range s.Dialogue {
		e.line(&s.Dialogue[i])
	}
}

func (e *encoder) line(l *evidence.Line) {
	e.int(int64(l.At))
	switch l.From {
	case speakers[1]:
		e.uint(1)
	case speakers[2]:
		e.uint(2)
	default:
		e.uint(0)
		e.string(l.From)
	}
	e.string(l.Text)
}

func (d *decoder) session() (s evidence.Session) {
	var tls bool
	d.flags(&s.EHLO, &s.HasMailFrom, &s.TLSKnown, &s.TLSOffered, &s.SMTPUTF8, &s.EarlyTalk, &tls)
	if err := s.ClientIP.UnmarshalBinary(d.raw()); err != nil {
		s.ClientIP = netip.Addr{}
		d.fail("client address")
	}
	s.ClientPort = uint16(d.uint())
	s.Helo, s.MailFrom, s.RcptTo = d.string(), d.string(), d.string()
	if tls {
		v := d.strings()
		if len(v) != 4 {
			d.fail("TLS")
			return s
		}
		s.TLS = &evidence.TLS{Version: v[0], Cipher: v[1], SNI: v[2], ClientCert: v[3]}
	}
	s.BodyType, s.Size = d.string(), d.int()
	s.Recovered = d.strings()
	if n := d.count(); n > 0 {
		s.Dialogue = make([]evidence.Line, n)
	}
	for i := range s.Dialogue {
		s.Dialogue[i] = d.line()
	}
	return s
}

func (d *decoder) line() (l evidence.Line) {
	l.At = time.Duration(d.int())
	switch who := d.uint(); {
	case who == 0:
		l.From = d.string()
	case who < uint64(len(speakers)):
		l.From = speakers[who]
	default:
		d.fail("speaker")
	}
	l.Text = d.string()
	return l
}

func encodeAttempt(a store.Attempt) []byte {
	e := newEncoder(nil)
	e.time(a.At)
	e.string(a.Reason)
	e.string(a.Reply)
	e.session(&a.Session)
	return e.sealed()
}

func decodeAttempt(b []byte) (a store.Attempt, err error) {
	d, err := openRecord("attempt", b)
	if err != nil {
		return a, err
	}
	a.At, a.Reason, a.Reply = d.time(), d.string(), d.string()
	a.Session = d.session()
	return a, d.close("attempt")
}
