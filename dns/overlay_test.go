// SPDX-License-Identifier: MIT

package dns_test

import (
	"strings"
	"testing"

	"mailproof/dns"
)

const before = `
example.org. SOA ns1 root 1 2 3 4 5
example.org. TXT "v=spf1 mx -all"
example.org. TXT "v=spf1-looks-like-it"
example.org. TXT "google-site=1"
example.org. MX 10 Mail.Example.org.
mail.example.org. A 192.0.2.1
mail.example.org. AAAA 2001:db8::1
_dmarc.example.org. TXT "v=DMARC1; p=none"
s1._domainkey.example.org. CNAME s1.example.net.
s1.example.net. TXT "v=DKIM1; p=old"
s2._domainkey.example.org. CNAME s2.example.net.
lonely.example.org. TXT alone
*.wild.example.org. TXT wild
*.wild.example.org. MX 1 mail.example.org.
h.cname.example.org. CNAME mail.example.org.
loop.example.org. CNAME pool.example.org.
pool.example.org. CNAME loop.example.org.
tofail.example.org. CNAME fail.example.net.
; servfail fail.example.net
; timeout dead.example.org
`

func TestOverlay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, overlay, name, typ, want string }{
		{"add keeps the others", "example.org. TXT new", "example.org", "TXT",
			"NOERROR [v=spf1 mx -all] [v=spf1-looks-like-it] [google-site=1] [new] overlay"},
		{"added SPF takes the place", "example.org. TXT \"V=SPF1 a -all\"", "example.org", "TXT",
			"NOERROR [V=SPF1 a -all] [v=spf1-looks-like-it] [google-site=1] overlay"},
		{"added DMARC takes the place", "_dmarc.example.org. TXT \"v = DMARC1;p=reject\"", "_DMARC.example.org", "TXT",
			"NOERROR [v = DMARC1;p=reject] overlay"},
		{"what is there is not added twice", "mail.example.org. AAAA 2001:DB8:0::1", "mail.example.org", "AAAA",
			"NOERROR [2001:db8::1]"},
		{"replace one", "; replace example.org TXT google-site=1\nexample.org. TXT google-site=2", "example.org", "TXT",
			"NOERROR [v=spf1 mx -all] [v=spf1-looks-like-it] [google-site=2] overlay"},
		{"replace a text without quotes", "; replace example.org. TXT v=spf1 mx -all\nexample.org. TXT x", "example.org", "TXT",
			"NOERROR [x] [v=spf1-looks-like-it] [google-site=1] overlay"},
		{"replace a text cut otherwise", "; replace example.org. TXT \"v=spf1 \" \"mx -all\"\nexample.org. TXT x", "example.org", "TXT",
			"NOERROR [x] [v=spf1-looks-like-it] [google-site=1] overlay"},
		{"replace compares names without case", "; replace example.org MX 10 mail.example.ORG\nexample.org. MX 5 in.example.org.", "example.org", "MX",
			"NOERROR [5 in.example.org] overlay"},
		{"replace compares addresses by value", "; replace mail.example.org AAAA 2001:0db8::0:1\nmail.example.org. AAAA ::5", "mail.example.org", "AAAA",
			"NOERROR [::5] overlay"},
		{"replace of what is not there adds", "; replace mail.example.org A 192.0.2.9\nmail.example.org. A 192.0.2.8", "mail.example.org", "A",
			"NOERROR [192.0.2.1] [192.0.2.8] overlay"},
		{"delete one", "; delete example.org TXT google-site=1", "example.org", "TXT",
			"NOERROR [v=spf1 mx -all] [v=spf1-looks-like-it] overlay"},
		{"delete a set", "; delete example.org TXT", "example.org", "TXT", "NOERROR overlay"},
		{"delete what is not there", "; delete example.org TXT nothing", "example.org", "TXT",
			"NOERROR [v=spf1 mx -all] [v=spf1-looks-like-it] [google-site=1]"},
		{"the last record of a name", "; delete lonely.example.org TXT", "lonely.example.org", "TXT", "NXDOMAIN overlay"},
		{"the name is gone for all types", "; delete lonely.example.org TXT", "lonely.example.org", "A", "NXDOMAIN overlay"},
		{"another type is left", "; delete mail.example.org A", "mail.example.org", "A", "NOERROR overlay"},
		{"a name below is left", "; delete s1.example.net TXT\nx.s1.example.net. AAAA ::1", "s1.example.net", "A", "NOERROR"},
		{"later changes see earlier ones", "; delete lonely.example.org TXT\nlonely.example.org. TXT back", "lonely.example.org", "TXT",
			"NOERROR [back] overlay"},
		{"added hides a CNAME", "s1._domainkey.example.org. TXT key", "s1._domainkey.example.org", "TXT", "NOERROR [key] overlay"},
		{"for other types too", "h.cname.example.org. TXT x", "h.cname.example.org", "A", "NOERROR overlay"},
		{"and when it is asked for", "h.cname.example.org. TXT x", "h.cname.example.org", "CNAME", "NOERROR overlay"},
		{"a chain through the overlay", "; replace s1.example.net TXT \"v=DKIM1; p=old\"\ns1.example.net. TXT \"v=DKIM1; p=new\"",
			"s1._domainkey.example.org", "TXT", "NOERROR >s1.example.net [v=DKIM1; p=new] overlay"},
		{"a dangling CNAME is mended", "s2.example.net. TXT key", "s2._domainkey.example.org", "TXT", "NOERROR >s2.example.net [key] overlay"},
		{"a new CNAME is followed", "new.example.org. CNAME h.cname.example.org.", "new.example.org", "A",
			"NOERROR >h.cname.example.org >mail.example.org [192.0.2.1] overlay"},
		{"a CNAME is turned", "; replace s1._domainkey.example.org CNAME s1.example.net\ns1._domainkey.example.org. CNAME lonely.example.org.",
			"s1._domainkey.example.org", "TXT", "NOERROR >lonely.example.org [alone] overlay"},
		{"a CNAME is removed", "; delete h.cname.example.org CNAME", "h.cname.example.org", "A", "NXDOMAIN overlay"},
		{"a new CNAME hides the rest", "lonely.example.org. CNAME mail.example.org.", "lonely.example.org", "TXT",
			"NOERROR >mail.example.org overlay"},
		{"a loop is mended", "pool.example.org. A 192.0.2.5", "loop.example.org", "A", "NOERROR >pool.example.org [192.0.2.5] overlay"},
		{"a loop is made", "mail.example.org. CNAME h.cname.example.org.", "h.cname.example.org", "A", "BAD-ANSWER"},
		{"a CNAME leads away from a failure", "tofail.example.org. A 192.0.2.5", "tofail.example.org", "A", "NOERROR [192.0.2.5] overlay"},
		{"a failure stays", "dead.example.org. A 192.0.2.5", "dead.example.org", "A", "TIMEOUT"},
		{"a new name", "a.b.new.example. TXT x", "a.b.new.example", "TXT", "NOERROR [x] overlay"},
		{"its parents exist", "a.b.new.example. TXT x", "new.example", "TXT", "NOERROR overlay"},
		{"its brothers do not", "a.b.new.example. TXT x", "c.b.new.example", "TXT", "NXDOMAIN"},
		{"a new name leaves the wildcard", "foo.wild.example.org. TXT mine", "foo.wild.example.org", "TXT", "NOERROR [mine] overlay"},
		{"for other types too", "foo.wild.example.org. TXT mine", "foo.wild.example.org", "MX", "NOERROR overlay"},
		{"its brothers stay", "foo.wild.example.org. TXT mine", "bar.wild.example.org", "TXT", "NOERROR [wild]"},
		{"names below it leave too", "foo.wild.example.org. TXT mine", "x.foo.wild.example.org", "TXT", "NXDOMAIN"},
		{"a changed wildcard", "; replace *.wild.example.org TXT wild\n*.wild.example.org. TXT tame", "bar.wild.example.org", "TXT", "NOERROR [tame] overlay"},
		{"a new wildcard", "*.example.org. TXT any", "what.ever.example.org", "TXT", "NOERROR [any] overlay"},
		{"covers no name that exists", "*.example.org. A 192.0.2.66", "lonely.example.org", "A", "NOERROR"},
		{"untouched", "foo.example.org. TXT x", "mail.example.org", "A", "NOERROR [192.0.2.1]"},
	} {
		changes, err := dns.ParseOverlay(strings.NewReader(c.overlay), "overlay")
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		if got := ask(t, dns.Overlay(zone(t, before), changes), c.name, dns.Type(c.typ)); got != c.want {
			t.Errorf("%s: %s %s\n got %s\nwant %s", c.rule, c.name, c.typ, got, c.want)
		}
	}
}
