// SPDX-License-Identifier: MIT

// Package evidence holds what was observed of one delivery: the octets, the
// envelope and the session. Everything else is derived from it and can be
// derived again.
package evidence

import (
	"net/netip"
	"time"
)

// Evidence is one delivery as it was observed.
type Evidence struct {
	Raw        []byte // the message, octets as received after undoing dot-stuffing
	Session    Session
	ReceivedAt time.Time
	Receiver   string // our own host name, authserv-id of Authentication-Results
}

// A Session is what the SMTP dialogue told. Fields that were not observed are
// zero; for the null sender and for plain text see HasMailFrom and TLSKnown.
type Session struct {
	ClientIP    netip.Addr `json:"client_ip,omitzero"` // unmapped; invalid: not known
	ClientPort  uint16     `json:"client_port,omitempty"`
	Helo        string     `json:"helo,omitempty"` // empty: not known
	EHLO        bool       `json:"ehlo,omitempty"`
	MailFrom    string     `json:"mail_from,omitempty"` // reverse-path without <>
	HasMailFrom bool       `json:"has_mail_from,omitempty"`
	RcptTo      string     `json:"rcpt_to,omitempty"`
	TLS         *TLS       `json:"tls,omitempty"`         // nil: plain text, or not known
	TLSKnown    bool       `json:"tls_known,omitempty"`   // false: nothing is known about TLS
	TLSOffered  bool       `json:"tls_offered,omitempty"` // we offered STARTTLS
	SMTPUTF8    bool       `json:"smtputf8,omitempty"`
	BodyType    string     `json:"body_type,omitempty"` // 7BIT, 8BITMIME or empty
	Size        int64      `json:"size,omitempty"`      // SIZE= declared by the client, 0: none
	Dialogue    []Line     `json:"dialogue,omitempty"`
	// Recovered names the fields that were not observed but taken from the
	// message's own claims: client_ip, helo, mail_from.
	Recovered []string `json:"recovered,omitempty"`
	// EarlyTalk: the client wrote before it was its turn, without PIPELINING.
	EarlyTalk bool `json:"early_talk,omitempty"`
}

// TLS describes the encrypted channel of a session.
type TLS struct {
	Version    string `json:"version"` // "TLS 1.3"
	Cipher     string `json:"cipher"`
	SNI        string `json:"sni,omitempty"`
	ClientCert string `json:"client_cert,omitempty"` // subject of the client's certificate
}

// A Line is one line of the dialogue; message text is replaced by one line
// that tells its size.
type Line struct {
	At   time.Duration `json:"at"`   // since the connection was accepted
	From string        `json:"from"` // "client" or "server"
	Text string        `json:"line"`
}

// IsRecovered reports whether the named field was taken from the message.
func (s *Session) IsRecovered(field string) bool {
	for _, f := range s.Recovered {
		if f == field {
			return true
		}
	}
	return false
}
