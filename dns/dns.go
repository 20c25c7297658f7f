// SPDX-License-Identifier: MIT

// Package dns answers DNS questions from a zone file, an overlay, a recording
// or (in dns/live) the network, and keeps "no", "nothing there" and "nobody
// knows" apart all the way into the report.
//
// Names are text without a trailing dot, labels separated by dots, octets as
// they are on the wire (not escaped); the root is ".". Answers keep the case
// in which a name was published; names are compared without regard to case.
package dns

import (
	"context"
	"time"
)

// A Type is a record type by its mnemonic, as a zone file writes it.
type Type string

// The record types that Mailproof asks for.
const (
	TypeA     Type = "A"
	TypeAAAA  Type = "AAAA"
	TypeCNAME Type = "CNAME"
	TypeMX    Type = "MX"
	TypeNS    Type = "NS"
	TypePTR   Type = "PTR"
	TypeSOA   Type = "SOA"
	TypeSPF   Type = "SPF" // type 99, retired by RFC 7208 §3.1
	TypeSRV   Type = "SRV"
	TypeTLSA  Type = "TLSA"
	TypeTXT   Type = "TXT"
)

// An RCode says what kind of answer came. The first two are answers, the
// others mean that nobody knows; only those occur in an *Error.
type RCode string

// The outcomes of a question. They are API: reports show them as they are.
const (
	NoError     RCode = "NOERROR"  // the name exists; there may be no record of the type
	NXDomain    RCode = "NXDOMAIN" // the name does not exist (RFC 2308 §2.1)
	ServFail    RCode = "SERVFAIL"
	Refused     RCode = "REFUSED"
	Timeout     RCode = "TIMEOUT"      // no answer in time, or the network failed
	NotRecorded RCode = "NOT-RECORDED" // a closed world has no answer to this
	BadName     RCode = "BAD-NAME"     // not a name that may be asked for
	OverBudget  RCode = "OVER-BUDGET"  // the mail made us ask too much
	TooLarge    RCode = "TOO-LARGE"    // the answer is past MaxAnswer
	BadAnswer   RCode = "BAD-ANSWER"   // malformed, or a CNAME loop
)

// A Source says where an answer came from.
type Source string

// The sources of an answer.
const (
	SourceLive     Source = "live"
	SourceZone     Source = "zone"
	SourceOverlay  Source = "overlay"
	SourceRecorded Source = "recorded"
)

// A Record is one resource record of an answer.
type Record struct {
	Name string `json:"name"` // owner, after CNAMEs
	Type Type   `json:"type"`
	TTL  uint32 `json:"ttl"`
	// Value: A and AAAA the address; PTR, NS, CNAME the target name; MX
	// "10 mx.example.org" (null MX: "0 ."); TXT and SPF the strings joined,
	// octets unescaped; SOA, SRV, TLSA in presentation form.
	Value string `json:"value"`
	// Segments are the character-strings of TXT and SPF as published.
	Segments []string `json:"segments,omitempty"`
}

// An Answer is what a resolver knows about a name and a type. No records and
// NoError means that the name exists without that type.
type Answer struct {
	RCode   RCode    `json:"rcode"` // NoError or NXDomain
	Records []Record `json:"records,omitempty"`
	CNAMEs  []string `json:"cnames,omitempty"` // followed to get here, in order, without the name asked
	Secure  bool     `json:"secure,omitempty"` // the resolver vouched for DNSSEC (AD)
	Source  Source   `json:"source,omitempty"`
	// Wildcard is the name of the wildcard that the records, or their absence,
	// were made from. Only zone files tell; an overlay needs it, because a new
	// name is no longer covered by the wildcard.
	Wildcard string `json:"wildcard,omitempty"`
}

// A Resolver answers one question. An answer without records is not an error:
// NXDOMAIN and "no such type" differ in RCode. An error is always an *Error,
// means that nobody knows, and becomes unknown. CNAMEs are followed.
type Resolver interface {
	Lookup(ctx context.Context, name string, t Type) (Answer, error)
}

// An Error says that a question could not be answered.
type Error struct {
	Name string
	Type Type
	// Code is never NoError or NXDomain.
	Code RCode
	// Detail is for the log, may be empty.
	Detail string
}

func (e *Error) Error() string {
	s := "dns: " + string(e.Type) + " " + e.Name + ": " + string(e.Code)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// An Exchange is one question with all that came back. A report keeps them, so
// that it can be worked out again without the network.
type Exchange struct {
	Name   string        `json:"name"` // as asked, lower case
	Type   Type          `json:"type"`
	Answer Answer        `json:"answer"`           // if Code is empty
	Code   RCode         `json:"code,omitempty"`   // of the *Error, else empty
	Detail string        `json:"detail,omitempty"` // of the *Error
	RTT    time.Duration `json:"rtt,omitempty"`
}

// Outcome is the RCode of the exchange, whether an answer or an error.
func (e Exchange) Outcome() RCode {
	if e.Code != "" {
		return e.Code
	}
	return e.Answer.RCode
}
