// SPDX-License-Identifier: MIT

package host

import (
	"net/netip"
	"testing"

	"mailproof/check"
	"mailproof/check/checktest"
	"mailproof/evidence"
	"mailproof/report"
)

const zone = `
$ORIGIN example.
mail.a      A 203.0.113.5
mail.a      AAAA 2001:db8::5
other.a     A 203.0.113.9
5.113.0.203.in-addr.arpa. PTR mail.a.example.
6.113.0.203.in-addr.arpa. PTR mail.a.example.
7.113.0.203.in-addr.arpa. PTR host-203-0-113-7.dyn.isp.example.
host-203-0-113-7.dyn.isp A 203.0.113.7
8.113.0.203.in-addr.arpa. PTR mail8.a.example.
10.113.0.203.in-addr.arpa. PTR a10.a.example.
10.113.0.203.in-addr.arpa. PTR b10.a.example.
a10.a A 203.0.113.10
11.113.0.203.in-addr.arpa. PTR a11.a.example.
11.113.0.203.in-addr.arpa. PTR b11.a.example.
a11.a A 203.0.113.11
b11.a A 203.0.113.11
12.113.0.203.in-addr.arpa. PTR slow.a.example.
; timeout slow.a.example.
; servfail 13.113.0.203.in-addr.arpa.
named.a  A 203.0.113.14
named6.a AAAA 2001:db8::14
`

func world(ip, helo string) checktest.Case {
	c := checktest.Case{Zone: zone, Session: evidence.Session{Helo: helo}}
	if ip != "" {
		c.Session.ClientIP = netip.MustParseAddr(ip)
	}
	return c
}

func groups() []check.Group { return []check.Group{Group()} }

func TestReverse(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]struct{ ptr, fcrdns, generic, iprev string }{
		"203.0.113.5":  {"ptr.present", "fcrdns.pass", "ptr.own-name", "pass"},
		"203.0.113.6":  {"ptr.present", "fcrdns.mismatch", "ptr.own-name", "fail"},
		"203.0.113.7":  {"ptr.present", "fcrdns.pass", "ptr.generic", "pass"},
		"203.0.113.8":  {"ptr.present", "fcrdns.no-address", "ptr.own-name", "fail"},
		"203.0.113.10": {"ptr.several-unconfirmed", "fcrdns.pass", "ptr.own-name", "pass"},
		"203.0.113.11": {"ptr.several", "fcrdns.pass", "ptr.own-name", "pass"},
		"203.0.113.12": {"ptr.present", "fcrdns.temperror", "ptr.own-name", "temperror"},
		"203.0.113.13": {"ptr.temperror", "fcrdns.temperror", "ptr.name-temperror", "temperror"},
		"203.0.113.20": {"ptr.missing", "fcrdns.no-ptr", "ptr.no-name", "permerror"},
		"2001:db8::5":  {"ptr.missing-ipv6", "fcrdns.no-ptr", "ptr.no-name", "permerror"},
	} {
		res := checktest.Run(t, groups(), world(ip, "mail.a.example"))
		checktest.Want(t, res, "ptr", want.ptr+" "+ip)
		checktest.Want(t, res, "fcrdns", want.fcrdns+" "+ip)
		checktest.Want(t, res, "ptr.generic", want.generic+" "+ip)
		var rep report.Report
		res.Describe(t.Context(), &rep)
		if r := rep.Authentication.IPRev; r == nil || r.Result != want.iprev {
			t.Errorf("%s: iprev %+v, want %s", ip, r, want.iprev)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"203.0.113.5": "sender.public-address", "127.0.0.1": "sender.private-address", "10.1.2.3": "sender.private-address",
		"fd00::1": "sender.private-address", "100.64.0.1": "sender.private-address", "169.254.1.1": "sender.private-address",
	} {
		checktest.Want(t, checktest.Run(t, groups(), world(ip, "")), "sender", want+" "+ip)
	}
	checktest.Want(t, checktest.Run(t, groups(), world("", "")), "ptr", "ptr.not-observed")
}

func TestHelo(t *testing.T) {
	t.Parallel()
	for helo, want := range map[string]string{
		"mail.a.example": "pass", "MAIL.A.example.": "pass", "other.a.example": "other-ip", "none.a.example": "unresolvable",
		"mail": "not-fqdn", "localhost": "local", "pc.local": "local", "x.localdomain": "local", "203.0.113.5": "invalid",
		"a_b.example": "invalid", "-a.example": "invalid", "a..b": "invalid", "[203.0.113.5]": "literal",
		"[IPv6:2001:db8::1]": "literal", "[300.1.1.1]": "invalid", "[2001:db8::1]": "invalid", "mx.receiver.example": "receivers-name",
		"slow.a.example": "temperror", "a\x00b.example": "invalid",
	} {
		res := checktest.Run(t, groups(), world("203.0.113.5", helo))
		checktest.Want(t, res, "helo", "helo."+want+" "+helo)
	}
	checktest.Want(t, checktest.Run(t, groups(), world("", "mail.a.example")), "helo", "helo.resolves mail.a.example")
	checktest.Want(t, checktest.Run(t, groups(), world("2001:db8::5", "mail.a.example")), "helo", "helo.pass mail.a.example")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	tls := func(v string) *evidence.TLS { return &evidence.TLS{Version: v, Cipher: "X"} }
	for want, s := range map[string]evidence.Session{
		"tls.not-observed":   {},
		"tls.does-not-apply": {TLSKnown: true},
		"tls.none":           {TLSKnown: true, TLSOffered: true},
		"tls.used":           {TLSKnown: true, TLS: tls("TLS 1.3")},
		"tls.old":            {TLSKnown: true, TLS: tls("TLS 1.1")},
	} {
		checktest.Want(t, checktest.Run(t, groups(), checktest.Case{Session: s}), "tls", want)
	}
}

func TestGenericMark(t *testing.T) {
	t.Parallel()
	ip := netip.MustParseAddr("203.0.113.7")
	for name, want := range map[string]string{
		"203-0-113-7.isp.example": "203-0-113-7", "7.113.0.203.isp.example": "7-113-0-203", "h203000113007.isp.example": "203000113007",
		"cb007107.isp.example": "cb007107", "abc.pool.isp.example": "pool", "adsl12.isp.example": "adsl", "client12.isp.example": "client",
		"client.isp.example": "", "static.203-0-113-7.isp.example": "", "mail3.isp.example": "", "smtp-out.pool.isp.example": "",
		"mx.cable.example": "", "web1.firma.example": "", "cable.example": "",
	} {
		if got := genericMark(name, ip); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	v6 := netip.MustParseAddr("2001:db8::5")
	for _, name := range []string{"2001-db8--5.isp.example", "20010db8000000000000000000000005.isp.example"} {
		if genericMark(name, v6) == "" {
			t.Errorf("%s is not seen", name)
		}
	}
}

func TestFixes(t *testing.T) {
	t.Parallel()
	checktest.FixRemoves(t, groups(), world("203.0.113.14", "named.a.example"), "ptr.missing")
	checktest.FixRemoves(t, groups(), world("2001:db8::14", "named6.a.example"), "ptr.missing-ipv6")
	checktest.FixRemoves(t, groups(), world("203.0.113.6", "mail.a.example"), "fcrdns.mismatch")
	checktest.FixRemoves(t, groups(), world("203.0.113.8", "mail.a.example"), "fcrdns.no-address")
	res := checktest.Run(t, groups(), world("203.0.113.20", "mail.a.example"))
	if f := checktest.Find(t, res, "ptr.missing"); f.Fix == nil || len(f.Fix.DNS) > 0 {
		t.Errorf("a PTR was invented: %+v", f.Fix)
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	checktest.Texts(t, Group())
	for _, ip := range []string{"203.0.113.5", "203.0.113.6", "203.0.113.7", "203.0.113.11", "203.0.113.10", "203.0.113.14", "2001:db8::14"} {
		checktest.EveryLookupFails(t, groups(), world(ip, "named.a.example"))
	}
}
