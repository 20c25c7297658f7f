// SPDX-License-Identifier: MIT

package spf_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mailproof/dns"
)

// A zone is a small DNS in memory that tells NXDOMAIN, no data and every kind
// of error apart, and counts what it is asked.
type zone struct {
	records map[string]map[dns.Type][]string
	fails   map[string]dns.RCode // name, or "TYPE name"
	cnames  map[string]string
	delay   time.Duration

	mu    sync.Mutex
	asked map[string]int
}

func newZone() *zone {
	return &zone{
		records: map[string]map[dns.Type][]string{}, fails: map[string]dns.RCode{},
		cnames: map[string]string{}, asked: map[string]int{},
	}
}

// parseZone reads lines of "NAME TYPE VALUE"; "NAME FAIL CODE" answers an error.
func parseZone(t testing.TB, text string) *zone {
	t.Helper()
	z := newZone()
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(f) < 3 {
			if f[0] != "" {
				t.Fatalf("zone line %q", line)
			}
			continue
		}
		if f[1] == "FAIL" {
			z.fails[f[0]] = dns.RCode(f[2])
			continue
		}
		z.add(f[0], dns.Type(f[1]), f[2])
	}
	return z
}

func (z *zone) add(name string, typ dns.Type, value string) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if z.records[name] == nil {
		z.records[name] = map[dns.Type][]string{}
	}
	z.records[name][typ] = append(z.records[name][typ], value)
}

func (z *zone) Lookup(ctx context.Context, name string, typ dns.Type) (dns.Answer, error) {
	z.mu.Lock()
	z.asked[string(typ)+" "+name]++
	z.mu.Unlock()
	if z.delay > 0 {
		select {
		case <-time.After(z.delay):
		case <-ctx.Done():
			return dns.Answer{}, &dns.Error{Name: name, Type: typ, Code: dns.Timeout}
		}
	}
	return z.answer(name, typ)
}

func (z *zone) answer(name string, typ dns.Type) (dns.Answer, error) {
	name = strings.ToLower(name)
	for range 10 {
		to, ok := z.cnames[name]
		if !ok {
			break
		}
		name = strings.ToLower(to)
	}
	code, bad := z.fails[name]
	if typed, ok := z.fails[string(typ)+" "+name]; ok {
		code, bad = typed, true
	}
	if values := z.records[name][typ]; len(values) > 0 && !(bad && code == dns.BadName) {
		a := dns.Answer{RCode: dns.NoError}
		for _, v := range values {
			a.Records = append(a.Records, dns.Record{Name: name, Type: typ, Value: v})
		}
		return a, nil
	}
	if bad {
		return dns.Answer{}, &dns.Error{Name: name, Type: typ, Code: code}
	}
	if z.exists(name) {
		return dns.Answer{RCode: dns.NoError}, nil
	}
	return dns.Answer{RCode: dns.NXDomain}, nil
}

// exists: names above a name that exists do so too (RFC 8020).
func (z *zone) exists(name string) bool {
	for n := range z.records {
		if n == name || strings.HasSuffix(n, "."+name) {
			return true
		}
	}
	return false
}

// questions are all that was asked, sorted, each once.
func (z *zone) questions() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return slices.Sorted(maps.Keys(z.asked))
}

func (z *zone) once(t testing.TB) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	for q, n := range z.asked {
		if n != 1 {
			t.Errorf("asked %d times: %s", n, q)
		}
	}
}
