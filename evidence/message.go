// SPDX-License-Identifier: MIT

package evidence

// A Message is what Parse made of the octets. Parsing never fails: what is
// wrong is in Problems, and as much as possible is still there.
type Message struct {
	Fields   []Field // header fields in wire order
	Header   []byte  // octets of the header, with the blank line if there is one
	Body     []byte  // octets after the blank line
	Blank    bool    // a blank line ended the header
	Root     *Part   // MIME structure; never nil
	Problems []Problem
}

// A Field is one header field as it stands in the message.
type Field struct {
	Name   string // as written, without the colon
	Value  string // unfolded (RFC 5322 §2.2.3), outer white space removed, octets unchanged
	Raw    []byte // all octets, line ends included
	Offset int    // of Raw in the message
}

// A Part is one node of the MIME structure.
type Part struct {
	ContentType string            // lower case "type/subtype"; "text/plain" if none is declared (RFC 2045 §5.2)
	Params      map[string]string // of Content-Type, names in lower case
	Charset     string            // as declared, lower case; empty if not declared
	Encoding    string            // Content-Transfer-Encoding, lower case; "7bit" if none is declared
	Disposition string            // inline, attachment or empty
	Filename    string            // decoded
	Fields      []Field
	Raw         []byte // octets of the body, encoded
	Parts       []*Part
}

// A Problem is something that Parse had to work around.
type Problem struct {
	Code   string // such as "header.no-colon"; the list is beside Parse
	Offset int    // octet in the message where the first one begins
	Detail string // short quotation of the first one, may be hostile
	Count  int    // how many there are; a code occurs once in a list
}
