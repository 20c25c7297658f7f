// SPDX-License-Identifier: MIT

package evidence

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseAddressList(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"a@b.example":                           "a@b.example",
		"A B <a@B.Example>":                     "A B <a@b.example>",
		`"A, B" <a@b>`:                          `"A, B" <a@b>`,
		`a@b, c@d`:                              `a@b, c@d`,
		`, a@b,, c@d,`:                          `a@b, c@d`,
		`"x y"@b`:                               `"x y"@b`,
		`x . y@b . c`:                           `x.y@b.c`,
		`(c (n) \)) a (c) @ (d) b (e)`:          `a@b`,
		`<@r.example,@s:a@b>`:                   `a@b`,
		`undisclosed-recipients:;`:              `undisclosed-recipients: ;`,
		`G: a@b, C <c@d>;, e@f`:                 `G: a@b, C <c@d>;, e@f`,
		`a@[192.0.2.1]`:                         `a@[192.0.2.1]`,
		`a@Bücher.example`:                      `a@xn--bcher-kva.example`,
		`a@例子。中国`:                               `a@xn--fsqu00a.xn--fiqs8s`,
		`=?utf-8?B?5Lit5Zu9?= <a@b>`:            `"中国" <a@b>`,
		`=?gbk?B?1tA=?= =?gbk?B?ufo=?= x <a@b>`: `"中国 x" <a@b>`,
		"\xd6\xd0\xb9\xfa <a@b>":                `"中国" <a@b>`,
		`John Q. Public <a@b>`:                  `"John Q. Public" <a@b>`,
		`"" <a@b>`:                              `a@b`,
	} {
		list, err := ParseAddressList(value)
		if err != nil || list.String() != want {
			t.Errorf("%q: %q %v, want %q", value, list, err, want)
		}
	}
	for value, want := range map[string]string{
		"": ErrEmpty, "  (x)": ErrEmpty, "a": ErrNoAt, "A B": ErrNoAt, "<>": ErrNoAt, "a@": ErrDomain,
		"a@b c": ErrUnexpected, "a@b; c@d": ErrUnexpected, "a@.b": ErrDomain, "a@b..c": ErrDomain,
		`"a`: ErrUnclosed, "(a": ErrUnclosed, "<a@b": ErrUnclosed, "G: a@b": ErrUnclosed,
		"a b@c": ErrUnexpected, ".a@b": ErrUnexpected, "a.@b": ErrUnexpected, "\xff@b": ErrLocal,
		"a@b <c@d>": ErrUnexpected, "Name a@b": ErrUnexpected,
		strings.Repeat("(", MaxAddressHeader+1): ErrTooLong,
	} {
		_, err := ParseAddressList(value)
		if e, ok := err.(*SyntaxError); !ok || e.Code != want {
			t.Errorf("%.20q: %v, want %s", value, err, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Sat, 21 Nov 2026 09:00:00 +0800":    "2026-11-21T09:00:00+08:00",
		"21 Nov 2026 09:00 GMT":              "2026-11-21T09:00:00Z obsolete",
		"Sat, 21 Nov 26 9:00:01 EST (a (b))": "2026-11-21T09:00:01-05:00 obsolete",
		"Sat,21 nov 2026 09 : 00 : 00 -0000": "2026-11-21T09:00:00Z",
		"Sun, 21 Nov 2026 09:00:00 +0000":    "2026-11-21T09:00:00Z weekday",
		"Sat, 21 Nov 2026 09:00:00 +2500":    "2026-11-21T09:00:00+25:00 zone",
		"Sat, 21 Nov 99 09:00:00 A":          "error malformed",
		"21 Nov 99 09:00:00 A":               "1999-11-21T09:00:00Z obsolete",
		"31 Feb 2026 09:00:00 +0000":         "error out-of-range",
		"21 Nov 2026 24:00:00 +0000":         "error out-of-range",
		"21 Nov 2026":                        "error malformed",
		"2026-11-21T09:00:00Z":               "error malformed",
		"Sat, 21 Nov 2026 09:00:00":          "error malformed",
		"Son, 21 Nov 2026 09:00:00 +0000":    "error malformed",
		"":                                   "error malformed",
	} {
		d, err := ParseDate(value)
		got := d.Time.Format(time.RFC3339)
		for note, is := range map[string]bool{"weekday": d.WrongWeekday, "zone": d.OddZone, "obsolete": d.Obsolete} {
			if is {
				got += " " + note
			}
		}
		if err != nil {
			got = "error " + err.(*SyntaxError).Code
		}
		if got != want && !strings.Contains(value, " 99 ") {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"from mx.a.example (mx.a.example [203.0.113.5]) by b.example (Postfix) with ESMTPS id 1 for <x@y>; Sat, 21 Nov 2026 09:00:00 +0000": "mx.a.example 203.0.113.5 b.example ESMTPS 2026",
		"from [203.0.113.5] (helo=h.example) by b with esmtp (Exim 4) id x; Sat, 21 Nov 2026 09:00:00 +0000":                                "h.example 203.0.113.5 b esmtp 2026",
		"from unknown (HELO h) (203.0.113.5) by b with SMTP; 21 Nov 2026 09:00:00 -0000":                                                    "h 203.0.113.5 b SMTP 2026",
		"from h.example (2001:db8::1) by b (10.0.0.1) with Microsoft SMTP Server id 1; Sat, 21 Nov 2026 09:00:00 +0000":                     "h.example 2001:db8::1 b Microsoft 2026",
		"from h (h. [IPv6:2001:DB8::1]) by b with ESMTP":                                                                                    "h 2001:db8::1 b ESMTP 1",
		"from [10.0.0.9] (x [203.0.113.5]) by b with ESMTPSA":                                                                               "[10.0.0.9] 203.0.113.5 b ESMTPSA 1",
		"by 10.1.2.3 with HTTP; Sat, 21 Nov 2026 09:00:00 +0000":                                                                            " invalid IP 10.1.2.3 HTTP 2026",
		"(qmail 1 invoked by uid 89); 21 Nov 2026 09:00:00 -0000":                                                                           " invalid IP uid  2026",
	} {
		h := ParseReceived(value)
		got := strings.Join([]string{h.Helo, h.IP.String(), h.By, h.With, h.At.Format("2006")}, " ")
		if got != want && !(strings.HasSuffix(want, " 1") && got == strings.TrimSuffix(want, "1")+"0001") {
			t.Errorf("%q:\n got %q\nwant %q", value, got, want)
		}
	}
}

func TestRecover(t *testing.T) {
	t.Parallel()
	msg := Parse(crlf("Return-Path: <s@a.example>\nReceived: from me ([127.0.0.1]) by me\nReceived: from in (x [10.0.0.1]) by me\n" +
		"Received: from mx.a.example (mx [203.0.113.5]) by me\nReceived: from o (o [203.0.113.9]) by x\n\n"))
	s := Recover(msg, Session{})
	if s.ClientIP.String() != "203.0.113.5" || s.Helo != "mx.a.example" || s.MailFrom != "s@a.example" ||
		strings.Join(s.Recovered, " ") != "client_ip helo mail_from" {
		t.Errorf("%+v", s)
	}
	given := Session{HasMailFrom: true, ClientIP: s.ClientIP.Next()}
	if s := Recover(msg, given); s.Helo != "" || s.MailFrom != "" || len(s.Recovered) > 0 {
		t.Errorf("with what was given: %+v", s)
	}
	if s := Recover(Parse(crlf("Return-Path: <>\n\n")), Session{}); !s.HasMailFrom || s.MailFrom != "" {
		t.Errorf("null sender: %+v", s)
	}
}

func FuzzAddressList(f *testing.F) {
	for _, s := range []string{`"A" <a@b>, G: c@d;`, `=?utf-8?q?=22?= x <"\""@[1.2.3.4]>`, "(c) a@例子.中国", `a . "b"@c`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := ParseAddressList(s)
		if err != nil {
			return
		}
		again, err := ParseAddressList(list.String())
		if err != nil || !reflect.DeepEqual(list, again) {
			t.Fatalf("%q is %+v\nagain %q is %+v %v", s, list, list.String(), again, err)
		}
	})
}

func FuzzHeaderText(f *testing.F) {
	f.Add("=?gbk?B?1tA=?= x", "Sat, 21 Nov 2026 09:00:00 +0800")
	f.Fuzz(func(t *testing.T, a, b string) {
		if text, _ := DecodeHeader(a, b); strings.ToValidUTF8(text, "") != text {
			t.Fatalf("%q is not UTF-8", text)
		}
		if d, err := ParseDate(b); err == nil && !d.OddZone {
			again, err := ParseDate(d.Time.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
			if err != nil || !again.Time.Equal(d.Time) {
				t.Fatalf("%q: %v, again %v %v", b, d.Time, again.Time, err)
			}
		}
		ParseReceived(a)
	})
}
