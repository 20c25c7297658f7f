// SPDX-License-Identifier: MIT

package analysis_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"mailproof/dns"
	"mailproof/store"
)

// silent never answers before the asker gives up.
type silent struct{}

func (silent) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	<-ctx.Done()
	return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: dns.Timeout}
}

// either is silent for the mails of one domain only.
type either struct{ dns.Resolver }

func (e either) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	if len(name) >= 12 && name[len(name)-12:] == "slow.example" {
		return silent{}.Lookup(ctx, name, t)
	}
	return e.Resolver.Lookup(ctx, name, t)
}

// Twenty mails whose name servers never answer do not hold up the one behind them.
func TestSilentNameServersHoldUpNobodyElse(t *testing.T) {
	t.Parallel()
	c, ev := example(t, "perfect")
	zone, err := c.Zone()
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(t.TempDir(), "data"))
	defer s.Close()
	slow := ev
	slow.Session.MailFrom = "x@slow.example"
	for i := range 20 {
		put(t, s, fmt.Sprintf("slow%d", i), slow)
	}
	put(t, s, "one", ev)
	w := worker(s, analyzerOver(either{zone}))
	w.Workers = 64
	if test := work(t, w); test.State() != store.Done {
		t.Errorf("state %s", test.State())
	}
	for i := range 20 {
		test, err := s.Test(t.Context(), fmt.Sprintf("slow%d", i))
		if err != nil || test.State() == store.Done {
			t.Errorf("a mail without DNS was done first: %v", err)
		}
	}
}
