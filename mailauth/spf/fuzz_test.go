// SPDX-License-Identifier: MIT

package spf_test

import (
	"net/netip"
	"strings"
	"testing"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

// FuzzParseRecord: positions lie in the input and hold the term; what parses
// without error is written and read back as the same terms.
func FuzzParseRecord(f *testing.F) {
	for _, s := range []string{
		"", "v=spf1", "v=spf1 -all", "V=spf1 a/24//64 mx:%{d2r}.x.test//0 ~include:a.test ?ptr exists:%{ir-+}.%{v} redirect=%{o}",
		"v=spf1 ip4:1.2.3.4/32 -ip6:::ffff:1.2.3.4/96 exp=a.b foo=%% all", "v=spf1 a:foo:bar/baz.example.com/8", "v=spf1; mx", "v=spf1 - : / = a: a/ ip4: ip6:x/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rec, errs := spf.ParseRecord(s)
		end := 0
		for _, term := range rec.Terms {
			if term.At < end || s[term.At:term.At+len(term.Text)] != term.Text {
				t.Fatalf("%q: term %q at %d", s, term.Text, term.At)
			}
			end = term.At + len(term.Text)
		}
		for _, e := range errs {
			if e.At < 0 || e.At >= max(len(s), 1) || !strings.Contains(s, e.Term) {
				t.Fatalf("%q: %+v", s, e)
			}
		}
		if len(errs) > 0 {
			return
		}
		again, errs := spf.ParseRecord(rec.String())
		if len(errs) > 0 || len(again.Terms) != len(rec.Terms) {
			t.Fatalf("%q: %q: %v", s, rec, errs)
		}
		for i, b := range again.Terms {
			a := rec.Terms[i]
			b.Text, b.At = a.Text, a.At
			if a != b {
				t.Fatalf("%q: %+v became %+v", s, a, b)
			}
		}
	})
}

// FuzzExpand: whatever macros expand to, every question is a name that can be
// asked, no more are asked than the limits allow, and an explanation is short
// printable ASCII.
func FuzzExpand(f *testing.F) {
	f.Add("%{l1r-}.%{d}", "%{s} %{c} %{T}", "strong-bad@mail.example.com", "mx.example.org", true)
	f.Add("%{p}.%%%_%-.x.test", "%{h}", "", "a\x00b", false)
	f.Add("%{H0}", "%{l}", "ü@x.test", strings.Repeat("a.", 300), true)
	f.Fuzz(func(t *testing.T, spec, text, sender, helo string, six bool) {
		ip := netip.MustParseAddr("192.0.2.3")
		if six {
			ip = netip.MustParseAddr("2001:db8::cb01")
		}
		z := newZone()
		z.add("d.test", dns.TypeTXT, "v=spf1 exists:"+spec+" a:"+spec+" -all exp=e.test")
		z.add("e.test", dns.TypeTXT, text)
		v := spf.Check(t.Context(), z, spf.Params{IP: ip, MailFrom: sender, Helo: helo, Domain: "d.test"})
		consistent(t, spec, v)
		for _, q := range z.questions() {
			_, name, _ := strings.Cut(q, " ")
			if len(name) > 253 || !strings.Contains(name, ".") || strings.Contains(name, "..") || name[0] == '.' {
				t.Fatalf("asked for %q", name)
			}
		}
		if n := len(z.questions()); n > 20 {
			t.Fatalf("%d questions", n)
		}
		for _, c := range []byte(v.Explanation) {
			if c < ' ' || c > '~' {
				t.Fatalf("explanation %q", v.Explanation)
			}
		}
		if len(v.Explanation) > 1024 || v.Explanation != "" && v.Result != spf.Fail {
			t.Fatalf("%s with explanation %q", v.Result, v.Explanation)
		}
	})
}
