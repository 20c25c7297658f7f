// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mailproof/analysis"
	"mailproof/checks"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
	"mailproof/rbl"
	"mailproof/render"
	"mailproof/report"
	"mailproof/text"
)

// attackZone: good.test does everything right and its mail comes from
// 192.0.2.1; victim.test is what a forger wants to be taken for.
const attackZone = `
good.test. 60 TXT "v=spf1 ip4:192.0.2.1 -all"
good.test. 60 MX 10 mx.good.test.
mx.good.test. 60 A 192.0.2.1
_dmarc.good.test. 60 TXT "v=DMARC1; p=reject; rua=mailto:d@good.test"
victim.test. 60 TXT "v=spf1 -all"
_dmarc.victim.test. 60 TXT "v=DMARC1; p=none"
1.2.0.192.in-addr.arpa. 60 PTR mx.good.test.
`

var attackNow = time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC)

// attacked analyses a raw message from good.test's host in a world.
func attacked(t testing.TB, world dns.Resolver, raw string) report.Report {
	t.Helper()
	a := analyzer(world, checks.Config{RBL: rbl.Config{ClosedWorld: true}}, slog.New(slog.DiscardHandler), 0, func(where string, err error) {
		t.Errorf("%s crashed: %v\n%q", where, err, raw[:min(len(raw), 2000)])
	})
	ev := evidence.Evidence{Raw: []byte(raw), ReceivedAt: attackNow, Receiver: "mx.test", Session: evidence.Session{
		ClientIP: netip.MustParseAddr("192.0.2.1"), ClientPort: 25, Helo: "mx.good.test", EHLO: true,
		MailFrom: "a@good.test", HasMailFrom: true, TLSKnown: true,
	}}
	return a.Analyze(context.Background(), analysis.Job{Evidence: ev})
}

func attackWorld(t testing.TB, zone string) *dns.Zone {
	t.Helper()
	z, err := dns.ParseZone(strings.NewReader(zone), "attack")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

const attackRest = "To: b@mx.test\r\nSubject: hi\r\nDate: Sat, 21 Nov 2026 05:00:00 +0000\r\nMessage-ID: <1@good.test>\r\n\r\nhello\r\n"

// TestAttackCompositionKills: headers that show readers another sender than
// the one a verifier picks. DMARC must never pass for a silently chosen author,
// and each trick must be named.
func TestAttackCompositionKills(t *testing.T) {
	t.Parallel()
	many := ""
	for _, c := range "abcdefgh" {
		many += "x@" + string(c) + ".good.test, "
	}
	for name, c := range map[string]struct {
		header string
		says   finding.ID
		passes bool // DMARC: the one sender there is has been checked
	}{
		"control":                {"From: a@good.test\r\n", "from.pass", true},
		"two From, forged first": {"From: a@victim.test\r\nFrom: a@good.test\r\n", "from.multiple", false},
		"two From, forged last":  {"From: a@good.test\r\nFrom: a@victim.test\r\n", "from.multiple", false},
		"two addresses":          {"From: a@good.test, a@victim.test\r\n", "from.several-addresses", false},
		"group":                  {"From: g: a@good.test, a@victim.test;\r\n", "from.several-addresses", false},
		"nine domains":           {"From: " + many + "a@victim.test\r\n", "from.several-addresses", false},
		"junk behind":            {"From: <a@good.test> <a@victim.test>\r\n", "from.unparseable", false},
		"junk before":            {"From: <a@victim.test <a@good.test>\r\n", "from.unparseable", false},
		"NUL in the domain":      {"From: a@good.test\x00.victim.test\r\n", "from.unparseable", false},
		"NUL in the name":        {"From\x00: a@victim.test\r\nFrom: a@good.test\r\n", "from.hidden", false},
		"8-bit in the name":      {"From\xa0: a@victim.test\r\nFrom: a@good.test\r\n", "from.hidden", false},
		"first of all, spaced":   {"From : a@victim.test\r\nFrom: a@good.test\r\n", "from.hidden", false},
		"space before colon":     {"X: y\r\nFrom : a@victim.test\r\nFrom: a@good.test\r\n", "from.multiple", false},
		"folded before colon":    {"From\r\n : a@victim.test\r\nFrom: a@good.test\r\n", "from.hidden", false},
		"folded first line":      {" From: a@victim.test\r\nFrom: a@good.test\r\n", "from.hidden", false},
		"lone CR":                {"X: y\rFrom: a@victim.test\r\nFrom: a@good.test\r\n", "from.hidden", false},
		"lone CR in From":        {"From: a@good.test\rFrom: a@victim.test\r\n", "from.hidden", false},
		"bare LF":                {"From: a@good.test\r\nX: y\nFrom: a@victim.test\r\n", "from.multiple", false},
		"beyond the field cap":   {"From: a@good.test\r\n" + strings.Repeat("X:\r\n", 2100) + "From: a@victim.test\r\n", "from.hidden", false},
		"beyond the size cap":    {"From: a@good.test\r\nX: " + strings.Repeat("x", 300<<10) + "\r\nFrom: a@victim.test\r\n", "from.hidden", false},
		"behind a blank fold":    {"From: a@good.test\r\n \r\nFrom: a@victim.test\r\n", "from.multiple", false},
		"comment after domain":   {"From: a@good.test(.victim.test)\r\n", "from.odd-form", true},
		"comment inside":         {"From: a@(x)good.test\r\n", "from.odd-form", true},
		"route":                  {"From: <@victim.test,@x.test:a@good.test>\r\n", "from.odd-form", true},
		"quoted at":              {"From: \"a@victim.test,\"@good.test\r\n", "from.odd-form", true},
		"quoted pair":            {"From: \"a\\@victim.test\"@good.test\r\n", "from.odd-form", true},
		"encoded local part":     {"From: =?utf-8?Q?a=40victim.test=2C?=@good.test\r\n", "from.odd-form", true},
		"name is an address":     {"From: \"a@victim.test\" <a@good.test>\r\n", "from.name-address", true},
		"encoded name":           {"From: =?utf-8?Q?a=40victim=2Etest?= <a@good.test>\r\n", "from.name-address", true},
		"right-to-left":          {"From: =?utf-8?B?4oCuQUJD?= <a@good.test>\r\n", "from.marks", true},
		"raw right-to-left":      {"From: \"\u202eABC\" <a@good.test>\r\n", "from.marks", true},
		"trailing dot":           {"From: a@good.test.\r\n", "from.unparseable", false},
		"only a hidden one":      {"From\x00: a@good.test\r\n", "from.hidden", false},
		"domain literal":         {"From: a@[192.0.2.1]\r\n", "dmarc.no-author", false},
		"name of one label":      {"From: a@localhost\r\n", "dmarc.missing", false},
	} {
		rep := attacked(t, attackWorld(t, attackZone), c.header+attackRest)
		said := false
		for _, f := range rep.Findings {
			said = said || f.ID == c.says
			if f.ID == "dmarc.pass" && !c.passes && f.Subject != "good.test" {
				t.Errorf("%s: dmarc.pass for %q", name, f.Subject)
			}
		}
		if c.says == "from.unparseable" && rep.Authentication.DMARC.Result == "none" {
			t.Errorf("%s: dmarc none, where nobody can tell", name)
		}
		if got := rep.Authentication.DMARC.Result; !said || (got == "pass") != c.passes {
			t.Errorf("%s: dmarc %s, %s said: %v", name, got, c.says, said)
		}
	}
}

// counted counts the questions that leave the run.
type counted struct {
	dns.Resolver
	n atomic.Int64
}

func (c *counted) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	c.n.Add(1)
	return c.Resolver.Lookup(ctx, name, t)
}

var attackPrinter = sync.OnceValues(func() (*text.Printer, error) { return printer("en") })

// sound holds what every report must hold, whatever the message was.
func sound(t *testing.T, name string, rep report.Report) {
	t.Helper()
	left := 100
	for _, f := range rep.Findings {
		left -= f.Penalty
		if f.ID == "" || strings.HasSuffix(string(f.ID), ".crashed") {
			t.Errorf("%s: finding %q", name, f.ID)
		}
	}
	if left != rep.Score.Tenths || left < 0 {
		t.Errorf("%s: score %d, penalties leave %d", name, rep.Score.Tenths, left)
	}
	p, err := attackPrinter()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(render.New(rep, p))
	if err != nil || !json.Valid(data) {
		t.Errorf("%s: JSON: %v", name, err)
	}
	const most = 4 << 20
	if len(data) > most {
		t.Errorf("%s: the report has %d octets", name, len(data))
	}
	render.Terminal(io.Discard, render.New(rep, p), p)
}

// TestAttackQuestions: one mail must not make us flood name servers. The worst
// mails ask no more than the budgets of the groups allow.
func TestAttackQuestions(t *testing.T) {
	t.Parallel()
	var signatures, authors, tree, includes strings.Builder
	deep := strings.Repeat("a.", 110)
	for i := range 500 {
		d := "d" + itoa(i) + ".test"
		signatures.WriteString("DKIM-Signature: v=1; a=rsa-sha256; d=" + deep + d + "; s=s; h=from; bh=AAAA; b=AAAA\r\n")
		authors.WriteString("From: a@" + deep + d + "\r\nReply-To: a@" + d + "\r\n")
	}
	for i := range 12 {
		includes.WriteString(" include:i" + itoa(i) + ".test mx:m" + itoa(i) + ".test")
		for j := range 12 {
			tree.WriteString("m" + itoa(i) + ".test. 60 MX 1 h" + itoa(i*12+j) + ".test.\n")
			tree.WriteString("h" + itoa(i*12+j) + ".test. 60 A 198.51.100.1\n")
		}
		tree.WriteString("i" + itoa(i) + ".test. 60 TXT \"v=spf1 ptr a:x" + itoa(i) + ".test -all\"\n")
	}
	zone := "good.test. 60 TXT \"v=spf1" + includes.String() + " -all\"\nmx.good.test. 60 A 192.0.2.9\n" + tree.String()
	for i := range 300 {
		zone += "1.2.0.192.in-addr.arpa. 60 PTR p" + itoa(i) + ".test.\n"
	}
	for name, header := range map[string]string{
		"signatures": signatures.String() + "From: a@good.test\r\n",
		"authors":    authors.String(),
		"both":       signatures.String() + authors.String(),
	} {
		world := &counted{Resolver: attackWorld(t, zone)}
		rep := attacked(t, world, header+attackRest)
		sound(t, name, rep)
		const most = 150 + 3*100 // authentication and the three groups of a hundred that a closed world has
		if n := world.n.Load(); n > most || len(rep.DNS) > most {
			t.Errorf("%s: %d questions, %d in the report", name, n, len(rep.DNS))
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// TestAttackAnyOctets: whatever the octets are, no check crashes, the score
// adds up and the report is JSON.
func TestAttackAnyOctets(t *testing.T) {
	t.Parallel()
	seeds := []string{
		"From: a@good.test\r\n" + attackRest,
		"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=good.test; s=s; h=from:to; l=3; bh=AAAA; b=AAAA\r\nReceived: from x ([192.0.2.1]) by y; Sat, 21 Nov 2026 05:00:00 +0000\r\n" +
			"From: =?gbk?B?xOO6ww==?= <a@good.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n" + attackRest +
			"--b\r\nContent-Type: text/plain; charset=gbk; name*0*=utf-8''a%20; name*1=b\r\n\r\n\xc4\xe3\r\n--b--\r\n",
	}
	world := attackWorld(t, attackZone)
	r := rand.New(rand.NewPCG(1, 2))
	bits := []string{"\x00", "\r", "\n", "\r\n", "\r\n\r\n", ":", ";", "\"", "(", "\\", "<", "@", "=?", "?=", "\xff", "\u202e", "=", "--b\r\n", " ", "From:", "%", "999999999999999999999"}
	for i := range 400 {
		raw := []byte(seeds[i%len(seeds)])
		for range 1 + r.IntN(12) {
			at := r.IntN(len(raw) + 1)
			end := min(len(raw), at+r.IntN(8))
			raw = slices.Concat(raw[:at], []byte(bits[r.IntN(len(bits))]), raw[end:])
		}
		sound(t, strconv.Quote(string(raw)), attacked(t, world, string(raw)))
	}
	for _, raw := range []string{"", "\r\n", "\n", "\x00", ":", "\r", ".", "From:", strings.Repeat("(", 1<<16)} {
		sound(t, raw, attacked(t, world, raw))
	}
}

// TestAttackRecordBombs: records of 64 kB wherever the sender publishes some.
// The report repeats little of them, and nothing takes long.
func TestAttackRecordBombs(t *testing.T) {
	t.Parallel()
	var zone, header strings.Builder
	txt := func(name, value string) {
		zone.WriteString(name + " 60 TXT")
		for c := range slices.Chunk([]byte(value), 250) {
			zone.WriteString(" \"" + string(c) + "\"")
		}
		zone.WriteString("\n")
	}
	record := "v=spf1"
	for i := range 9 {
		n := itoa(i)
		record += " include:i" + n + ".test"
		txt("i"+n+".test.", "v=spf1 "+strings.Repeat("ip4:203.0.113.9 ", 3900)+"-all")
		txt("s._domainkey.d"+n+".test.", "v=DKIM1; p=AAAA; n="+strings.Repeat("<", 60_000))
		header.WriteString("DKIM-Signature: v=1; a=rsa-sha256; d=d" + n + ".test; s=s; h=from; bh=AAAA; b=AAAA\r\n")
	}
	txt("good.test.", record+" -all")
	txt("_dmarc.good.test.", "v=DMARC1; p=none; rua="+strings.Repeat("mailto:a@r.test,", 3900)+"mailto:a@good.test")
	rep := attacked(t, attackWorld(t, zone.String()), header.String()+"From: a@good.test\r\n"+attackRest)
	sound(t, "bombs", rep)
	data, err := json.Marshal(rep.Authentication)
	const most = 512 << 10
	if err != nil || len(data) > most {
		t.Errorf("the authentication part has %d octets, %v", len(data), err)
	}
}
