// SPDX-License-Identifier: MIT

package dns_test

import (
	"fmt"
	"strings"
	"testing"

	"mailproof/dns"
)

// zone makes a zone of a text that is right.
func zone(t testing.TB, text string) *dns.Zone {
	t.Helper()
	z, err := dns.ParseZone(strings.NewReader(text), "zone")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// show writes an outcome in one line: rcode or error, CNAMEs, values, marks.
func show(ans dns.Answer, err error) string {
	if err != nil {
		return string(dns.CodeOf(err))
	}
	s := string(ans.RCode)
	for _, c := range ans.CNAMEs {
		s += " >" + c
	}
	for _, r := range ans.Records {
		s += " [" + r.Value + "]"
	}
	if ans.Secure {
		s += " AD"
	}
	if ans.Source == dns.SourceOverlay {
		s += " overlay"
	}
	return s
}

func ask(t testing.TB, r dns.Resolver, name string, typ dns.Type) string {
	t.Helper()
	return show(r.Lookup(t.Context(), name, typ))
}

const world = `
$ORIGIN example.org.
$TTL 1h30m
@       IN SOA ns1 host\.master ( 1 ; serial
                7200 3600
                2w 1d )
        NS     ns1
        MX     10 Mail
        MX     0 .
        60 IN TXT  "v=spf1 " "-all" ; a comment
        TXT    "a;b (c) \"q\" \\ \059\127"
Mail    A      192.0.2.1
        AAAA   2001:DB8:0:0::1
_25._tcp.mail TLSA 3 1 1 0A0B 0c
_sip._tcp SRV 1 2 5060 mail
old     TYPE99 "v=spf1 ?all"
www     CNAME  Mail
far     CNAME  www
gone    CNAME  nothing.here
loop    CNAME  loop2
loop2   CNAME  loop
*.wild  TXT    "wild"
*.wild  MX     5 mail
x.y.wild A     192.0.2.3
*.walias CNAME mail
deep.down.under A 192.0.2.4
caa     CAA    0 issue "ca.example.net"
quoted  TXT    plain two words
a\.b    A      192.0.2.9
8bit    TXT    "\228\189\160"
; servfail broken
; timeout slow.example.org
; refused closed.example.org.
closed  TXT    "still here"
tobroken CNAME broken
; secure mail
; secure www.example.org.
`

func TestZoneLookup(t *testing.T) {
	t.Parallel()
	z := zone(t, world)
	for _, c := range []struct{ name, typ, want string }{
		{"example.org", "SOA", `NOERROR [ns1.example.org host\046master.example.org 1 7200 3600 1209600 86400]`},
		{"EXAMPLE.org.", "MX", "NOERROR [10 Mail.example.org] [0 .]"},
		{"example.org", "TXT", "NOERROR [v=spf1 -all] [a;b (c) \"q\" \\ ;\x7f]"},
		{"example.org", "A", "NOERROR"},
		{"org", "A", "NOERROR"},
		{".", "NS", "NOERROR"},
		{"mail.example.org", "AAAA", "NOERROR [2001:db8::1] AD"},
		{"mail.example.org", "TXT", "NOERROR AD"},
		{"_25._TCP.mail.example.org", "TLSA", "NOERROR [3 1 1 0a0b0c]"},
		{"_tcp.mail.example.org", "TLSA", "NOERROR"},
		{"_sip._tcp.example.org", "SRV", "NOERROR [1 2 5060 mail.example.org]"},
		{"old.example.org", "SPF", "NOERROR [v=spf1 ?all]"},
		{"www.example.org", "A", "NOERROR >Mail.example.org [192.0.2.1] AD"},
		{"www.example.org", "CNAME", "NOERROR [Mail.example.org] AD"},
		{"far.example.org", "A", "NOERROR >www.example.org >Mail.example.org [192.0.2.1]"},
		{"gone.example.org", "A", "NXDOMAIN >nothing.here.example.org"},
		{"loop.example.org", "A", "BAD-ANSWER"},
		{"foo.wild.example.org", "TXT", "NOERROR [wild]"},
		{"a.b.wild.example.org", "TXT", "NOERROR [wild]"},
		{"foo.wild.example.org", "A", "NOERROR"},
		{"*.wild.example.org", "TXT", "NOERROR [wild]"},
		{"y.wild.example.org", "TXT", "NOERROR"},
		{"z.y.wild.example.org", "TXT", "NXDOMAIN"},
		{"foo.walias.example.org", "A", "NOERROR >mail.example.org [192.0.2.1]"},
		{"down.under.example.org", "A", "NOERROR"},
		{"none.under.example.org", "A", "NXDOMAIN"},
		{"caa.example.org", "TXT", "NOERROR"},
		{"quoted.example.org", "TXT", "NOERROR [plaintwowords]"},
		{"8bit.example.org", "TXT", "NOERROR [\xe4\xbd\xa0]"},
		{"broken.example.org", "TXT", "SERVFAIL"},
		{"tobroken.example.org", "TXT", "SERVFAIL"},
		{"slow.example.org", "A", "TIMEOUT"},
		{"sub.slow.example.org", "A", "NXDOMAIN"},
		{"closed.example.org", "A", "REFUSED"},
		{"closed.example.org", "TXT", "NOERROR [still here]"},
		{"a..b", "A", "BAD-NAME"},
		{"a b.example.org", "A", "BAD-NAME"},
	} {
		if got := ask(t, z, c.name, dns.Type(c.typ)); got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.name, c.typ, got, c.want)
		}
	}
}

func TestZoneRecordsKeepWhatWasPublished(t *testing.T) {
	t.Parallel()
	z := zone(t, world)
	ans, _ := z.Lookup(t.Context(), "MAIL.example.org", dns.TypeA)
	if r := ans.Records[0]; r.Name != "Mail.example.org" || r.TTL != 5400 || ans.Source != dns.SourceZone {
		t.Errorf("%+v", ans)
	}
	ans, _ = z.Lookup(t.Context(), "example.org", dns.TypeTXT)
	if r := ans.Records[0]; r.TTL != 60 || len(r.Segments) != 2 || r.Segments[0] != "v=spf1 " {
		t.Errorf("%+v", r)
	}
	ans, _ = z.Lookup(t.Context(), "Foo.wild.example.org", dns.TypeTXT)
	if r := ans.Records[0]; r.Name != "Foo.wild.example.org" || ans.Wildcard != "*.wild.example.org" {
		t.Errorf("%+v", ans)
	}
}

func TestUnknownElsewhere(t *testing.T) {
	t.Parallel()
	z := zone(t, "; unknown-elsewhere\nexample.org. TXT x\n")
	for name, want := range map[string]string{
		"example.org": "NOERROR [x]", "org": "NOERROR", "sub.example.org": "NOT-RECORDED",
	} {
		if got := ask(t, z, name, dns.TypeTXT); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	z := dns.Merge(
		zone(t, "a.example. TXT one\na.example. TXT two\n; servfail s.example.\n"),
		zone(t, "a.example. TXT two\nb.example. CNAME a.example.\n; secure b.example.\n; secure a.example.\n"))
	for name, want := range map[string]string{
		"b.example": "NOERROR >a.example [one] [two] AD", "s.example": "SERVFAIL", "c.example": "NXDOMAIN",
	} {
		if got := ask(t, z, name, dns.TypeTXT); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestZoneErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a. A 1.2.3.4\n\nb. A 1.2.3\n":       "zone:3: A: ",
		"a. A (\n1.2.3.4\n\n":                "zone:1: parenthesis",
		"a. TXT \"open\n":                    "zone:1: quote",
		"a. TXT )\n":                         "zone:1: closing",
		" A 1.2.3.4\n":                       "zone:1: no owner",
		"a. A\n":                             "zone:1: A: no data",
		"a. WHAT x\n":                        "zone:1: unknown record type \"WHAT\"",
		"a. MX 10\n":                         "zone:1: MX: wrong number",
		"a. MX 65536 b.\n":                   "zone:1: MX: ",
		"a..b. A 1.2.3.4\n":                  "zone:1: owner",
		strings.Repeat("a", 64) + ". A ::\n": "zone:1: owner",
		"a. TXT \\300\n":                     "zone:1: TXT: bad escape",
		"a. AAAA 1.2.3.4\n":                  "zone:1: AAAA: ",
		"a. CNAME b.\na. CNAME c.\n":         "zone:2: a has two CNAME",
		"$INCLUDE /etc/passwd\n":             "zone:1: $INCLUDE is not supported",
		"$TTL x\n":                           "zone:1: \"x\" is not a TTL",
		"; servfail\n":                       "zone:1: the directive servfail takes one name",
		"; timeout a b\n":                    "zone:1: the directive timeout takes one name",
		"a. DNAME b.\n":                      "zone:1: unknown record type",
		"a. 99999999999 A 1.2.3.4\n":         "zone:1: unknown record type",
	} {
		_, err := dns.ParseZone(strings.NewReader(text), "zone")
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	long := "a. TXT " + strings.Repeat("x", 70000) + "\n"
	var many strings.Builder
	for i := range dns.MaxRecords + 1 {
		fmt.Fprintf(&many, "b. MX 1 h%d.\n", i)
	}
	z := zone(t, long+many.String())
	if got := ask(t, z, "a", dns.TypeTXT); got != "TOO-LARGE" {
		t.Error(got[:20])
	}
	if got := ask(t, z, "b", dns.TypeMX); got != "TOO-LARGE" {
		t.Error(got)
	}
}

func FuzzZone(f *testing.F) {
	f.Add(world)
	f.Add("; unknown-elsewhere\n@ TXT \"\" \\010 (\n a )\n\\@. SRV 1 2 3 \\..\n")
	f.Add("a. TYPE99 x\n\\$a CAA 0 issue \"x;y\"\r\n b\\032c IN 1d2h NS \\\"")
	f.Fuzz(func(t *testing.T, text string) {
		z, err := dns.ParseZone(strings.NewReader(text), "zone")
		if err != nil {
			return
		}
		again, err := dns.ParseZone(strings.NewReader(z.String()), "written")
		if err != nil {
			t.Fatalf("%v\n%s", err, z)
		}
		if again.String() != z.String() {
			t.Fatalf("not the same zone:\n%s---\n%s", z, again)
		}
	})
}
