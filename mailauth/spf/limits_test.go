// SPDX-License-Identifier: MIT

package spf_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

var client = netip.MustParseAddr("192.0.2.1")

func check(t *testing.T, z *zone, p spf.Params) spf.Verdict {
	t.Helper()
	if !p.IP.IsValid() {
		p.IP = client
	}
	if p.MailFrom == "" {
		p.MailFrom = "user@d.test"
	}
	v := spf.Check(t.Context(), z, p)
	consistent(t, t.Name(), v)
	z.once(t)
	return v
}

func hostZone(t *testing.T, n int, record, line string) *zone {
	z := parseZone(t, "d.test TXT "+record)
	for i := range n {
		for l := range strings.Lines(strings.ReplaceAll(line, "#", fmt.Sprint(i))) {
			name, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
			typ, value, _ := strings.Cut(rest, " ")
			z.add(name, dns.Type(typ), value)
		}
	}
	return z
}

func TestHostileStructures(t *testing.T) {
	t.Parallel()
	eleven := "v=spf1"
	for i := range 11 {
		eleven += fmt.Sprintf(" a:h%d.test", i)
	}
	helo := strings.Repeat(strings.Repeat("x", 60)+".", 5) + "test"
	tests := map[string]struct {
		zone    *zone
		helo    string
		result  spf.Result
		reason  spf.Reason
		lookups int
		voids   int
		asked   int
	}{
		"include loop": {zone: parseZone(t, "d.test TXT v=spf1 include:e.test -all\ne.test TXT v=spf1 include:d.test -all"),
			result: spf.Permerror, reason: spf.TooManyLookups, lookups: 11, asked: 2},
		"include of itself twice": {zone: parseZone(t, "d.test TXT v=spf1 include:d.test include:d.test -all"),
			result: spf.Permerror, reason: spf.TooManyLookups, lookups: 11, asked: 1},
		"redirect loop": {zone: parseZone(t, "d.test TXT v=spf1 redirect=d.test"),
			result: spf.Permerror, reason: spf.TooManyLookups, lookups: 11, asked: 1},
		"11th lookup": {zone: hostZone(t, 11, eleven+" -all", "h#.test A 198.51.100.1"),
			result: spf.Permerror, reason: spf.TooManyLookups, lookups: 11, asked: 11},
		"3rd void": {zone: parseZone(t, "d.test TXT v=spf1 a:x.test a:y.test exists:z.test -all"),
			result: spf.Permerror, reason: spf.TooManyVoids, lookups: 3, voids: 3, asked: 4},
		"mx with 11 hosts": {zone: hostZone(t, 11, "v=spf1 mx -all", "d.test MX 10 h#.test\nh#.test A 192.0.2.1"),
			result: spf.Permerror, reason: spf.TooManyHosts, lookups: 1, asked: 2},
		"mx with 10 hosts": {zone: hostZone(t, 10, "v=spf1 mx -all", "d.test MX 10 h#.test\nh#.test A 198.51.100.#"),
			result: spf.Fail, lookups: 1, asked: 12},
		"ptr with 30 names": {zone: hostZone(t, 30, "v=spf1 ptr -all", "1.2.0.192.in-addr.arpa PTR h#.d.test\nh#.d.test A 198.51.100.#"),
			result: spf.Fail, lookups: 1, asked: 12},
		"ptr with foreign names": {zone: hostZone(t, 30, "v=spf1 ptr -all", "1.2.0.192.in-addr.arpa PTR h#.else.test"),
			result: spf.Fail, lookups: 1, asked: 2},
		"macro beyond 253 octets": {zone: parseZone(t, "d.test TXT v=spf1 exists:%{h}.%{h}.%{h}.d.test -all"), helo: helo,
			result: spf.Fail, lookups: 1, voids: 1, asked: 2},
		"label beyond 63 octets": {zone: parseZone(t, "d.test TXT v=spf1 exists:%{h}.d.test -all"), helo: strings.Repeat("x", 64),
			result: spf.Fail, lookups: 1, asked: 1},
		"wide tree": {zone: hostZone(t, 10, "v=spf1"+strings.Repeat(" include:w.test", 10),
			"w.test A 198.51.100.#\nu.test A 198.51.100.#"), result: spf.Permerror, reason: spf.IncludeNone, lookups: 1, asked: 2},
		"fan of includes": {zone: fan(t), result: spf.Permerror, reason: spf.TooManyLookups, lookups: 11, asked: 20},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := check(t, c.zone, spf.Params{Helo: c.helo})
			if v.Result != c.result || v.Reason != c.reason || v.Lookups != c.lookups || v.VoidLookups != c.voids {
				t.Errorf("%s %q lookups %d voids %d, want %s %q %d %d",
					v.Result, v.Reason, v.Lookups, v.VoidLookups, c.result, c.reason, c.lookups, c.voids)
			}
			if got := c.zone.questions(); len(got) != c.asked {
				t.Errorf("asked %d, want %d: %v", len(got), c.asked, got)
			}
		})
	}
}

// fan: ten includes, each with ten of its own. The strict order asks for
// eleven records; the ten of the first level and nine of the second are asked.
func fan(t *testing.T) *zone {
	z := newZone()
	top := "v=spf1"
	for i := range 10 {
		top += fmt.Sprintf(" include:i%d.test", i)
		sub := "v=spf1"
		for j := range 10 {
			sub += fmt.Sprintf(" include:i%d-%d.test", i, j)
			z.add(fmt.Sprintf("i%d-%d.test", i, j), dns.TypeTXT, "v=spf1 -all")
		}
		z.add(fmt.Sprintf("i%d.test", i), dns.TypeTXT, sub)
	}
	z.add("d.test", dns.TypeTXT, top)
	return z
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	const rtt = 50 * time.Millisecond
	tests := map[string]struct {
		zone  string
		trips int
	}{
		"no record": {"x.test TXT y", 1},
		"depth three": {"d.test TXT v=spf1 include:_1.test include:_2.test -all\n" +
			"_1.test TXT v=spf1 include:_1a.test ~all\n_1a.test TXT v=spf1 ip4:198.51.100.0/24 -all\n_2.test TXT v=spf1 ip4:192.0.2.0/24 ~all", 3},
		"two deep branches": {"d.test TXT v=spf1 include:_1.test include:_2.test -all\n" +
			"_1.test TXT v=spf1 include:_1a.test ~all\n_1a.test TXT v=spf1 -all\n" +
			"_2.test TXT v=spf1 include:_2a.test ~all\n_2a.test TXT v=spf1 ip4:192.0.2.0/24 ~all", 3},
		"mixed": {"d.test TXT v=spf1 a mx exists:e.test include:_1.test -all\nd.test A 198.51.100.1\nd.test MX 10 a.test\nd.test MX 20 b.test\n" +
			"a.test A 198.51.100.2\nb.test A 198.51.100.3\n_1.test TXT v=spf1 ip4:192.0.2.1 -all", 3},
		"known end": {"d.test TXT v=spf1 ip4:192.0.2.0/24 include:_1.test a mx -all", 1},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := parseZone(t, c.zone)
				z.delay = rtt
				began := time.Now()
				check(t, z, spf.Params{})
				if got := time.Since(began); got != time.Duration(c.trips)*rtt {
					t.Errorf("took %s, want %d round trips", got, c.trips)
				}
			})
		})
	}
}

func TestErrorsOfQuestionsThatTheOrderDoesNotReach(t *testing.T) {
	t.Parallel()
	for _, code := range []dns.RCode{dns.ServFail, dns.Timeout, dns.Refused} {
		z := parseZone(t, "d.test TXT v=spf1 include:good.test include:bad.test a:bad2.test -all\ngood.test TXT v=spf1 ip4:192.0.2.1")
		z.fails["bad.test"], z.fails["bad2.test"] = code, code
		if v := check(t, z, spf.Params{}); v.Result != spf.Pass || v.Lookups != 1 || v.Matched != "include:good.test" {
			t.Errorf("%s: %+v", code, v)
		}
	}
}

func TestDNSOutcomes(t *testing.T) {
	t.Parallel()
	for code, want := range map[dns.RCode]spf.Reason{
		dns.ServFail: spf.DNSServFail, dns.Timeout: spf.DNSTimeout, dns.Refused: spf.DNSRefused, dns.BadAnswer: spf.DNSBadAnswer,
		dns.TooLarge: spf.DNSTooLarge, dns.NotRecorded: spf.DNSNotRecorded, dns.OverBudget: spf.DNSOverBudget,
	} {
		for _, fails := range []string{"d.test", "i.test", "m.test"} {
			z := parseZone(t, "d.test TXT v=spf1 include:i.test mx -all\ni.test TXT v=spf1 a:i.test ?all\ni.test A 198.51.100.1\nd.test MX 10 m.test")
			delete(z.records, fails)
			z.fails[fails] = code
			v := check(t, z, spf.Params{})
			if v.Result != spf.Temperror || v.Reason != want || v.DNS == nil || v.DNS.Code != code || v.DNS.Name != fails {
				t.Errorf("%s %s: %+v", fails, code, v)
			}
		}
	}
}

func TestSilentDNSEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := parseZone(t, "d.test TXT v=spf1 -all")
		z.delay = time.Hour
		began := time.Now()
		v := check(t, z, spf.Params{})
		if v.Result != spf.Temperror || v.Reason != spf.DNSTimeout || time.Since(began) != spf.MaxTime {
			t.Errorf("%s %s after %s", v.Result, v.Reason, time.Since(began))
		}
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	z := parseZone(t, "xn--bcher-kva.test TXT v=spf1 exists:%{l}.%{o}.x.test exists:%{h}.x.test -all\nd.test.x.test A 127.0.0.2\nd.test TXT v=spf1 +all\nd.test A 192.0.2.1")
	for _, c := range []struct {
		p      spf.Params
		domain string
		result spf.Result
	}{
		{spf.Params{MailFrom: "ü@bücher.test", Helo: "d.test"}, "xn--bcher-kva.test", spf.Pass}, // RFC 8616: %{l} does not match
		{spf.Params{Helo: "d.test"}, "d.test", spf.Pass},
		{spf.Params{MailFrom: "a@b.c@D.test.", Helo: "x"}, "D.test", spf.Pass},
		{spf.Params{MailFrom: "a@[192.0.2.1]"}, "[192.0.2.1]", spf.None},
		{spf.Params{MailFrom: "a@192.0.2.1"}, "192.0.2.1", spf.None},
		{spf.Params{MailFrom: "a@d\x00.test"}, "d\x00.test", spf.None},
		{spf.Params{MailFrom: "a@localhost"}, "localhost", spf.None},
		{spf.Params{}, "", spf.None},
	} {
		c.p.IP = client
		v := spf.Check(t.Context(), z, c.p)
		if v.Domain != c.domain || v.Result != c.result {
			t.Errorf("%+v: %s %s %s", c.p, v.Domain, v.Result, v.Reason)
		}
	}
}
