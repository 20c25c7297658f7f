// SPDX-License-Identifier: MIT

package message

import (
	"strings"
	"testing"

	"mailproof/check"
	"mailproof/check/checktest"
	"mailproof/evidence"
	"mailproof/report"
)

const good = `From: Ann <ann@a.example>
To: <t@receiver.example>
Subject: =?utf-8?B?5Lit5Zu9?=
Date: Sat, 21 Nov 2026 08:59:00 +0000
Message-ID: <1@a.example>

Hello
`

func groups() []check.Group { return []check.Group{Group()} }

// observed is a session as a server sees it.
func observed() evidence.Session {
	return evidence.Session{RcptTo: "t@receiver.example", Dialogue: []evidence.Line{{From: "client", Text: "DATA"}}}
}

// change replaces the line that begins with the name of a field.
func change(field, by string) string {
	var out []string
	for _, l := range strings.SplitAfter(good, "\n") {
		if strings.HasPrefix(l, field+":") {
			l = by
		}
		out = append(out, l)
	}
	return strings.Join(out, "")
}

func TestGood(t *testing.T) {
	t.Parallel()
	res := checktest.Run(t, groups(), checktest.Case{Message: good, Session: observed()})
	for _, f := range res.Findings {
		if f.Status != "pass" {
			t.Errorf("%s %s %v", f.ID, f.Status, f.Params)
		}
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ check, message, want string }{
		{"from", change("From", ""), "from.missing"},
		{"from", change("From", "From: a@b\nFrom: c@d\n"), "from.multiple"},
		{"from", change("From", "From: Ann\n"), "from.unparseable"},
		{"from", change("From", "From: nobody:;\n"), "from.unparseable"},
		{"from", change("From", "From: a@b, c@d\n"), "from.several-addresses"},
		{"date", change("Date", ""), "date.missing"},
		{"date", change("Date", "Date: 2026-11-21\n"), "date.invalid"},
		{"date", change("Date", "Date: Sat, 21 Nov 2026 11:00:00 +0000\n"), "date.off"},
		{"date", change("Date", "Date: Sat, 21 Nov 2026 12:01:00 +0000\n"), "date.future"},
		{"date", change("Date", "Date: Tue, 17 Nov 2026 08:59:00 +0000\n"), "date.past"},
		{"date", change("Date", "Date: Fri, 21 Nov 2026 09:00:00 +0000\n"), "date.odd"},
		{"messageid", change("Message-ID", ""), "messageid.missing"},
		{"messageid", change("Message-ID", "Message-ID: 1@a.example\n"), "messageid.invalid"},
		{"messageid", change("Message-ID", "Message-ID: <1@a@b.example>\n"), "messageid.invalid"},
		{"messageid", change("Message-ID", "Message-ID: <1@localhost.localdomain>\n"), "messageid.local"},
		{"messageid", change("Message-ID", "Message-ID: <1@[192.0.2.1]>\n"), "messageid.local"},
		{"messageid", change("Message-ID", "Message-ID: <1@pc>\n"), "messageid.local"},
		{"singletons", change("Subject", "Subject: a\nsubject: b\n"), "singletons.duplicate"},
		{"singletons", change("From", "From: a@b\nFrom: c@d\n"), "singletons.pass"},
		{"subject", change("Subject", ""), "subject.missing"},
		{"subject", change("Subject", "Subject:\n"), "subject.empty"},
		{"subject", change("Subject", "Subject: 中国\n"), "subject.raw-8bit"},
		{"subject", change("Subject", "Subject: \xd6\xd0\xb9\xfa\n"), "subject.raw-8bit"},
		{"subject", change("Subject", "Subject: =?utf-8?B?***?=\n"), "subject.undecodable"},
		{"subject", change("Subject", "Subject: =?utf-8?q?"+strings.Repeat("a", 80)+"?=\n"), "subject.sloppy"},
		{"to", change("To", ""), "to.missing"},
		{"to", change("To", "To: a b c\n"), "to.unparseable"},
		{"to", change("To", "To: undisclosed-recipients:;\n"), "to.undisclosed"},
		{"to", change("To", "To: else@b.example\n"), "to.not-named"},
		{"header", change("To", "no field\n"), "header.not-a-field"},
		{"header", change("To", "T o: x\n"), "header.bad-name"},
		{"header", change("To", "To : x@y\n"), "header.space-before-colon"},
		{"header", change("To", "To: x@y\n \n"), "header.empty-fold"},
		{"header", strings.Repeat("X: y\n", 3000) + good, "header.too-large"},
		{"header.8bit", change("From", "From: \"中\" <a@b>\n"), "header.utf8-without-smtputf8"},
		{"header.8bit", change("From", "From: \xd6\xd0 <a@b>\n"), "header.raw-8bit"},
		{"header.8bit", change("Subject", "Subject: 中国\n"), "header.ascii"},
		{"body.8bit", good + "中国\n", "body.8bit-without-8bitmime"},
		{"lines", good + strings.Repeat("x", 999) + "\n", "lines.too-long"},
		{"lines", good + "a\rb\n", "lines.bare-cr"},
		{"lines", good + "a\x00b\n", "lines.nul"},
	} {
		res := checktest.Run(t, groups(), checktest.Case{Message: c.message, Session: observed()})
		checktest.Want(t, res, c.check, c.want)
	}
	res := checktest.Run(t, groups(), checktest.Case{Raw: []byte(good), Session: observed()})
	checktest.Want(t, res, "lines", "lines.bare-lf")
}

func TestAnnounced(t *testing.T) {
	t.Parallel()
	s := observed()
	s.SMTPUTF8, s.BodyType = true, "8BITMIME"
	msg := change("Subject", "Subject: 中国\nX: 中\n") + "中\n"
	res := checktest.Run(t, groups(), checktest.Case{Message: msg, Session: s})
	checktest.Want(t, res, "subject", "subject.pass")
	checktest.Want(t, res, "header.8bit", "header.smtputf8")
	checktest.Want(t, res, "body.8bit", "body.8bitmime")
	res = checktest.Run(t, groups(), checktest.Case{Message: msg})
	checktest.Want(t, res, "body.8bit", "body.8bit.not-observed")
}

// The header changes of a fix, made in the message, remove the finding.
func TestHeaderFixes(t *testing.T) {
	t.Parallel()
	for field, raw := range map[string]string{
		"Subject": "Subject: \xd6\xd0\xb9\xfa\n", "Date": "", "To": "",
	} {
		res := checktest.Run(t, groups(), checktest.Case{Message: change(field, raw), Session: observed()})
		for _, f := range res.Findings {
			if f.Fix == nil || len(f.Fix.Header) == 0 {
				continue
			}
			h := f.Fix.Header[0]
			after := checktest.Run(t, groups(), checktest.Case{Message: change(field, h.Name+": "+h.Value+"\n"), Session: observed()})
			for _, g := range after.Findings {
				if g.Weight > 0 {
					t.Errorf("%s: %s after %+v", field, g.ID, h)
				}
			}
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	msg := "Received: from h (x [203.0.113.5]) by y with ESMTP; Sat, 21 Nov 2026 09:00:00 +0800\n" + good
	res := checktest.Run(t, groups(), checktest.Case{Message: msg})
	var rep report.Report
	res.Describe(t.Context(), &rep)
	m := rep.Mail
	if m.From != "Ann <ann@a.example>" || m.FromDomain != "a.example" || m.Subject != "中国" || m.MessageID != "<1@a.example>" ||
		m.Date.Hour() != 8 || m.Parts.ContentType != "text/plain" || len(m.Header) != 6 || m.Size == 0 {
		t.Errorf("%+v", m)
	}
	if len(m.Hops) != 1 || m.Hops[0].IP != "203.0.113.5" || m.Hops[0].At != "2026-11-21T01:00:00Z" {
		t.Errorf("hops %+v", m.Hops)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	checktest.Texts(t, Group())
}
