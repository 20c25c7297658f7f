// SPDX-License-Identifier: MIT

package dkim

// A Result is a word of RFC 8601 §2.7.1.
type Result string

// The results. Verify never returns None: no signature means no verdict.
const (
	None      Result = "none"
	Pass      Result = "pass"
	Fail      Result = "fail"
	Policy    Result = "policy"
	Neutral   Result = "neutral"
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// A Reason is the machine code of a problem.
type Reason string

// The reasons, by the result they lead to.
const (
	// Permerror, the signature itself.
	TagSyntax      Reason = "tag-syntax"       // Sub: a Tag* code, or missing, value, empty-item
	Version        Reason = "version"          // v= is not 1
	BadAlgorithm   Reason = "algorithm"        // a= is unknown
	BadCanon       Reason = "canonicalization" // c= is unknown
	QueryMethod    Reason = "query-method"     // q= without dns/txt
	DomainSyntax   Reason = "domain-syntax"    // d= is no domain name
	SelectorSyntax Reason = "selector-syntax"  // s= is no selector
	DomainMismatch Reason = "domain-mismatch"  // i= is not within d=
	FromUnsigned   Reason = "from-unsigned"    // h= lacks From
	ExpiresFirst   Reason = "expires-first"    // x= is not after t=
	HeaderTooLarge Reason = "header-too-large" // beyond MaxHeader or MaxFields: not all of it was read

	// Temperror: nobody could tell about the key. Sub is the dns.RCode.
	DNSTimeout Reason = "dns-timeout"
	DNSError   Reason = "dns-error"

	// Permerror, the key.
	KeyMissing     Reason = "key-missing" // Sub: nxdomain or nodata
	KeyRevoked     Reason = "key-revoked" // empty p=
	KeySyntax      Reason = "key-syntax"  // Sub: a Key* code or Tag* code
	SeveralKeys    Reason = "several-keys"
	KeyLong        Reason = "key-long"        // RSA above MaxRSABits
	KeyType        Reason = "key-type"        // k= does not fit a=, or is unknown
	KeyHash        Reason = "key-hash"        // h= of the key lacks the hash of a=
	KeyService     Reason = "key-service"     // s= of the key has neither email nor *
	StrictIdentity Reason = "strict-identity" // t=s and i= is in a subdomain of d=

	// Policy (RFC 8301).
	SHA1     Reason = "sha1"
	KeyShort Reason = "key-short" // RSA below MinRSABits

	// Fail.
	BodyHash     Reason = "body-hash"   // bh= is not the digest of the body
	BodyLength   Reason = "body-length" // l= is more than the body has
	BadSignature Reason = "signature"   // b= does not fit header and key
	Expired      Reason = "expired"     // x= has passed

	// Neutral.
	TooManySignatures Reason = "too-many-signatures"
)

// A Problem is one thing that keeps a signature from passing.
type Problem struct {
	Result Result
	Reason Reason
	Sub    string // finer code, depends on Reason; may be empty
	Tag    string // the tag concerned, may be empty
	// Pos is an octet position: for problems of the signature in
	// Signature.Value, for key-syntax in the key record; -1 if it has none.
	Pos    int
	Detail string // a short quotation or figure; may be hostile text
}

// A Note is something worth saying that does not change the result.
type Note struct {
	Code   NoteCode
	Tag    string
	Pos    int // like Problem.Pos
	Detail string
}

// A NoteCode is the machine code of a note.
type NoteCode string

// The notes.
const (
	NoteEmptyTag        NoteCode = "empty-tag"          // ";;" in a tag list
	NoteNonASCII        NoteCode = "non-ascii"          // octets above 127 in a tag list
	NoteUnknownTag      NoteCode = "unknown-tag"        // ignored (RFC 6376 §3.2)
	NoteFuture          NoteCode = "t-future"           // t= lies more than ClockSkew ahead
	NotePartialBody     NoteCode = "body-partly-signed" // l= leaves octets unsigned
	NoteLength          NoteCode = "l-tag"              // l= is there at all
	NoteSeveralRecords  NoteCode = "several-records"    // only one of several TXT is a key
	NoteVersionNotFirst NoteCode = "v-not-first"        // v=DKIM1 is not the first tag
	NoteKeyTagCase      NoteCode = "value-case"         // a value in another case than usual
	NoteTesting         NoteCode = "t-y"                // key flag: domain tests DKIM
	NoteGranularity     NoteCode = "g-tag"              // g= of RFC 4871, ignored
	NoteKeyWhitespace   NoteCode = "key-whitespace"     // white space inside p=
	NoteBareLF          NoteCode = "bare-lf"            // verifies only with bare LF made CRLF
)

// clip shortens hostile text for a Detail.
func clip(s string) string {
	const most = 80 // enough to recognise, too short to flood a report
	if len(s) > most {
		return s[:most]
	}
	return s
}
