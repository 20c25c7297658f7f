// SPDX-License-Identifier: MIT

// Package dkim verifies DKIM signatures (RFC 6376, RFC 8301, RFC 8463)
// strictly and keeps every step.
//
// It states facts and machine codes, no findings and no sentences. A verdict
// holds all that went into it: the tags with their positions, the key record
// as published, both digests, and every problem met, not only the first one.
//
// # What is hashed
//
// The octets as received. Only CRLF ends a line inside the canonicalizations
// (RFC 6376 §3.4); a bare LF or bare CR is an ordinary octet there. To find
// the header fields a bare LF does end a line, because a message of bare LF
// has no field otherwise. Where octets as received do not verify but the same
// message with every bare LF turned into CRLF does, Verdict.NormalizedLF says
// so and the result stays what the octets gave. A header without a blank line
// after it is a message with an empty body. A last header line without line
// end is taken as if CRLF followed.
//
// # Results
//
// The words of RFC 8601 §2.7.1. rsa-sha1 and RSA keys below 1024 bits are
// "policy": signed, perhaps even correctly, and never acceptable (RFC 8301
// §3); whether the digests would fit is still in the verdict. Expired is
// "fail". What is malformed, revoked or missing is "permerror"; a key that
// nobody could tell about is "temperror", whatever else is wrong.
//
// # Case
//
// Values that the ABNF of RFC 6376 writes as plain literals (a, c, q, and k,
// h, s, t of the key) are compared without regard to case (RFC 5234 §2.3);
// v=DKIM1 is exact. Domains are compared without regard to case.
package dkim
