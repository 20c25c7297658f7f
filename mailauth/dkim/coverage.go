// SPDX-License-Identifier: MIT

package dkim

import "strings"

// important are the fields RFC 6376 §5.4.1 wants signed where they occur, and
// those of RFC 2919, 2369 and 8058 by which lists are handled.
var important = []string{
	"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id",
	"in-reply-to", "references", "mime-version", "content-type",
	"content-transfer-encoding", "content-id", "content-description",
	"list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post",
	"list-subscribe", "list-post", "list-owner", "list-archive", "feedback-id",
}

// commonNames saves an allocation for names met in every mail.
var commonNames = func() map[string]string {
	m := make(map[string]string)
	for _, n := range append([]string{"received", "return-path", "delivered-to", "dkim-signature",
		"arc-seal", "arc-message-signature", "arc-authentication-results", "authentication-results",
		"received-spf", "x-mailer", "user-agent"}, important...) {
		m[n] = n
	}
	return m
}()

// A Coverage says how often a field occurs and how often h= names it. Listed
// above Present means over-signed: adding one more breaks the signature (RFC
// 6376 §8.15). Below, the uppermost ones are not signed.
type Coverage struct {
	Name    string // lower case
	Present int
	Listed  int
}

// coverage compares h= with the header: first the important fields in their
// order, as far as they are present or listed, then the others of h=.
func (m *Message) coverage(s *Signature) []Coverage {
	listed := make(map[string]int, len(s.SignedHeaders))
	for _, n := range s.SignedHeaders {
		listed[strings.ToLower(n)]++
	}
	out := make([]Coverage, 0, len(listed)+4)
	add := func(n string) {
		if c := (Coverage{n, m.count(n), listed[n]}); c.Present+c.Listed > 0 {
			out = append(out, c)
		}
		delete(listed, n)
	}
	for _, n := range important {
		add(n)
	}
	for _, n := range s.SignedHeaders {
		if n = strings.ToLower(n); listed[n] > 0 {
			add(n)
		}
	}
	return out
}

// Oversigned names the fields that h= lists more often than they occur.
func (v *Verdict) Oversigned() []string {
	return v.covered(func(c Coverage) bool { return c.Listed > c.Present })
}

// Unsigned names the important fields of which at least one is not signed.
func (v *Verdict) Unsigned() []string {
	return v.covered(func(c Coverage) bool { return c.Listed < c.Present })
}

func (v *Verdict) covered(want func(Coverage) bool) []string {
	var names []string
	for _, c := range v.Coverage {
		if want(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

// FromOversigned tells whether one more From would break the signature.
func (v *Verdict) FromOversigned() bool {
	for _, c := range v.Coverage {
		if c.Name == "from" {
			return c.Listed > c.Present
		}
	}
	return false
}
