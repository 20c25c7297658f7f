// SPDX-License-Identifier: MIT

package live_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"mailproof/dns"
	"mailproof/dns/live"
	"mailproof/dns/zoned"
)

const world = `
$ORIGIN example.org.
$TTL 300
@        SOA ns1 host\.master 1 2 3 4 5
@        NS  ns1
@        MX  10 Mail
nullmx   MX  0 .
mail     A 192.0.2.1
mail     AAAA 2001:db8::1
alias    CNAME Other
other    CNAME mail
dangling CNAME nothing
txt      TXT "one \"two\" \\ " "\000\255;" ""
old      SPF "v=spf1"
_s._tcp  SRV 1 2 3 mail
_25._tcp TLSA 3 1 1 00ff
sp\032ace\.dot A 192.0.2.5
a'b$c@d:e=f/g+h A 192.0.2.6
\195\164 A 192.0.2.7
1        PTR sp\032ace\.dot
1        PTR Mail
caa      CAA 0 issue "ca.example"
*.wild   TXT any
; servfail broken
; refused closed
; timeout dead
; secure mail
; secure alias
; secure other
`

func zone(t testing.TB, text string) *dns.Zone {
	t.Helper()
	z, err := dns.ParseZone(strings.NewReader(text), "zone")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func serve(t testing.TB, r dns.Resolver) *zoned.Server {
	t.Helper()
	s, err := zoned.Serve(t.Context(), r, "127.0.0.1:0", zoned.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func client(t testing.TB, o live.Options) *live.Resolver {
	t.Helper()
	r, err := live.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// show writes an outcome in one line, without its source.
func show(ans dns.Answer, err error) string {
	if err != nil {
		return string(dns.CodeOf(err))
	}
	s := fmt.Sprintf("%s %q AD=%v", ans.RCode, ans.CNAMEs, ans.Secure)
	for _, r := range ans.Records {
		s += fmt.Sprintf(" %q %s %q %q", r.Name, r.Type, r.Value, r.Segments)
	}
	return s
}

// TestLiveSaysWhatTheZoneSays: over the wire and back, nothing changes.
func TestLiveSaysWhatTheZoneSays(t *testing.T) {
	t.Parallel()
	z := zone(t, world)
	r := client(t, live.Options{Upstreams: []string{serve(t, z).Addr()}, Timeout: 50 * time.Millisecond})
	for _, q := range []struct{ name, typ, want string }{
		{"example.org", "SOA", "NOERROR"}, {"Example.Org.", "MX", "10 Mail"}, {"nullmx.example.org", "MX", "0 ."},
		{"mail.example.org", "A", "AD=true"}, {"mail.example.org", "AAAA", "2001:db8::1"},
		{"mail.example.org", "TXT", "NOERROR"}, {"none.example.org", "A", "NXDOMAIN"},
		{"alias.example.org", "A", `["Other.example.org" "mail.example.org"] AD=true`},
		{"alias.example.org", "CNAME", "Other"}, {"alias.example.org", "MX", "NOERROR"},
		{"dangling.example.org", "A", "NXDOMAIN"}, {"txt.example.org", "TXT", `["one \"two\" \\ " "\x00\xff;" ""]`},
		{"old.example.org", "SPF", "v=spf1"}, {"_s._tcp.example.org", "SRV", "1 2 3 mail"},
		{"_25._tcp.example.org", "TLSA", "00ff"}, {"a'b$c@d:e=f/g+h.example.org", "A", "192.0.2.6"},
		{"\xc3\xa4.example.org", "A", "192.0.2.7"}, {"1.example.org", "PTR", `sp ace\\046dot`},
		{"x.wild.example.org", "TXT", "any"}, {"x.wild.example.org", "A", "NOERROR"},
		{"broken.example.org", "TXT", "SERVFAIL"}, {"closed.example.org", "TXT", "REFUSED"},
		{"dead.example.org", "TXT", "TIMEOUT"}, {"a b", "A", "BAD-NAME"}, {"caa.example.org", "CAA", "ca.example"},
		{"wild.example.org", "NS", "NOERROR"}, {"org", "NS", "NOERROR"}, {".", "NS", "NOERROR"},
	} {
		want := show(z.Lookup(t.Context(), q.name, dns.Type(q.typ)))
		ans, err := r.Lookup(t.Context(), q.name, dns.Type(q.typ))
		if got := show(ans, err); got != want || !strings.Contains(got, q.want) {
			t.Errorf("%s %s\n got %s\nwant %s", q.name, q.typ, got, want)
		}
		if err == nil && (ans.Source != dns.SourceLive || len(ans.Records) > 0 && ans.Records[0].TTL != 300) {
			t.Errorf("%s: %+v", q.name, ans)
		}
	}
}

func TestTruncationGoesToTCP(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "big. TXT \"%03d %s\"\n", i, strings.Repeat("x", 200))
	}
	fmt.Fprintf(&b, "huge. TXT %s\n", strings.Repeat("y", 60000))
	z := zone(t, b.String())
	s := serve(t, z)
	r := client(t, live.Options{Upstreams: []string{s.Addr()}})
	for _, name := range []string{"big", "huge"} {
		if got, want := show(r.Lookup(t.Context(), name, "TXT")), show(z.Lookup(t.Context(), name, "TXT")); got != want {
			t.Errorf("%s: %.80s", name, got)
		}
		if n := s.Asked()[zoned.Question{Name: name, Type: "TXT", TCP: true}]; n != 1 {
			t.Errorf("%s: asked %d times over TCP", name, n)
		}
	}
}

func TestSecondUpstream(t *testing.T) {
	t.Parallel()
	good := serve(t, zone(t, world))
	nobody, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := nobody.LocalAddr().String()
	_ = nobody.Close()
	for name, bad := range map[string]string{
		"silent":   serve(t, zone(t, "; timeout mail.example.org\n")).Addr(),
		"servfail": serve(t, zone(t, "; servfail mail.example.org\n")).Addr(),
		"refused":  serve(t, zone(t, "; refused mail.example.org\n")).Addr(),
		"gone":     gone,
	} {
		r := client(t, live.Options{Upstreams: []string{bad, good.Addr()}, Timeout: 100 * time.Millisecond})
		for range 2 {
			if got := show(r.Lookup(t.Context(), "mail.example.org", "A")); !strings.Contains(got, "192.0.2.1") {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	s := serve(t, zone(t, world))
	r := client(t, live.Options{Upstreams: []string{s.Addr()}, Timeout: 20 * time.Millisecond})
	for name, want := range map[string]int{"dead": 2, "broken": 2, "closed": 1, "mail": 1, "none": 1} {
		_, _ = r.Lookup(t.Context(), name+".example.org", "A")
		if n := s.Asked()[zoned.Question{Name: name + ".example.org", Type: "A"}]; n != want {
			t.Errorf("%s: asked %d times, want %d", name, n, want)
		}
	}
}

func TestContextEndsAQuestion(t *testing.T) {
	t.Parallel()
	r := client(t, live.Options{Upstreams: []string{serve(t, zone(t, world)).Addr()}, Timeout: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got := show(r.Lookup(ctx, "dead.example.org", "A")); got != "TIMEOUT" {
		t.Error(got)
	}
	if got := show(r.Lookup(t.Context(), "mail.example.org", "A")); !strings.HasPrefix(got, "NOERROR") {
		t.Error("after a question was given up:", got)
	}
}

func TestManyAtOnceGetTheirOwnAnswers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "n%d. TXT t%d\n", i, i)
	}
	r := client(t, live.Options{Upstreams: []string{serve(t, zone(t, b.String())).Addr()}})
	var wg sync.WaitGroup
	for w := range 64 { // more at once can overflow the socket of the server
		wg.Go(func() {
			for i := w; i < 2000; i += 64 {
				got, err := dns.TXT(t.Context(), r, fmt.Sprintf("n%d", i%200))
				if err != nil || len(got) != 1 || got[0] != fmt.Sprintf("t%d", i%200) {
					t.Error(i, got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{"192.0.2.1": true, "::1": true, "[::1]:5353": true, "unbound:53": true, "a:b:c:": true, "host:": false} {
		if r, err := live.New(live.Options{Upstreams: []string{addr}}); (err == nil) != ok {
			t.Error(addr, r, err)
		}
	}
}

// BenchmarkLookup asks a server on loopback, which takes its share of the CPU.
func BenchmarkLookup(b *testing.B) {
	r := client(b, live.Options{Upstreams: []string{serve(b, zone(b, world)).Addr()}})
	for _, par := range []int{1, 16} {
		b.Run(fmt.Sprintf("parallel-%d", par), func(b *testing.B) {
			b.SetParallelism(par)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := r.Lookup(b.Context(), "txt.example.org", "TXT"); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "questions/s")
		})
	}
}
