// SPDX-License-Identifier: MIT

package dmarc

import (
	"context"
	"strings"
	"sync"
	"testing"

	"mailproof/dns"
)

// world is a resolver made of lines "name TYPE value" (TXT is left out:
// "name: value"); "name !CODE" answers nothing. What is not there is NXDOMAIN,
// but for parents of what is. It counts the questions.
type world struct {
	records map[string]map[dns.Type][]string
	errs    map[string]dns.RCode
	cnames  map[string]string

	mu    sync.Mutex
	asked []string
}

func newWorld(t testing.TB, text string) *world {
	t.Helper()
	w := &world{records: map[string]map[dns.Type][]string{}, errs: map[string]dns.RCode{}, cnames: map[string]string{}}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 2 {
			t.Fatalf("bad line %q", line)
		}
		name := f[0]
		rest := strings.TrimSpace(strings.TrimSpace(line)[len(name):])
		switch {
		case strings.HasPrefix(rest, "!"):
			w.errs[name] = dns.RCode(rest[1:])
		case f[1] == "CNAME":
			w.cnames[name] = f[2]
		case f[1] == "MX" || f[1] == "A":
			w.add(name, dns.Type(f[1]), strings.TrimSpace(rest[len(f[1]):]))
		default:
			w.add(name, dns.TypeTXT, rest)
		}
	}
	return w
}

func (w *world) add(name string, t dns.Type, value string) {
	if w.records[name] == nil {
		w.records[name] = map[dns.Type][]string{}
	}
	w.records[name][t] = append(w.records[name][t], value)
}

func (w *world) Lookup(_ context.Context, name string, t dns.Type) (dns.Answer, error) {
	w.mu.Lock()
	w.asked = append(w.asked, name+" "+string(t))
	w.mu.Unlock()
	if code, bad := w.errs[name]; bad {
		return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: code}
	}
	var ans dns.Answer
	for target, is := w.cnames[name]; is; target, is = w.cnames[name] {
		ans.CNAMEs = append(ans.CNAMEs, target)
		name = target
	}
	ans.RCode = dns.NXDomain
	for have := range w.records {
		if have == name || strings.HasSuffix(have, "."+name) {
			ans.RCode = dns.NoError
		}
	}
	for _, v := range w.records[name][t] {
		ans.Records = append(ans.Records, dns.Record{Name: name, Type: t, Value: v})
	}
	return ans, nil
}
