// SPDX-License-Identifier: MIT

package report

import "time"

// Session is the contract's session part.
type Session struct {
	ClientIP   string   `json:"client_ip"`
	ClientPort int      `json:"client_port"`
	Helo       string   `json:"helo"`
	EHLO       bool     `json:"ehlo"`
	MailFrom   *string  `json:"mail_from"` // null: not known; "": the null sender
	RcptTo     string   `json:"rcpt_to"`
	TLS        *TLS     `json:"tls"`
	TLSKnown   bool     `json:"tls_known"`
	SMTPUTF8   bool     `json:"smtputf8"`
	BodyType   string   `json:"body_type"`
	Size       int64    `json:"size"` // octets of the message as received
	Recovered  []string `json:"recovered"`
	Dialogue   []Line   `json:"dialogue"`
}

// TLS is the channel of the session.
type TLS struct {
	Version    string `json:"version"`
	Cipher     string `json:"cipher"`
	SNI        string `json:"sni"`
	ClientCert string `json:"client_cert,omitempty"`
}

// Line is one line of the SMTP dialogue.
type Line struct {
	AtMS int64  `json:"at_ms"`
	From string `json:"from"` // client or server
	Line string `json:"line"`
}

// Mail is the contract's message part.
type Mail struct {
	From       string    `json:"from"` // decoded
	FromDomain string    `json:"from_domain"`
	To         string    `json:"to,omitempty"`
	Subject    string    `json:"subject"` // decoded
	MessageID  string    `json:"message_id"`
	Date       time.Time `json:"date,omitzero"`
	Size       int64     `json:"size"`
	Parts      *Part     `json:"parts"`
	Hops       []Hop     `json:"hops"`
	Header     []Field   `json:"header,omitempty"` // first fields in wire order, for the page
}

// Field is one header field, unfolded, cut to a sane length.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Part is one node of the MIME structure.
type Part struct {
	ContentType string  `json:"content_type"`
	Charset     string  `json:"charset"`
	Encoding    string  `json:"encoding"`
	Disposition string  `json:"disposition"`
	Filename    string  `json:"filename"`
	Size        int64   `json:"size"` // octets, encoded
	Parts       []*Part `json:"parts"`
}

// Hop is one Received field, newest first, as the message claims it.
type Hop struct {
	From string `json:"from"`
	IP   string `json:"ip"`
	By   string `json:"by"`
	With string `json:"with"`
	At   string `json:"at"` // RFC 3339, or empty
	Raw  string `json:"raw"`
}

// Authentication is the contract's authentication part.
type Authentication struct {
	SPF     *SPF   `json:"spf"`
	SPFHelo *SPF   `json:"spf_helo"`
	DKIM    []DKIM `json:"dkim"`
	DMARC   DMARC  `json:"dmarc"`
	ARC     *ARC   `json:"arc"`
	IPRev   *IPRev `json:"iprev"`
	Header  string `json:"header"` // the Authentication-Results line
}

// SPF is the verdict on one identity.
type SPF struct {
	Result      string    `json:"result"` // RFC 7208: none neutral pass fail softfail temperror permerror
	Domain      string    `json:"domain"`
	Record      string    `json:"record"`
	Matched     string    `json:"matched"`
	Lookups     int       `json:"lookups"`
	VoidLookups int       `json:"void_lookups"`
	Explanation string    `json:"explanation"`
	Reason      string    `json:"reason,omitempty"` // code of the error, such as "too-many-lookups"
	Trace       *SPFTrace `json:"trace"`
}

// SPFTrace is one record of the SPF tree.
type SPFTrace struct {
	Domain string    `json:"domain"`
	Record string    `json:"record"`
	Result string    `json:"result"`
	Terms  []SPFTerm `json:"terms"`
}

// SPFTerm is one term of a record, in order.
type SPFTerm struct {
	Text    string    `json:"text"`
	At      int       `json:"at"`      // octet in the record
	Outcome string    `json:"outcome"` // match, no-match, error, not-reached
	Detail  string    `json:"detail,omitempty"`
	Lookups int       `json:"lookups"` // counted up to and with this term
	Child   *SPFTrace `json:"child,omitempty"`
}

// DKIM is the verdict on one signature.
type DKIM struct {
	Result           string    `json:"result"` // RFC 8601: none pass fail policy neutral temperror permerror
	Domain           string    `json:"domain"`
	Selector         string    `json:"selector"`
	Identity         string    `json:"identity,omitempty"`
	Algorithm        string    `json:"algorithm"`
	KeyBits          int       `json:"key_bits"`
	Canonicalization string    `json:"canonicalization"`
	SignedHeaders    []string  `json:"signed_headers"`
	BodyLength       *int64    `json:"body_length"` // l=, octets; null: the whole body
	Reason           string    `json:"reason"`
	Diagnosis        string    `json:"diagnosis"`
	Record           string    `json:"record,omitempty"`
	CNAME            []string  `json:"cname,omitempty"`
	SignedAt         time.Time `json:"signed_at,omitzero"`
	ExpiresAt        time.Time `json:"expires_at,omitzero"`
}

// DMARC is the verdict on the From domain.
type DMARC struct {
	Result       string    `json:"result"` // none pass fail temperror permerror
	FromDomain   string    `json:"from_domain"`
	PolicyDomain string    `json:"policy_domain"`
	Record       string    `json:"record"`
	Policy       string    `json:"policy"`      // that applies: none quarantine reject, or empty
	Disposition  string    `json:"disposition"` // what a receiver is asked to do with this mail
	Alignment    Alignment `json:"alignment"`
	RFC7489      RFC7489   `json:"rfc7489"`
}

// Alignment tells which identities share the organizational domain of From.
type Alignment struct {
	SPF  Aligned `json:"spf"`
	DKIM Aligned `json:"dkim"`
}

// Aligned is one side of the alignment. Aligned means: passed and aligned.
type Aligned struct {
	Aligned bool   `json:"aligned"`
	Mode    string `json:"mode"` // relaxed or strict
	Domain  string `json:"domain"`
}

// RFC7489 is what a receiver that still uses the public suffix list concludes.
type RFC7489 struct {
	Result       string `json:"result"`
	PolicyDomain string `json:"policy_domain"`
	Policy       string `json:"policy"`
	Differs      bool   `json:"differs"`
}

// ARC is the verdict on an ARC chain (RFC 8617).
type ARC struct {
	Result    string `json:"result"` // none pass fail
	Instances int    `json:"instances"`
	Reason    string `json:"reason"`
}

// IPRev is the reverse check of the client (RFC 8601 §2.7.3).
type IPRev struct {
	Result string   `json:"result"` // pass fail temperror permerror
	Names  []string `json:"names"`
}

// List is what one block or allow list says of one target.
type List struct {
	List    string   `json:"list"`
	Kind    string   `json:"kind"` // ip domain allow
	Target  string   `json:"target"`
	Status  string   `json:"status"` // clean listed refused error skipped
	Health  string   `json:"health"` // ok dead wildcard refused unreachable broken
	Codes   []string `json:"codes"`
	Meaning string   `json:"meaning"` // key of the texts, or words of the list
	Text    []string `json:"text"`
	Tier    string   `json:"tier"`
	Penalty int      `json:"penalty"` // tenths
	URL     string   `json:"url"`
}
