// SPDX-License-Identifier: MIT

package dns_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mailproof/dns"
)

// A world that takes its time and counts what it is asked.
type slow struct {
	dns.Resolver
	delay time.Duration
	mu    sync.Mutex
	asked map[string]int
}

func (s *slow) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	s.mu.Lock()
	if s.asked == nil {
		s.asked = make(map[string]int)
	}
	s.asked[name+" "+string(t)]++
	s.mu.Unlock()
	select {
	case <-time.After(s.delay):
		return s.Resolver.Lookup(ctx, name, t)
	case <-ctx.Done():
		return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: dns.Timeout}
	}
}

func TestCacheAsksOnceAndOutlivesTheImpatient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &slow{Resolver: zone(t, world), delay: time.Second}
		c := dns.Cache(t.Context(), base)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
				defer cancel()
				if got := show(c.Lookup(ctx, "mail.example.org", dns.TypeA)); got != "TIMEOUT" {
					t.Error(got)
				}
			})
			wg.Go(func() {
				if got := ask(t, c, "MAIL.example.org.", dns.TypeA); got != "NOERROR [192.0.2.1] AD" {
					t.Error(got)
				}
			})
			wg.Go(func() {
				if got := ask(t, c, "broken.example.org", dns.TypeA); got != "SERVFAIL" {
					t.Error(got)
				}
			})
		}
		wg.Wait()
		want := map[string]int{"mail.example.org A": 1, "broken.example.org A": 1}
		if !reflect.DeepEqual(base.asked, want) {
			t.Error(base.asked)
		}
	})
}

func TestCacheEndsWithTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c := dns.Cache(run, &slow{Resolver: zone(t, world), delay: time.Hour})
		start := time.Now()
		if got := ask(t, c, "mail.example.org", dns.TypeA); got != "TIMEOUT" || time.Since(start) != time.Second {
			t.Error(got, time.Since(start))
		}
	})
}

type panicking struct{}

func (panicking) Lookup(context.Context, string, dns.Type) (dns.Answer, error) { panic("oh") }

func TestCachePassesAPanicOn(t *testing.T) {
	t.Parallel()
	c := dns.Cache(t.Context(), panicking{})
	for range 2 {
		func() {
			defer func() {
				if recover() != "oh" {
					t.Error("the panic is gone")
				}
			}()
			_, _ = c.Lookup(t.Context(), "a", dns.TypeA)
		}()
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := dns.NewTrace(&slow{Resolver: zone(t, world), delay: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _ = tr.Lookup(ctx, "mail.example.org", dns.TypeA) // gives up
		for _, n := range []string{"Mail.example.org", "broken.example.org", "a.none"} {
			_, _ = tr.Lookup(t.Context(), n, dns.TypeA)
		}
		_, _ = tr.Lookup(ctx, "a.none", dns.TypeA) // gives up, but the answer is known
		_, _ = tr.Lookup(t.Context(), "a.none", dns.Type("AAAA"))
		got := tr.Seal()
		_, _ = tr.Lookup(t.Context(), "late.example.org", dns.TypeA)
		if !reflect.DeepEqual(got, tr.Exchanges()) {
			t.Error("changed after Seal")
		}
		var lines []string
		for _, x := range got {
			lines = append(lines, x.Name+" "+string(x.Type)+" "+string(x.Outcome())+" "+x.RTT.String())
		}
		want := "a.none A NXDOMAIN 1s|a.none AAAA NXDOMAIN 1s|broken.example.org A SERVFAIL 1s|mail.example.org A NOERROR 1s"
		if s := strings.Join(lines, "|"); s != want {
			t.Error(s)
		}
	})
}

func TestRecordedAnswersTheSameAgain(t *testing.T) {
	t.Parallel()
	z := zone(t, world)
	tr := dns.NewTrace(z)
	questions := map[string]dns.Type{
		"far.example.org": "A", "gone.example.org": "A", "loop.example.org": "A", "slow.example.org": "MX",
		"example.org": "TXT", "8bit.example.org": "TXT", "example.net": "TXT", "foo.wild.example.org": "MX", "mail.example.org": "AAAA",
	}
	for n, typ := range questions {
		_, _ = tr.Lookup(t.Context(), n, typ)
	}
	stored, err := json.Marshal(tr.Seal())
	if err != nil {
		t.Fatal(err)
	}
	var back []dns.Exchange
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	r := dns.Recorded(back, nil)
	for n, typ := range questions {
		if a, b := ask(t, r, strings.ToUpper(n), typ), ask(t, z, n, typ); a != b {
			t.Errorf("%s: %s, was %s", n, a, b)
		}
	}
	if got := ask(t, r, "other.example.org", dns.TypeA); got != "NOT-RECORDED" {
		t.Error(got)
	}
	if got := ask(t, dns.Recorded(back, z), "mail.example.org", dns.TypeA); got != "NOERROR [192.0.2.1] AD" {
		t.Error(got)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b := dns.Budget(zone(t, world), 2)
	for _, c := range []struct{ name, typ, want string }{
		{"mail.example.org", "A", "NOERROR [192.0.2.1] AD"},
		{"Mail.example.org.", "A", "NOERROR [192.0.2.1] AD"},
		{"mail.example.org", "TXT", "NOERROR AD"},
		{"mail.example.org", "MX", "OVER-BUDGET"},
		{"mail.example.org", "TXT", "NOERROR AD"},
	} {
		if got := ask(t, b, c.name, dns.Type(c.typ)); got != c.want {
			t.Errorf("%s %s: %s", c.name, c.typ, got)
		}
	}
}

func TestHelpers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	z := dns.Merge(zone(t, world), zone(t, "1.2.0.192.in-addr.arpa. PTR Mail.example.org.\n; servfail half.example.org\nhalf.example.org. A 192.0.2.7\n"))
	if got, err := dns.MX(ctx, z, "example.org"); err != nil || !reflect.DeepEqual(got, []dns.MXHost{{0, "."}, {10, "Mail.example.org"}}) {
		t.Error(got, err)
	}
	if got, err := dns.TXT(ctx, z, "old.example.org"); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	if got, err := dns.PTR(ctx, z, netip.MustParseAddr("::ffff:192.0.2.1")); err != nil || len(got) != 1 || got[0] != "Mail.example.org" {
		t.Error(got, err)
	}
	want := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	if got, err := dns.Addrs(ctx, z, "www.example.org"); err != nil || !reflect.DeepEqual(got, want) {
		t.Error(got, err)
	}
	if got, err := dns.Addrs(ctx, z, "half.example.org"); dns.CodeOf(err) != dns.ServFail || len(got) != 1 {
		t.Error(got, err)
	}
	for name, want := range map[string]bool{"example.org": true, "no.such.name": false, "under.example.org": true} {
		if got, err := dns.Exists(ctx, z, name); got != want || err != nil {
			t.Error(name, got, err)
		}
	}
	if _, err := dns.Exists(ctx, z, "broken.example.org"); dns.CodeOf(err) != dns.ServFail {
		t.Error(err)
	}
}

func TestReverseName(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"192.0.2.17":         "17.2.0.192.in-addr.arpa",
		"::ffff:203.0.113.5": "5.113.0.203.in-addr.arpa",
		"2001:db8::cb01":     "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	} {
		if got := dns.ReverseName(netip.MustParseAddr(addr)); got != want {
			t.Error(got)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	long := strings.Join([]string{label, label, label, label[:61]}, ".")
	for name, want := range map[string]string{
		"Example.ORG": "example.org", "example.org.": "example.org", ".": ".", "_x.*.a=b:c/d+e": "_x.*.a=b:c/d+e",
		"Ä.example": "Ä.example", long: long, long + "a": "", label + "a.b": "", "": "", "..": "", ".a": "", "a..b": "",
		"a b": "", "a\x00b": "", "a\tb": "", "a\x7fb": "", "a.b..": "",
	} {
		got, err := dns.Canonical(name, dns.TypeA)
		if got != want || (err == nil) != (want != "") || err != nil && dns.CodeOf(err) != dns.BadName {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
}
