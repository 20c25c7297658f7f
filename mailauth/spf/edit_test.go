// SPDX-License-Identifier: MIT

package spf_test

import (
	"net/netip"
	"testing"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

func TestWithAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ record, ip, want string }{
		{"v=spf1 -all", "192.0.2.1", "v=spf1 ip4:192.0.2.1 -all"},
		{"v=spf1 a  mx include:x.test ~all", "192.0.2.1", "v=spf1 a  mx ip4:192.0.2.1 include:x.test ~all"},
		{"V=SPF1 A redirect=x.test exp=y.test", "2001:db8::1", "V=SPF1 A ip6:2001:db8::1 redirect=x.test exp=y.test"},
		{"v=spf1 mx ", "::ffff:192.0.2.1", "v=spf1 mx ip4:192.0.2.1"},
		{"v=spf1", "192.0.2.1", "v=spf1 ip4:192.0.2.1"},
		{"", "192.0.2.1", "v=spf1 ip4:192.0.2.1 ~all"},
		{"v=spf1 -ip4:192.0.2.0/24 +all", "192.0.2.1", "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 +all"},
		{"v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.1", "v=spf1 ip4:192.0.2.0/24 -all"},
		{"v=spf1 -all ip4:192.0.2.1", "192.0.2.1", "v=spf1 ip4:192.0.2.1 -all ip4:192.0.2.1"},
	} {
		ip := netip.MustParseAddr(c.ip)
		got := spf.WithAddress(c.record, ip)
		if got != c.want {
			t.Errorf("%q with %s: %q, want %q", c.record, c.ip, got, c.want)
		}
		z := newZone()
		z.add("d.test", dns.TypeTXT, got)
		z.add("x.test", dns.TypeTXT, "v=spf1 -all")
		z.add("d.test", dns.TypeA, "198.51.100.1")
		if v := check(t, z, spf.Params{IP: ip}); v.Result != spf.Pass {
			t.Errorf("%q: %s %s", got, v.Result, v.Reason)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		records []string
		want    string
	}{
		{[]string{"v=spf1 a mx -all", "v=spf1 MX include:x.test ~all"}, "v=spf1 a mx include:x.test ~all"},
		{[]string{"v=spf1 ip4:192.0.2.1 +all", "v=spf1 -all exp=e.test"}, "v=spf1 ip4:192.0.2.1 ~all exp=e.test"},
		{[]string{"v=spf1 redirect=a.test", "v=spf1 mx"}, "v=spf1 mx include:a.test ~all"},
		{[]string{"v=spf1 redirect=a.test"}, "v=spf1 redirect=a.test"},
		{[]string{"v=spf1 ip:1 a ?all mx", "v=spf1 -all redirect=b.test foo=bar"}, "v=spf1 a ?all foo=bar"},
	} {
		got := spf.Merge(c.records)
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.records, got, c.want)
		}
		if _, errs := spf.ParseRecord(got); len(errs) > 0 {
			t.Errorf("%q: %v", got, errs)
		}
	}
}
