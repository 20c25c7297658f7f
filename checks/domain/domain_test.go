// SPDX-License-Identifier: MIT

package domain

import (
	"testing"

	"mailproof/check"
	"mailproof/check/checktest"
	"mailproof/evidence"
	"mailproof/finding"
)

const zone = `
$ORIGIN example.
good      MX 10 mx.good
mx.good   A 203.0.113.5
two       MX 10 mx.good
two       MX 20 gone.two
half      MX 10 mx.good
half      MX 20 slow.half
implicit  A 203.0.113.6
nothing   TXT x
null      MX 0 .
literal   MX 10 203.0.113.5.
alias     MX 10 www.alias
www.alias CNAME mx.good
gone      MX 10 mx.gone
private   MX 10 mx.private
mx.private A 10.0.0.1
; timeout slow.half.example.
; servfail broken.example.
`

func groups() []check.Group { return []check.Group{Group()} }

func world(from, mailFrom string, more string) checktest.Case {
	c := checktest.Case{Zone: zone, Message: "From: <a@" + from + ">\n" + more + "\nx\n"}
	if mailFrom != "" {
		c.Session = evidence.Session{HasMailFrom: true, MailFrom: "b@" + mailFrom}
	}
	return c
}

func TestMX(t *testing.T) {
	t.Parallel()
	for from, want := range map[string][]string{
		"good.example":     {"mx.present"},
		"two.example":      {"mx.no-address"},
		"half.example":     {"mx.temperror"},
		"implicit.example": {"mx.implicit"},
		"nothing.example":  {"mx.none"},
		"no.such.example":  {"mx.no-domain"},
		"null.example":     {"mx.null"},
		"literal.example":  {"mx.ip-literal"},
		"alias.example":    {"mx.cname"},
		"gone.example":     {"mx.no-address"},
		"private.example":  {"mx.private-address"},
		"broken.example":   {"mx.temperror"},
	} {
		for i := range want {
			want[i] += " " + from
		}
		checktest.Want(t, checktest.Run(t, groups(), world(from, "", "")), "mx", want...)
		checktest.EveryLookupFails(t, groups(), world(from, "", "Reply-To: x@good.example\n"))
	}
	res := checktest.Run(t, groups(), world("[192.0.2.1]", "", ""))
	checktest.Want(t, res, "mx", "mx.no-name")
	if f := checktest.Find(t, checktest.Run(t, groups(), world("two.example", "", "")), "mx.no-address"); f.Weight != lighter {
		t.Errorf("weight %d beside a host that works", f.Weight)
	}
}

func TestEnvelopeAndReplyTo(t *testing.T) {
	t.Parallel()
	c := world("good.example", "null.example", "Reply-To: x@gone.example, y@good.example\n")
	res := checktest.Run(t, groups(), c)
	checktest.Want(t, res, "mx", "mx.present good.example", "mx.null null.example")
	checktest.Want(t, res, "mx.reply-to", "mx.reply-to-dead gone.example", "mx.reply-to-pass good.example")
	checktest.EveryLookupFails(t, groups(), c)

	checktest.Want(t, checktest.Run(t, groups(), world("good.example", "good.example", "")), "mx.reply-to", "mx.reply-to.does-not-apply")
	c.Session.Recovered = []string{"mail_from"}
	res = checktest.Run(t, groups(), c)
	for id, want := range map[string]bool{"mx.present": false, "mx.null": true} {
		if f := checktest.Find(t, res, finding.ID(id)); f.Claimed != want {
			t.Errorf("%s: claimed %v", id, f.Claimed)
		}
	}
}

func TestFixes(t *testing.T) {
	t.Parallel()
	checktest.FixRemoves(t, groups(), world("implicit.example", "", ""), "mx.implicit")
	checktest.FixRemoves(t, groups(), world("alias.example", "", ""), "mx.cname")
	checktest.FixRemoves(t, groups(), world("two.example", "", ""), "mx.no-address")
}

func TestTexts(t *testing.T) {
	t.Parallel()
	checktest.Texts(t, Group())
}
