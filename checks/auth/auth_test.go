// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/authres"

	"mailproof/check"
	"mailproof/check/checktest"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
	"mailproof/mailauth/dkim"
	"mailproof/mailauth/dkim/opinion"
	"mailproof/report"
	"mailproof/scoring"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	checktest.Texts(t, groups()[0])
}

// TestTextsWhereFixed: whatever offers a fix says what to do.
func TestTextsWhereFixed(t *testing.T) {
	t.Parallel()
	for _, w := range worlds(t) {
		for _, f := range checktest.Run(t, groups(), w.c).Findings {
			if (f.Status == finding.Warn || f.Status == finding.Fail) && f.Fix == nil {
				t.Errorf("%s: %s offers nothing", w.name, f.ID)
			}
			if len(f.Seen) == 0 && f.Status != finding.Skipped && !strings.HasSuffix(string(f.ID), ".not-observed") {
				t.Errorf("%s: %s quotes nothing", w.name, f.ID)
			}
		}
	}
}

type world struct {
	name  string
	c     checktest.Case
	want  []finding.ID // warn and fail, in order
	score int          // tenths, of this section alone
	fixes []finding.ID // those with a DNS fix
}

func with(c checktest.Case, old, new string) checktest.Case {
	if !strings.Contains(c.Zone, old) {
		panic("zone has no " + old)
	}
	c.Zone = strings.Replace(c.Zone, old, new, 1)
	return c
}

// worlds are deliveries with what they cost. Sums are those of the table of
// penalties: SPF 10 to 20, DKIM 15, DMARC 10 to 25, none of them 15 more.
func worlds(t testing.TB) []world {
	t.Helper()
	p := perfect(t)
	bare := checktest.Case{Zone: zoneMX, Message: letter, Session: session("ann@example.org")}
	spfOnly := checktest.Case{Zone: zoneMX + zoneSPF + zoneDMARC, Message: letter, Session: session("ann@example.org")}
	const strong = "v=spf1 ip4:198.51.100.7 -all"
	record := func(new string) checktest.Case { return with(p, strong, new) }
	policy := func(new string) checktest.Case { return with(p, "v=DMARC1; p=none; rua=mailto:d@example.org", new) }
	changed := p
	changed.Raw = []byte(strings.Replace(string(p.Raw), "noon", "one", 1))
	spoofed := checktest.Case{
		Zone:    zoneMX + zoneSPF + "_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:d@example.org\"\n",
		Message: letter, Session: session("eve@attacker.example"),
	}
	note := checktest.Case{
		Zone: zoneMX + "example.org. TXT \"v=spf1 ip4:198.51.100.7 ~all\"\n_dmarc.example.org. TXT \"v=DMARC1; p=quarantine; pct=5; rua=mailto:d@example.org\"\n" +
			keyLine(t, "example.org", "1024", "v=DKIM1; t=y; "),
		Raw: signed(t, "1024", "example.org"), Session: session("ann@example.org"),
	}
	null := p
	null.Session = session("")
	return []world{
		{name: "perfect", c: p, score: 100},
		{name: "no authentication at all", c: bare, want: ids("spf.none dkim.none dmarc.missing auth.none"), score: 40, fixes: ids("spf.none")},
		{name: "SPF alone", c: spfOnly, want: ids("dkim.none"), score: 85},
		{name: "spoofed under reject", c: spoofed, want: ids("spf.none dkim.none dmarc.fail-reject auth.none"), score: 20, fixes: ids("spf.none")},
		{name: "the set-up of note 003", c: note, want: ids("dkim.key-1024 dkim.testing dmarc.pct"), score: 94, fixes: ids("dkim.testing dmarc.pct")},
		{name: "SPF fail", c: record("v=spf1 ip4:203.0.113.1 -all"), want: ids("spf.fail"), score: 80, fixes: ids("spf.fail")},
		{name: "SPF softfail", c: record("v=spf1 mx:other.example ~all"), want: ids("spf.softfail"), score: 85, fixes: ids("spf.softfail")},
		{name: "SPF neutral", c: record("v=spf1 ip4:203.0.113.1 ?all"), want: ids("spf.neutral"), score: 90, fixes: ids("spf.neutral")},
		{name: "SPF without ending", c: record("v=spf1 ip4:198.51.100.7"), want: ids("spf.no-all"), score: 98, fixes: ids("spf.no-all")},
		{name: "SPF for everybody", c: record("v=spf1 +all"), want: ids("spf.plusall"), score: 60, fixes: ids("spf.plusall")},
		{name: "SPF unknown mechanism", c: record("v=spf1 ip:198.51.100.7 ip4:203.0.113.1 -all"), want: ids("spf.permerror"), score: 85, fixes: ids("spf.permerror")},
		{name: "SPF includes nothing", c: record("v=spf1 include:nothing.example ~all"), want: ids("spf.permerror"), score: 85, fixes: ids("spf.permerror")},
		{name: "SPF wide and ptr", c: record("v=spf1 ip4:198.0.0.0/8 ptr ~all"), want: ids("spf.ptr spf.wide"), score: 96},
		{name: "two SPF records", c: with(p, zoneSPF, zoneSPF+"example.org. TXT \"v=spf1 ip4:203.0.113.1 ~all\"\n"), want: ids("spf.two-records"), score: 85, fixes: ids("spf.two-records")},
		{name: "SPF missing", c: with(p, zoneSPF, ""), want: ids("spf.none"), score: 90, fixes: ids("spf.none")},
		{name: "null sender", c: with(null, "mail.example.org. A", "mail.example.org. TXT \"v=spf1 a -all\"\nmail.example.org. A"), score: 100},
		{name: "HELO refuses", c: with(p, "mail.example.org. A", "mail.example.org. TXT \"v=spf1 -all\"\nmail.example.org. A"), want: ids("spf.helo.fail"), score: 98, fixes: ids("spf.helo.fail")},
		{name: "body changed", c: changed, want: ids("dkim.body-changed"), score: 85},
		{name: "key missing", c: with(p, "s._domainkey", "x._domainkey"), want: ids("dkim.key-missing"), score: 85},
		{name: "comma in the key", c: with(p, "v=DKIM1; p=", "v=DKIM1,p="), want: ids("dkim.key-damaged"), score: 85, fixes: ids("dkim.key-damaged")},
		{name: "DMARC missing", c: with(p, zoneDMARC, ""), want: ids("dmarc.missing"), score: 90, fixes: ids("dmarc.missing")},
		{name: "DMARC with a comma", c: policy("v=DMARC1, p=reject"), want: ids("dmarc.invalid"), score: 90, fixes: ids("dmarc.invalid")},
		{name: "DMARC without policy", c: policy("v=DMARC1; sp=none"), want: ids("dmarc.invalid"), score: 90, fixes: ids("dmarc.invalid")},
		{name: "two DMARC records", c: with(p, zoneDMARC, zoneDMARC+"_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n"), want: ids("dmarc.multiple"), score: 90, fixes: ids("dmarc.multiple")},
		{name: "DMARC without reports", c: policy("v=DMARC1; p=none"), want: ids("dmarc.no-rua"), score: 98, fixes: ids("dmarc.no-rua")},
		{name: "reports to a stranger", c: with(policy("v=DMARC1; p=none; rua=mailto:a@qq.example"), zoneMX, zoneMX+"qq.example. MX 10 mx.qq.example.\n"), want: ids("dmarc.rua-unauthorized"), score: 99},
		{name: "reports to nobody", c: policy("v=DMARC1; p=none; rua=mailto:a@dead.example"), want: ids("dmarc.rua-unreachable"), score: 99},
	}
}

func ids(s string) []finding.ID {
	var out []finding.ID
	for f := range strings.FieldsSeq(s) {
		out = append(out, finding.ID(f))
	}
	return out
}

// TestWorlds: what each delivery is charged with, and the score that comes of it.
func TestWorlds(t *testing.T) {
	t.Parallel()
	for _, w := range worlds(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			res := checktest.Run(t, groups(), w.c)
			var got []finding.ID
			for _, f := range res.Findings {
				if f.Status == finding.Warn || f.Status == finding.Fail {
					got = append(got, f.ID)
				}
				if f.Status == finding.Unknown {
					t.Errorf("unknown: %s %v", f.ID, f.Params)
				}
			}
			if !slices.Equal(got, w.want) {
				t.Errorf("got %v, want %v", got, w.want)
			}
			score, _ := scoring.Compute(scoring.DefaultPolicy(), res.Findings, res.Ran)
			if score.Tenths != w.score {
				t.Errorf("score %d, want %d", score.Tenths, w.score)
			}
		})
	}
}

// TestFixes: every record offered is offered where expected and proves itself.
func TestFixes(t *testing.T) {
	t.Parallel()
	for _, w := range worlds(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			var got []finding.ID
			for _, f := range checktest.Run(t, groups(), w.c).Findings {
				if f.Fix != nil && len(f.Fix.DNS) > 0 {
					got = append(got, f.ID)
				}
			}
			if !slices.Equal(got, w.fixes) {
				t.Errorf("records for %v, want %v", got, w.fixes)
			}
			for _, id := range w.fixes {
				checktest.FixRemoves(t, groups(), w.c, id)
			}
		})
	}
}

// TestSilence: no question without an answer makes anything worse.
func TestSilence(t *testing.T) {
	t.Parallel()
	for _, w := range worlds(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			checktest.EveryLookupFails(t, groups(), w.c)
		})
	}
}

// TestFailedBeside: a failed signature beside the author's own good one is no
// trouble; a failed one of the author beside a stranger's good one is.
func TestFailedBeside(t *testing.T) {
	t.Parallel()
	c := perfect(t)
	c.Raw = signed(t, "2048", "example.org", "esp.example")
	checktest.Want(t, checktest.Run(t, groups(), c), "dkim", "dkim.also-failed esp.example/s", "dkim.pass example.org/s")
	c = with(c, "s._domainkey.example.org", "s._domainkey.esp.example")
	checktest.Want(t, checktest.Run(t, groups(), c), "dkim", "dkim.pass esp.example/s", "dkim.key-missing example.org/s")
}

// TestUnobserved: without a client nothing is guessed.
func TestUnobserved(t *testing.T) {
	t.Parallel()
	c := perfect(t)
	c.Session = evidence.Session{}
	res := checktest.Run(t, groups(), c)
	checktest.Want(t, res, "spf", "spf.not-observed")
	checktest.Want(t, res, "dmarc", "dmarc.pass example.org")
	c.Raw = checktest.CRLF(letter)
	res = checktest.Run(t, groups(), c)
	checktest.Want(t, res, "dmarc", "dmarc.temperror example.org")
	checktest.Want(t, res, "auth", "auth.undecided")
}

// TestAuthors: several From domains are each judged, none at all is not.
func TestAuthors(t *testing.T) {
	t.Parallel()
	c := perfect(t)
	c.Zone += "_dmarc.bank.example. TXT \"v=DMARC1; p=reject; rua=mailto:a@bank.example\"\nbank.example. MX 10 mx.bank.example.\n"
	c.Raw = append(checktest.CRLF("From: <ceo@bank.example>\n"), c.Raw...)
	checktest.Want(t, checktest.Run(t, groups(), c), "dmarc", "dmarc.fail-reject bank.example", "dmarc.pass example.org")
	c.Raw = checktest.CRLF("Subject: x\n\nx\n")
	checktest.Want(t, checktest.Run(t, groups(), c), "dmarc", "dmarc.no-author")
}

func TestMisplaced(t *testing.T) {
	t.Parallel()
	c := with(perfect(t), "_dmarc.example.org.", "example.org.")
	checktest.Want(t, checktest.Run(t, groups(), c), "dmarc", "dmarc.missing example.org", "dmarc.misplaced example.org")
}

// TestSubdomain: the record goes where old and new receivers find it.
func TestSubdomain(t *testing.T) {
	t.Parallel()
	c := checktest.Case{
		Zone:    zoneMX + "news.example.org. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n",
		Message: strings.Replace(letter, "ann@example.org", "ann@news.example.org", 1), Session: session("ann@news.example.org"),
	}
	f := checktest.Find(t, checktest.Run(t, groups(), c), "dmarc.missing")
	want := dns.Change{Action: dns.Add, Name: "_dmarc.example.org", Type: dns.TypeTXT, TTL: ttl, Value: "v=DMARC1; p=none; rua=mailto:postmaster@example.org", By: dns.ByDomain}
	if f.Fix == nil || len(f.Fix.DNS) != 1 || f.Fix.DNS[0] != want {
		t.Errorf("got %+v, want %+v", f.Fix, want)
	}
	checktest.FixRemoves(t, groups(), c, "dmarc.missing")
}

// TestDescribe: the part of the report, and the line that a receiver writes,
// read back by another program.
func TestDescribe(t *testing.T) {
	t.Parallel()
	c := perfect(t)
	c = with(c, "v=spf1 ip4:198.51.100.7", "v=spf1 include:inc.example.org")
	c.Zone += "inc.example.org. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
	var rep report.Report
	checktest.Run(t, groups(), c).Describe(context.Background(), &rep)
	a := rep.Authentication
	switch {
	case a.SPF == nil || a.SPF.Result != "pass" || a.SPF.Trace.Terms[0].Child == nil || a.SPFHelo == nil:
		t.Errorf("SPF %+v", a.SPF)
	case len(a.DKIM) != 1 || a.DKIM[0].Result != "pass" || a.DKIM[0].KeyBits != 2048 || a.DKIM[0].Record == "":
		t.Errorf("DKIM %+v", a.DKIM)
	case a.DMARC.Result != "pass" || !a.DMARC.Alignment.SPF.Aligned || !a.DMARC.Alignment.DKIM.Aligned || a.DMARC.Policy != "none" || a.DMARC.RFC7489.Result != "pass":
		t.Errorf("DMARC %+v", a.DMARC)
	}
	identity, results, err := authres.Parse(a.Header)
	if err != nil || identity != "mx.receiver.example" || len(results) != 3 {
		t.Fatalf("header %q: %s %v %v", a.Header, identity, results, err)
	}
	if r, ok := results[2].(*authres.DMARCResult); !ok || r.Value != authres.ResultPass || r.From != "example.org" {
		t.Errorf("DMARC in %q: %+v", a.Header, results[2])
	}
}

// TestHeaderInjection: nothing in a mail adds a result to the line.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	c := perfect(t)
	c.Session.MailFrom = "a\"; dmarc=pass header.from=x (@example.org"
	c.Session.Helo = "x; dkim=pass\r\nX: y"
	var rep report.Report
	checktest.Run(t, groups(), c).Describe(context.Background(), &rep)
	_, results, err := authres.Parse(rep.Authentication.Header)
	if err != nil || len(results) != 3 || strings.ContainsAny(rep.Authentication.Header, "\r\n") {
		t.Errorf("%q: %d results, %v", rep.Authentication.Header, len(results), err)
	}
}

// TestOpinion: a difference is counted and changes nothing.
func TestOpinion(t *testing.T) {
	t.Parallel()
	var differences []string
	g := Group(Config{
		Opinion: func(_ context.Context, _ dns.Resolver, _ []byte, ours []dkim.Verdict) (bool, []string) {
			return true, []string{"other says fail, we say " + string(ours[0].Result)}
		},
		Differs: func(d string) { differences = append(differences, d) },
	})
	res := checktest.Run(t, []check.Group{g}, perfect(t))
	checktest.Want(t, res, "dkim", "dkim.pass example.org/s")
	if len(differences) != 1 {
		t.Errorf("got %v", differences)
	}
	real := Group(Config{Opinion: opinion.SecondOpinion, Differs: func(d string) { t.Errorf("go-msgauth: %s", d) }})
	for _, w := range worlds(t) {
		checktest.Run(t, []check.Group{real}, w.c)
	}
}

// TestPrivateClient: an address that nobody else sees is not published.
func TestPrivateClient(t *testing.T) {
	t.Parallel()
	c := with(perfect(t), zoneSPF, "")
	for _, ip := range []string{"127.0.0.1", "10.0.0.1", "fe80::1"} {
		c.Session.ClientIP = mustIP(ip)
		if f := checktest.Find(t, checktest.Run(t, groups(), c), "spf.none"); f.Fix == nil || len(f.Fix.DNS) > 0 {
			t.Errorf("%s: %+v", ip, f.Fix)
		}
	}
}
