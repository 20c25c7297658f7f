// SPDX-License-Identifier: MIT

package dmarc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// ids reads "example.org=pass other.net=fail" as identities.
func ids(text string) []Identity {
	var out []Identity
	for f := range strings.FieldsSeq(text) {
		domain, result, _ := strings.Cut(f, "=")
		out = append(out, Identity{Domain: domain, Result: result})
	}
	return out
}

// TestEvaluate states a zone and a mail, and what RFC 9989 makes of it:
// "result policy disposition@policy-domain place org".
func TestEvaluate(t *testing.T) {
	t.Parallel()
	const reject = "_dmarc.example.org v=DMARC1; p=reject\n"
	for _, c := range []struct {
		name, zone, from, spf, dkim, want string
	}{
		{"aligned SPF", reject, "example.org", "example.org=pass", "", "pass reject none@example.org author example.org"},
		{"aligned DKIM alone", reject, "example.org", "other.net=pass", "example.org=pass", "pass reject none@example.org author example.org"},
		{"relaxed by subdomain", reject, "example.org", "bounce.example.org=pass", "", "pass reject none@example.org author example.org"},
		{"relaxed by sibling", reject + "a.example.org A 192.0.2.1\n", "a.example.org", "b.example.org=pass", "", "pass reject none@example.org organizational example.org"},
		{"case and final dot do not matter", reject, "EXAMPLE.org.", "", "Example.ORG=pass", "pass reject none@example.org author example.org"},
		{"unaligned pass is no pass", reject, "example.org", "other.net=pass", "other.net=pass", "fail reject reject@example.org author example.org"},
		{"a domain that only ends alike", reject, "example.org", "badexample.org=pass", "", "fail reject reject@example.org author example.org"},
		{"nothing passes", reject, "example.org", "example.org=fail", "example.org=permerror", "fail reject reject@example.org author example.org"},
		{"strict SPF", "_dmarc.example.org v=DMARC1; p=reject; aspf=s", "example.org", "a.example.org=pass", "", "fail reject reject@example.org author example.org"},
		{"strict DKIM does not touch SPF", "_dmarc.example.org v=DMARC1; p=reject; adkim=s", "example.org", "a.example.org=pass", "a.example.org=pass", "pass reject none@example.org author example.org"},
		{"no record", "example.org A 192.0.2.1", "example.org", "example.org=pass", "", "none  none@  example.org"},
		{"p=none", "_dmarc.example.org v=DMARC1; p=none", "example.org", "", "", "fail none none@example.org author example.org"},
		{"quarantine", "_dmarc.example.org v=DMARC1; p=quarantine", "example.org", "", "", "fail quarantine quarantine@example.org author example.org"},
		{"t=y lowers reject", "_dmarc.example.org v=DMARC1; p=reject; t=y", "example.org", "", "", "fail quarantine quarantine@example.org author example.org"},
		{"t=y lowers quarantine", "_dmarc.example.org v=DMARC1; p=quarantine; t=y", "example.org", "", "", "fail none none@example.org author example.org"},
		{"pct is ignored", "_dmarc.example.org v=DMARC1; p=reject; pct=0", "example.org", "", "", "fail reject reject@example.org author example.org"},
		{"sp for a name that exists", "_dmarc.example.org v=DMARC1; p=reject; sp=quarantine; np=none\na.example.org A 192.0.2.1", "a.example.org", "", "", "fail quarantine quarantine@example.org organizational example.org"},
		{"np for one that does not", "_dmarc.example.org v=DMARC1; p=none; sp=quarantine; np=reject\nexample.org A 192.0.2.1", "a.example.org", "", "", "fail reject reject@example.org organizational example.org"},
		{"np falls back to sp", "_dmarc.example.org v=DMARC1; p=none; sp=quarantine", "a.example.org", "", "", "fail quarantine quarantine@example.org organizational example.org"},
		{"sp falls back to p", "_dmarc.example.org v=DMARC1; p=quarantine", "a.example.org", "", "", "fail quarantine quarantine@example.org organizational example.org"},
		{"sp is not for the author's own record", "_dmarc.example.org v=DMARC1; p=none; sp=reject", "example.org", "", "", "fail none none@example.org author example.org"},
		{"two records are none", reject + "_dmarc.example.org v=DMARC1; p=none", "example.org", "", "", "none  none@  example.org"},
		{"two below, one above: the walk goes on", reject + "_dmarc.a.example.org v=DMARC1; p=none\n_dmarc.a.example.org v=DMARC1; p=quarantine\na.example.org A 192.0.2.1", "a.example.org", "", "", "fail reject reject@example.org organizational example.org"},
		{"other TXT records do not count", reject + "_dmarc.example.org hello\n_dmarc.example.org v=spf1 -all", "example.org", "", "", "fail reject reject@example.org author example.org"},
		{"an ordinary record does not stop the walk", reject + "_dmarc.a.example.org v=DMARC1; p=none", "a.example.org", "b.example.org=pass", "", "pass none none@a.example.org author example.org"},
		{"psd=n ends it", reject + "_dmarc.a.example.org v=DMARC1; p=none; psd=n", "a.example.org", "b.example.org=pass", "", "fail none none@a.example.org author a.example.org"},
		{"psd=n of the organization above", "_dmarc.org v=DMARC1; p=reject\n_dmarc.example.org v=DMARC1; p=none; psd=n\nx.example.org A 192.0.2.1", "x.example.org", "example.org=pass", "", "pass none none@example.org organizational example.org"},
		{"psd=y: the organization is one below", "_dmarc.bank v=DMARC1; p=reject; psd=y; np=reject\nmybank.bank A 192.0.2.1\na.mybank.bank A 192.0.2.1", "a.mybank.bank", "b.mybank.bank=pass", "", "pass reject none@bank public-suffix mybank.bank"},
		{"psd=y does not align its children", "_dmarc.bank v=DMARC1; p=reject; psd=y\none.bank A 192.0.2.1", "one.bank", "two.bank=pass", "", "fail reject reject@bank public-suffix one.bank"},
		{"psd=y at the author domain itself", "_dmarc.gov.x v=DMARC1; p=reject; psd=y", "gov.x", "gov.x=pass", "", "pass reject none@gov.x author gov.x"},
		{"a record at the top without psd joins all below", "_dmarc.org v=DMARC1; p=quarantine\nexample.org A 192.0.2.1", "example.org", "other.org=pass", "", "pass quarantine none@org organizational org"},
		{"missing p with rua is none", "_dmarc.example.org v=DMARC1; rua=mailto:a@example.org", "example.org", "", "", "fail none none@example.org author example.org"},
		{"missing p without rua is nothing", "_dmarc.example.org v=DMARC1; sp=reject", "example.org", "example.org=pass", "", "permerror  none@example.org author example.org"},
		{"wrong sp with rua is none", "_dmarc.example.org v=DMARC1; p=reject; sp=no; rua=mailto:a@example.org", "example.org", "", "", "fail none none@example.org author example.org"},
		{"wrong p with a bad rua", "_dmarc.example.org v=DMARC1; p=block; rua=postmaster", "example.org", "", "", "permerror  none@example.org author example.org"},
		{"record of a vendor by CNAME", "_dmarc.example.org CNAME example.org.vendor.net\nexample.org.vendor.net v=DMARC1; p=reject", "example.org", "", "", "fail reject reject@example.org author example.org"},
		{"own record unknown", "_dmarc.a.example.org !SERVFAIL\n" + reject, "a.example.org", "a.example.org=pass", "", "temperror  none@  "},
		{"record above unknown", "_dmarc.example.org !TIMEOUT\na.example.org A 192.0.2.1", "a.example.org", "", "", "temperror  none@  "},
		{"equal names need no walk", reject + "_dmarc.org !SERVFAIL", "example.org", "example.org=pass", "", "pass reject none@example.org author "},
		{"relaxed needs it", reject + "_dmarc.org !SERVFAIL", "example.org", "a.example.org=pass", "", "temperror reject none@example.org author "},
		{"a stranger's top level does not matter", reject + "_dmarc.org !SERVFAIL", "example.org", "other.net=pass", "", "fail reject reject@example.org author "},
		{"the identity's walk unknown", reject + "_dmarc.a.example.org !TIMEOUT", "example.org", "a.example.org=pass", "", "temperror reject none@example.org author example.org"},
		{"SPF undecided and aligned", reject, "example.org", "example.org=temperror", "other.net=pass", "temperror reject none@example.org author example.org"},
		{"SPF undecided and not aligned", reject, "example.org", "other.net=temperror", "", "fail reject reject@example.org author example.org"},
		{"SPF undecided, DKIM decides", reject, "example.org", "example.org=temperror", "example.org=pass", "pass reject none@example.org author example.org"},
		{"whether the name exists unknown", "_dmarc.example.org v=DMARC1; p=none; np=reject\na.example.org !SERVFAIL", "a.example.org", "", "", "temperror  none@example.org organizational example.org"},
		{"and it does not matter for a pass", "_dmarc.example.org v=DMARC1; p=none; np=reject\na.example.org !SERVFAIL", "a.example.org", "example.org=pass", "", "pass  none@example.org organizational example.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := Evaluate(t.Context(), newWorld(t, c.zone), Input{From: []string{c.from}, SPF: ids(c.spf), DKIM: ids(c.dkim)})
			a := v.Author()
			got := fmt.Sprintf("%s %s %s@%s %s %s", v.Result, a.Policy, a.Disposition, a.Discovery.PolicyDomain, a.Discovery.Place, a.Discovery.Org)
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if (v.Result == TempError) != (a.Undecided != nil) && !strings.Contains(c.spf, "temperror") {
				t.Errorf("result %s but undecided by %v", v.Result, a.Undecided)
			}
		})
	}
}

// TestLegacy: the cases in which RFC 7489 comes to another end, and one in
// which it does not.
func TestLegacy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, from, spf, want string
	}{
		{"the same", "_dmarc.example.org v=DMARC1; p=reject", "example.org", "a.example.org=pass", "pass reject example.org false"},
		{"two records end its discovery", "_dmarc.example.org v=DMARC1; p=reject\n_dmarc.a.example.org v=DMARC1; p=none\n_dmarc.a.example.org v=DMARC1; p=none", "a.example.org", "", "none  a.example.org true"},
		{"it does not look between", "_dmarc.b.example.org v=DMARC1; p=reject", "a.b.example.org", "", "none   true"},
		{"a parent without a record aligns", "_dmarc.a.example.org v=DMARC1; p=reject", "a.example.org", "example.org=pass", "pass reject a.example.org true"},
		{"private suffixes keep apart", "_dmarc.one.github.io v=DMARC1; p=reject\n_dmarc.github.io v=DMARC1; p=none", "one.github.io", "two.github.io=pass", "fail reject one.github.io true"},
		{"pct=0 lowers", "_dmarc.example.org v=DMARC1; p=reject; pct=0", "example.org", "", "fail reject example.org true"},
		{"t means nothing", "_dmarc.example.org v=DMARC1; p=reject; t=y", "example.org", "", "fail reject example.org true"},
		{"unknown differs from nothing", "_dmarc.example.org !TIMEOUT", "example.org", "", "temperror   false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := Evaluate(t.Context(), newWorld(t, c.zone), Input{From: []string{c.from}, SPF: ids(c.spf)})
			l := v.Author().Legacy
			if got := fmt.Sprintf("%s %s %s %t", l.Result, l.Policy, l.PolicyDomain, l.Differs); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestSeveralAuthors: each is evaluated, none is chosen, and only a pass of
// all is a pass.
func TestSeveralAuthors(t *testing.T) {
	t.Parallel()
	zone := "_dmarc.example.org v=DMARC1; p=none\n_dmarc.bank.example v=DMARC1; p=reject\n_dmarc.slow.example !TIMEOUT\n"
	for _, c := range []struct {
		from string
		want string
	}{
		{"example.org", "pass example.org"},
		{"example.org example.org. EXAMPLE.ORG", "pass example.org"},
		{"example.org bank.example", "fail bank.example"},
		{"bank.example example.org", "fail bank.example"},
		{"bank.example slow.example", "temperror slow.example"},
		{"example.org nothing.example", "none nothing.example"},
		{"example.org bad@name", "permerror bad@name"},
		{"", "none -"},
	} {
		v := Evaluate(t.Context(), newWorld(t, zone), Input{From: strings.Fields(c.from), DKIM: ids("example.org=pass")})
		who := "-"
		if a := v.Author(); a != nil {
			who = a.Domain
		}
		if got := string(v.Result) + " " + who; got != c.want {
			t.Errorf("From %q: got %q, want %q", c.from, got, c.want)
		}
	}
}

// TestOrgDomain are the walks of RFC 9989 §4.10.2.
func TestOrgDomain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, domain, want string }{
		{"no record: itself", "", "a.b.example.org", "a.b.example.org"},
		{"fewest labels", "_dmarc.mail.example.com v=DMARC1; p=none\n_dmarc.example.com v=DMARC1; p=none", "a.mail.example.com", "example.com"},
		{"psd=n first", "_dmarc.mail.example.com v=DMARC1; p=none; psd=n\n_dmarc.example.com v=DMARC1; p=none", "a.mail.example.com", "mail.example.com"},
		{"psd=y: one below", "_dmarc.com v=DMARC1; p=none; psd=y", "a.mail.example.com", "example.com"},
		{"psd=y at the start", "_dmarc.com v=DMARC1; p=none; psd=y", "com", "com"},
		{"psd=u is ordinary", "_dmarc.example.com v=DMARC1; p=none; psd=u\n_dmarc.com v=DMARC1; p=none", "example.com", "com"},
		{"beyond eight labels", "_dmarc.c.d.e.f.g.h.i v=DMARC1; p=none", "a.b.c.d.e.f.g.h.i", "c.d.e.f.g.h.i"},
		{"labels that are jumped over", "_dmarc.b.c.d.e.f.g.h.i v=DMARC1; p=none", "a.b.c.d.e.f.g.h.i", "a.b.c.d.e.f.g.h.i"},
		{"not a name", "", "a..b", "a..b"},
	} {
		got, err := OrgDomain(t.Context(), newWorld(t, c.zone), c.domain)
		if got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if org, err := OrgDomain(t.Context(), newWorld(t, "_dmarc.org !SERVFAIL"), "example.org"); org != "" || err == nil {
		t.Errorf("undecided: got %q, %v", org, err)
	}
}

// TestHostileNames: no name makes us ask more than the walk allows.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a.", 126) + "a"
	for _, c := range []struct {
		name string
		in   Input
		max  int
	}{
		{"127 labels", Input{From: []string{long}}, maxWalk},
		{"eight labels", Input{From: []string{"a.b.c.d.e.f.g.h"}}, maxWalk},
		{"names that are none", Input{From: []string{"", ".", "a..b", "x\x00.org", "a b.org", "../etc", "[192.0.2.1]", "192.0.2.1", "d=a.com(.legit.com)", strings.Repeat("a", 64) + ".org"}}, 0},
		{"identities that are none", Input{From: []string{"example.org"}, SPF: ids("x\x00.example.org=pass ..=pass"), DKIM: ids("=pass")}, 2},
		{"500 strangers", Input{From: []string{"example.org"}, DKIM: strangers(500)}, 2},
		{"the same domain 500 times", Input{From: slices.Repeat([]string{"example.org"}, 500)}, 2},
		{"own subdomains ten times", Input{From: []string{"example.org"}, DKIM: ids("a.example.org=pass b.example.org=pass")}, 4},
	} {
		w := newWorld(t, "_dmarc.example.org v=DMARC1; p=reject")
		Evaluate(t.Context(), w, c.in)
		if len(w.asked) > c.max {
			t.Errorf("%s: %d questions, at most %d: %v", c.name, len(w.asked), c.max, w.asked)
		}
	}
}

func strangers(n int) []Identity {
	var out []Identity
	for i := range n {
		out = append(out, Identity{Domain: fmt.Sprintf("a.b.c.d.e.f.g.stranger%d.net", i), Result: "pass"})
	}
	return out
}

func TestDelegation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "_dmarc.example.org CNAME a.vendor.net\na.vendor.net CNAME b.vendor.net\nb.vendor.net v=DMARC1; p=reject")
	d := Discover(t.Context(), w, "example.org")
	if want := []string{"a.vendor.net", "b.vendor.net"}; !slices.Equal(d.CNAMEs, want) || d.PolicyDomain != "example.org" {
		t.Errorf("got %v at %s, want %v", d.CNAMEs, d.PolicyDomain, want)
	}
}

func TestMisplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "example.org v=spf1 -all\nexample.org v=DMARC1; p=none\ndmarc.example.org v=DMARC1; p=none\n_dmarc.example.org.example.org v=DMARC1; p=reject")
	var got []string
	for _, m := range FindMisplaced(t.Context(), w, "example.org") {
		got = append(got, m.Name)
	}
	want := []string{"example.org", "dmarc.example.org", "_dmarc.example.org.example.org"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReportHosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `
_dmarc.example.org v=DMARC1; p=none; rua=mailto:a@example.org,mailto:b@sub.example.org,mailto:c@vendor.net,mailto:d@qq.example; ruf=mailto:e@vendor.net,mailto:f@dead.example,mailto:g@null.example,mailto:h@slow.example,https://x.example/
example.org MX 10 mx.example.org
sub.example.org A 192.0.2.1
vendor.net MX 10 mx.vendor.net
example.org._report._dmarc.vendor.net v=DMARC1;
qq.example MX 10 mx.qq.example
null.example MX 0 .
example.org._report._dmarc.slow.example !TIMEOUT
slow.example !SERVFAIL
`)
	var got []string
	for _, h := range ReportHosts(t.Context(), w, Discover(t.Context(), w, "example.org")) {
		got = append(got, fmt.Sprint(h.Host, h.Tags, h.External, h.Authorized, h.Receives, len(h.Errors)))
	}
	want := []string{
		"example.org[rua] false 2 2 0", "sub.example.org[rua] false 2 2 0", "vendor.net[rua ruf] true 2 2 0",
		"qq.example[rua] true 1 2 0", "dead.example[ruf] true 1 1 0", "null.example[ruf] true 1 1 0", "slow.example[ruf] true 0 0 2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPublicSuffix(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"com": true, "co.uk": true, "CO.UK.": true, "example.com": false, "github.io": true, "unknown-tld": false} {
		if IsPublicSuffix(name) != want {
			t.Errorf("%s: got %t", name, !want)
		}
	}
}
