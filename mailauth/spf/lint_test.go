// SPDX-License-Identifier: MIT

package spf_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

func lint(t *testing.T, zone string) (spf.Report, []string) {
	t.Helper()
	z := parseZone(t, zone)
	rep := spf.Lint(t.Context(), z, "d.test", true)
	z.once(t)
	if rep.Questions != len(z.questions()) || rep.Questions > spf.MaxLintQuestions {
		t.Errorf("%d questions reported, %d asked", rep.Questions, len(z.questions()))
	}
	var got []string
	for _, i := range rep.Issues {
		got = append(got, fmt.Sprintf("%s %s %q@%d %s %d", i.Code, i.Domain, i.Term, i.At, i.Detail, i.N))
	}
	return rep, got
}

func TestLintIssues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone string
		want []string
	}{
		"clean":      {"d.test TXT v=spf1 ip4:192.0.2.0/24 include:e.test -all\ne.test TXT v=spf1 ip6:2001:db8::/32 -all", nil},
		"none":       {"d.test TXT hello", []string{`no-record d.test ""@0 NOERROR 0`}},
		"no domain":  {"e.test TXT hello", []string{`no-record d.test ""@0 NXDOMAIN 0`}},
		"no answer":  {"d.test FAIL SERVFAIL", []string{`dns-error d.test ""@0 SERVFAIL 0`}},
		"two":        {"d.test TXT v=spf1 a -all\nd.test TXT v=spf1 mx ~all\nd.test A 192.0.2.1", []string{`two-records d.test ""@0 v=spf1 a mx ~all 2`}},
		"upper":      {"d.test TXT V=SPF1 -all", []string{`version-case d.test "V=SPF1"@0  0`}},
		"near":       {"d.test TXT v=spf1; mx -all", []string{`near-miss d.test "v=spf1; mx -all"@0 v=spf1 mx -all 0`, `no-record d.test ""@0 NOERROR 0`}},
		"late error": {"d.test TXT v=spf1 -all moo", []string{`syntax d.test "moo"@12 unknown-mechanism 1`}},
		"after all":  {"d.test TXT v=spf1 ~all mx redirect=e.test", []string{`unreachable d.test "mx"@12  0`, `redirect-ignored d.test "redirect=e.test"@15  0`}},
		"ptr":        {"d.test TXT v=spf1 ptr -all", []string{`ptr d.test "ptr"@7  0`}},
		"plus":       {"d.test TXT v=spf1 include:e.test ?all\ne.test TXT v=spf1 +all", []string{`neutral-all d.test "?all"@22  0`, `plus-all e.test "+all"@7  0`}},
		"open":       {"d.test TXT v=spf1 ip4:10.0.0.0/8 ip4:10.0.0.0/8", []string{`wide-network d.test "ip4:10.0.0.0/8"@7  8`, `duplicate-term d.test "ip4:10.0.0.0/8"@22  0`, `wide-network d.test "ip4:10.0.0.0/8"@22  8`, `no-all d.test ""@0  0`}},
		"names":      {"d.test TXT v=spf1 include:x.test include=y.test -all", []string{`mechanism-as-name d.test "include=y.test"@22  0`, `include-none d.test "include:x.test"@7 NXDOMAIN 0`}},
		"redirect":   {"d.test TXT v=spf1 redirect=x.test\nx.test A 192.0.2.1", []string{`redirect-none d.test "redirect=x.test"@7 NOERROR 0`}},
		"loop":       {"d.test TXT v=spf1 include:e.test -all\ne.test TXT v=spf1 include:d.test -all", []string{`loop e.test "include:d.test"@7  0`}},
		"voids": {"d.test TXT v=spf1 a:x.test mx:y.test exists:z.test exists:%{i}.z.test -all", []string{
			`void d.test "a:x.test"@7 NXDOMAIN 0`, `void d.test "mx:y.test"@16 NXDOMAIN 0`, `void d.test "exists:z.test"@26 NXDOMAIN 0`, `too-many-voids d.test ""@0  3`}},
		"mail":   {"d.test TXT v=spf1 include:%{l}.x.test include:_%{d2}.e.test -all\n_d.test.e.test TXT v=spf1 -all", []string{`depends-on-mail d.test "include:%{l}.x.test"@7  0`}},
		"type99": {"d.test TXT v=spf1 -all\nd.test SPF v=spf1 mx -all", []string{`type-99 d.test ""@0 v=spf1 mx -all 0`}},
		"long":   {"d.test TXT v=spf1 -all\nd.test TXT " + strings.Repeat("x", 500), []string{`long-answer d.test ""@0  535`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := lint(t, c.zone); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestLintCosts(t *testing.T) {
	t.Parallel()
	rep, got := lint(t, "d.test TXT v=spf1 a mx include:a.test include:b.test -all ptr\nd.test A 192.0.2.1\nd.test MX 10 d.test\n"+
		"a.test TXT v=spf1 include:c.test include:c.test exists:%{i}.x.test ~all\nb.test TXT v=spf1 redirect=c.test\n"+
		"c.test TXT v=spf1 a:d.test mx:d.test -all")
	if rep.Lookups != 14 || rep.Truncated {
		t.Errorf("lookups %d, truncated %v", rep.Lookups, rep.Truncated)
	}
	costs := map[string]int{}
	for _, c := range rep.Root.Terms {
		costs[c.Term.Text] = c.Lookups
	}
	if costs["include:a.test"] != 8 || costs["include:b.test"] != 4 {
		t.Errorf("costs %v", costs)
	}
	if !slices.Contains(got, `too-many-lookups d.test ""@0  14`) {
		t.Errorf("issues %v", got)
	}
}

func TestLintIsBounded(t *testing.T) {
	t.Parallel()
	zone := func(next func(i int) string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "d.test TXT v=spf1 include:n0.test -all\n")
		for i := range 120 {
			fmt.Fprintf(&b, "n%d.test TXT v=spf1 %s -all\n", i, next(i))
		}
		return b.String()
	}
	for name, next := range map[string]func(i int) string{
		"deep":   func(i int) string { return fmt.Sprintf("include:n%d.test", i+1) },
		"double": func(i int) string { return fmt.Sprintf("include:n%d.test include:n%d.test a:n%d.test", i+1, i+1, i) },
		"wide": func(i int) string {
			return fmt.Sprintf("include:n%d.test include:n%d.test include:n%d.test", 3*i+1, 3*i+2, 3*i+3)
		},
	} {
		if rep, got := lint(t, zone(next)); !rep.Truncated || len(got) > 400 {
			t.Errorf("%s: truncated %v, %d issues", name, rep.Truncated, len(got))
		}
	}
}

func TestNearMiss(t *testing.T) {
	t.Parallel()
	for txt, want := range map[string]string{
		`"v=spf1 mx -all"`: "v=spf1 mx -all", "v=spf1;mx": "v=spf1 mx", "v=spf1,mx": "v=spf1 mx", " v=spf1 mx": "v=spf1 mx",
		"spf1 mx -all": "v=spf1 mx -all", "v=spf1mx": "v=spf1 mx", "v=spf1\tmx": "v=spf1 mx", "v = spf1 mx": "v=spf1 mx",
		"v=spf mx": "v=spf1 mx", "v=spfl mx": "v=spf1 mx", "v:spf1 mx": "v=spf1 mx", "v=spf1.0 mx": "v=spf1 mx", "V=SPF1;-all": "v=spf1 -all",
		"v=spf1-all": "v=spf1 -all", "v=spf2 mx": "v=spf1 mx", "v=sfp1 mx": "v=spf1 mx", `\"v=spf1\" mx`: "v=spf1 mx",
		"v=spf1 mx": "", "v=spf1": "", "V=spf1 mx": "", "v=DMARC1; p=none": "", "hello": "", "spf2.0/pra mx": "", "v=spf10": "", "google-site-verification=spf1": "",
	} {
		got, near := spf.NearMiss(txt)
		if near != (want != "") || near && got != want {
			t.Errorf("%q: %q %v, want %q", txt, got, near, want)
		}
	}
}

func TestLintPastDNSError(t *testing.T) {
	t.Parallel()
	z := parseZone(t, "d.test TXT v=spf1 include:bad.test a:worse.test include:good.test -all\ngood.test TXT v=spf1 ptr ~all")
	z.fails["bad.test"], z.fails["worse.test"] = dns.Timeout, dns.Refused
	rep := spf.Lint(t.Context(), z, "d.test", false)
	if rep.Lookups != 4 || rep.Truncated {
		t.Errorf("%+v", rep)
	}
}
