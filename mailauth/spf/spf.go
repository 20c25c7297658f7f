// SPDX-License-Identifier: MIT

// Package spf evaluates the Sender Policy Framework (RFC 7208) strictly and
// keeps every step.
//
// Check works out the verdict on one identity. Lint walks the same records
// without a client and past the limits. ParseRecord, WithAddress and Merge
// read and write records. The package has no opinions and no sentences: codes,
// positions and values only.
//
// # How DNS is asked
//
// RFC 7208 describes an order in which one question follows another. Check
// keeps that order for everything that counts (terms, voids, matches), but asks
// in rounds: it evaluates with the answers it has, goes on past the first
// question without an answer as if nothing matched, collects what the strict
// order might ask next, and asks all of it together. A record tree of depth
// three takes three round trips. The price is that questions behind a term that
// matches in the end are asked for nothing. It is bounded: a question is asked
// early only while fewer than MaxLookups terms are known to stand before it, no
// more than maxAhead of them in one Check, and never behind a term that is
// already known to end the evaluation. What is asked early never changes the
// verdict, not even when its answer is an error.
//
// # Where the RFC leaves a choice
//
//   - A void lookup is a term whose own question is answered with nothing
//     (§4.6.4 speaks of terms); hosts of mx and ptr without addresses are
//     not voids, but the trace shows them.
//   - An mx with more than ten hosts is a permerror even if one of the first ten
//     would match: the order of DNS answers is not anybody's promise.
//   - If some host of an mx matches, an error of another one does not matter;
//     otherwise it is a temperror.
//   - A name that cannot be asked for (§4.8) does not match, and is not asked.
//   - The %{p} macro costs no lookup of its own; it has the ten names of ptr.
package spf

import (
	"net/netip"
	"time"

	"mailproof/dns"
)

// The limits of RFC 7208 §4.6.4 and our own.
const (
	MaxLookups = 10               // terms that cause DNS questions (§4.6.4)
	MaxVoids   = 2                // terms whose question is answered with nothing (§4.6.4)
	MaxHosts   = 10               // hosts of one mx, names of one ptr (§4.6.4)
	MaxTime    = 20 * time.Second // whole evaluation; the RFC asks for at least 20 s (§4.6.4)

	// maxExplanation keeps macros from blowing an explanation up; SMTP
	// replies of this length are already beyond reason.
	maxExplanation = 1024
	maxName        = 253 // octets of a name in text form (§7.3)
	maxLabel       = 63  // octets of a label (RFC 1035 §2.3.4)
)

// A Result is one of the seven results of RFC 7208 §2.6.
type Result string

// The results.
const (
	None      Result = "none"
	Neutral   Result = "neutral"
	Pass      Result = "pass"
	Fail      Result = "fail"
	Softfail  Result = "softfail"
	Temperror Result = "temperror"
	Permerror Result = "permerror"
)

// A Reason says why there is no ordinary result. It is API.
type Reason string

// The reasons. Those that begin with "dns-" are temperrors.
const (
	BadDomain      Reason = "bad-domain"       // none: not a name with two labels that may be asked for (§4.3)
	NoDomain       Reason = "nxdomain"         // none: the domain does not exist (§4.3)
	NoRecord       Reason = "no-record"        // none: no SPF record (§4.5)
	TwoRecords     Reason = "two-records"      // permerror: more than one (§4.5)
	Syntax         Reason = "syntax"           // permerror: see Where.Code (§4.6)
	TooManyLookups Reason = "too-many-lookups" // permerror (§4.6.4)
	TooManyVoids   Reason = "too-many-voids"   // permerror (§4.6.4)
	TooManyHosts   Reason = "too-many-mx"      // permerror: an mx with more than ten hosts (§4.6.4)
	IncludeNone    Reason = "include-none"     // permerror: the target has no SPF record (§5.2)
	RedirectNone   Reason = "redirect-none"    // permerror: the target has no SPF record (§6.1)

	DNSTimeout     Reason = "dns-timeout"
	DNSServFail    Reason = "dns-servfail"
	DNSRefused     Reason = "dns-refused"
	DNSBadAnswer   Reason = "dns-bad-answer"
	DNSTooLarge    Reason = "dns-too-large"
	DNSNotRecorded Reason = "dns-not-recorded"
	DNSOverBudget  Reason = "dns-over-budget"
	DNSError       Reason = "dns-error" // a code that this package does not know
)

var dnsReasons = map[dns.RCode]Reason{
	dns.Timeout: DNSTimeout, dns.ServFail: DNSServFail, dns.Refused: DNSRefused,
	dns.BadAnswer: DNSBadAnswer, dns.TooLarge: DNSTooLarge,
	dns.NotRecorded: DNSNotRecorded, dns.OverBudget: DNSOverBudget,
}

// Params is what one evaluation is about: check_host() of RFC 7208 §4.1.
type Params struct {
	// IP of the SMTP client. An IPv4-mapped address counts as IPv4 (§5).
	IP netip.Addr
	// MailFrom is the reverse path without brackets; empty for the null
	// sender and for the check of the HELO identity: then the sender is
	// postmaster at Helo (§2.4).
	MailFrom string
	// Helo is the argument of HELO or EHLO.
	Helo string
	// Domain to check; empty: that of MailFrom, or Helo without one.
	Domain string
	// Receiver is our name for %{r}; empty: "unknown".
	Receiver string
	// Now is the time for %{t}.
	Now time.Time
}

// A Verdict is what the evaluation came to.
type Verdict struct {
	Result Result
	// Domain that was checked, in ASCII, without a trailing dot.
	Domain string
	// Record of Domain, empty unless there is exactly one.
	Record string
	// Matched is the term that decided, as published; empty if none did. An
	// include that matched stands here itself, its own match is in the trace.
	Matched string
	// MatchedIn is the domain whose record holds Matched: Domain, or the
	// target of a redirect.
	MatchedIn string
	// MatchedAt is the octet of Matched in that record.
	MatchedAt int
	// Lookups is the number of terms that count against MaxLookups, the one
	// that broke the limit included; VoidLookups likewise for MaxVoids.
	Lookups, VoidLookups int
	// Explanation is the expanded text of exp, only with Fail (§6.2).
	Explanation string
	// Reason is set with None, Temperror and Permerror.
	Reason Reason
	// Where says which term of which record the Reason is about, nil unless
	// Temperror or Permerror.
	Where *Where
	// DNS is the failed question of a Temperror.
	DNS *dns.Error
	// Trace is the record of Domain and all below it; nil if no DNS was asked.
	Trace *Trace
}

// Where is a place in a record.
type Where struct {
	Domain string // whose record, or whose record was asked for
	Term   string // as published; empty: the record as a whole
	At     int    // octet in the record: of the fault, or of the term
	Code   SyntaxCode
}
