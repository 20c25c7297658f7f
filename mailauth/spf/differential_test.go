// SPDX-License-Identifier: MIT

package spf_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"

	blitiri "blitiri.com.ar/go/spf"
	miekg "github.com/miekg/dns"
	wttw "github.com/wttw/spf"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

// oracleZone is where the generated records point to.
const oracleZone = `
a.test A 192.0.2.1
a.test A 198.51.100.9
a.test AAAA 2001:db8::1
b.test A 198.51.100.1
m.test MX 10 a.test
m.test MX 20 b.test
m2.test MX 10 b.test
m2.test MX 20 gone.test
nomx.test A 198.51.100.1
pass.test TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all
fail.test TXT v=spf1 -all
soft.test TXT v=spf1 a:b.test ~all
broken.test TXT v=spf1 ip:192.0.2.1 -all
two.test TXT v=spf1 -all
two.test TXT v=spf1 +all
plain.test TXT hello
deep.test TXT v=spf1 include:soft.test include:soft.test redirect=pass.test
loop.test TXT v=spf1 include:loop.test
dead.test FAIL SERVFAIL
late.test FAIL TIMEOUT
d.test A 192.0.2.1
d.test MX 10 a.test
user.x.test A 127.0.0.2
192.0.2.1.x.test A 127.0.0.2
1.2.0.192.in-addr.arpa PTR host.a.test
1.2.0.192.in-addr.arpa PTR other.test
host.a.test A 192.0.2.1
other.test A 198.51.100.3
`

var (
	genNames = []string{"a.test", "b.test", "m.test", "m2.test", "nomx.test", "pass.test", "fail.test", "soft.test", "broken.test",
		"two.test", "plain.test", "deep.test", "loop.test", "dead.test", "late.test", "gone.test", "d.test", "%{l}.x.test", "%{i}.x.test",
		"%{d}", "%{o}", "%{h}", "%{l1r-}.x.test", "%{ir}.%{v}.arpa", "test", "a..test", "%{x}.test", "%{c}.test", "a.test.", "A.TEST", "%{p}"}
	genTerms = []string{"a", "mx", "a:#", "mx:#", "a:#/24", "mx:#/16//64", "a//0", "a/0", "ptr", "ptr:#", "exists:#", "include:#", "include:#", "include:#",
		"ip4:192.0.2.1", "ip4:198.51.100.0/24", "ip4:192.0.2.0/25", "ip6:2001:db8::/32", "ip6:2001:db8::1", "redirect=#", "exp=#", "foo=bar", "foo=%{d}", "all", "all"}
	genHosts = []string{"192.0.2.1", "198.51.100.77", "2001:db8::1", "203.0.113.5"}
)

const breaks = "abz019:/%{}.=-_+ \t\x80"

// genRecord makes a record, and in one of three breaks an octet of it.
func genRecord(r *rand.Rand) string {
	pick := func(s []string) string { return s[r.IntN(len(s))] }
	parts := []string{"v=spf1"}
	for range 1 + r.IntN(6) {
		t := pick([]string{"", "", "", "+", "-", "~", "?"}) + strings.ReplaceAll(pick(genTerms), "#", pick(genNames))
		if strings.Contains(t, "=") {
			t = strings.TrimLeft(t, "+-~?")
		}
		parts = append(parts, t)
	}
	b := []byte(strings.Join(parts, " "))
	if r.IntN(3) == 0 {
		i := len("v=spf1 ") + r.IntN(len(b)-len("v=spf1 "))
		switch r.IntN(3) {
		case 0:
			b = append(b[:i], b[i+1:]...)
		case 1:
			b[i] = breaks[r.IntN(len(breaks))]
		default:
			b = append(b[:i], append([]byte{breaks[r.IntN(len(breaks))]}, b[i:]...)...)
		}
	}
	return string(b)
}

// A difference is one disagreement with an oracle.
type difference struct {
	library, record, theirs string
	ours                    spf.Verdict
	z                       *zone
	ip                      netip.Addr
}

func TestDifferential(t *testing.T) {
	t.Parallel()
	known := knownDifferences(t)
	r := rand.New(rand.NewPCG(7208, 2026))
	counts, bad := map[string]int{}, 0
	const cases = 5000
	for range cases {
		record, ip := genRecord(r), netip.MustParseAddr(genHosts[r.IntN(len(genHosts))])
		z := parseZone(t, oracleZone)
		z.add("d.test", dns.TypeTXT, record)
		v := spf.Check(t.Context(), z, spf.Params{IP: ip, MailFrom: "user@d.test", Helo: "a.test", Receiver: "r.test"})
		consistent(t, record, v)
		for library, theirs := range map[string]string{"wttw": askWttw(t, z, ip), "blitiri": askBlitiri(t, z, ip)} {
			if theirs == string(v.Result) {
				counts[library+" agrees"]++
				continue
			}
			d := difference{library, record, theirs, v, z, ip}
			rule := d.rule()
			counts[library+" "+rule]++
			if known[library+" "+rule] == "" {
				bad++
				if bad < 90 {
					t.Errorf("%s says %s, we %s (%s %+v) [%s]: %q from %s", library, theirs, v.Result, v.Reason, v.Where, rule, record, ip)
				}
			}
		}
	}
	for k := range known {
		if counts[k] == 0 {
			t.Errorf("difference never seen: %s", k)
		}
	}
	t.Logf("%d cases: %v", cases, counts)
}

// knownDifferences reads "library rule: reason" lines.
func knownDifferences(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '#' {
			name, reason, ok := strings.Cut(line, ": ")
			if !ok || reason == "" {
				t.Fatalf("difference without reason: %q", line)
			}
			out[name] = reason
		}
	}
	return out
}

func askWttw(t *testing.T, z *zone, ip netip.Addr) string {
	c := wttw.NewChecker()
	c.DNSLimit = 11 // it counts the first record too
	c.Resolver = wttwZone{z}
	res := c.CheckHost(t.Context(), net.IP(ip.AsSlice()), "d.test.", "user@d.test", "a.test")
	return res.Type.String()
}

type wttwZone struct{ z *zone }

var errTimeout = errors.New("no answer")

func (w wttwZone) Resolve(_ context.Context, q *miekg.Msg) (*miekg.Msg, error) {
	name, typ := strings.TrimSuffix(q.Question[0].Name, "."), miekg.TypeToString[q.Question[0].Qtype]
	m := new(miekg.Msg)
	m.SetReply(q)
	a, err := w.z.answer(unescape(name), dns.Type(typ))
	var e *dns.Error
	if errors.As(err, &e) {
		if e.Code == dns.Timeout {
			return nil, errTimeout
		}
		m.Rcode = miekg.RcodeServerFailure
		return m, nil
	}
	if a.RCode == dns.NXDomain {
		m.Rcode = miekg.RcodeNameError
	}
	for _, r := range a.Records {
		h := miekg.RR_Header{Name: q.Question[0].Name, Rrtype: q.Question[0].Qtype, Class: miekg.ClassINET}
		switch r.Type {
		case dns.TypeTXT:
			m.Answer = append(m.Answer, &miekg.TXT{Hdr: h, Txt: []string{r.Value}})
		case dns.TypeA:
			m.Answer = append(m.Answer, &miekg.A{Hdr: h, A: net.ParseIP(r.Value)})
		case dns.TypeAAAA:
			m.Answer = append(m.Answer, &miekg.AAAA{Hdr: h, AAAA: net.ParseIP(r.Value)})
		case dns.TypeMX:
			_, host, _ := strings.Cut(r.Value, " ")
			m.Answer = append(m.Answer, &miekg.MX{Hdr: h, Mx: host + "."})
		case dns.TypePTR:
			m.Answer = append(m.Answer, &miekg.PTR{Hdr: h, Ptr: r.Value + "."})
		}
	}
	return m, nil
}

func unescape(name string) string { return strings.ReplaceAll(name, `\`, "") }

func askBlitiri(t *testing.T, z *zone, ip netip.Addr) string {
	res, _ := blitiri.CheckHostWithSender(net.IP(ip.AsSlice()), "a.test", "user@d.test",
		blitiri.WithContext(t.Context()), blitiri.WithResolver(blitiriZone{z}))
	return string(res)
}

type blitiriZone struct{ z *zone }

func (b blitiriZone) values(name string, types ...dns.Type) ([]string, error) {
	var out []string
	missing := false
	for _, typ := range types {
		a, err := b.z.answer(strings.TrimSuffix(name, "."), typ)
		if err != nil {
			return nil, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
		}
		missing = missing || a.RCode == dns.NXDomain
		for _, r := range a.Records {
			out = append(out, r.Value)
		}
	}
	if missing {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return out, nil
}

func (b blitiriZone) LookupTXT(_ context.Context, name string) ([]string, error) {
	return b.values(name, dns.TypeTXT)
}

func (b blitiriZone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	vs, err := b.values(name, dns.TypeMX)
	var out []*net.MX
	for _, v := range vs {
		_, host, _ := strings.Cut(v, " ")
		out = append(out, &net.MX{Host: host})
	}
	return out, err
}

func (b blitiriZone) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	vs, err := b.values(name, dns.TypeA, dns.TypeAAAA)
	var out []net.IPAddr
	for _, v := range vs {
		out = append(out, net.IPAddr{IP: net.ParseIP(v)})
	}
	return out, err
}

func (b blitiriZone) LookupAddr(_ context.Context, addr string) ([]string, error) {
	rev, err := miekg.ReverseAddr(addr)
	if err != nil {
		return nil, fmt.Errorf("reverse %s: %w", addr, err)
	}
	return b.values(rev, dns.TypePTR)
}
