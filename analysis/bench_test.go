// SPDX-License-Identifier: MIT

package analysis_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"mailproof/analysis"
	"mailproof/checks"
	"mailproof/dns"
	"mailproof/dns/live"
	"mailproof/dns/zoned"
	"mailproof/evidence"
	"mailproof/fixtures"
	"mailproof/scoring"
)

// world is all fixtures' DNS, and the analyzer in it.
func analyzerOver(r dns.Resolver) *analysis.Analyzer {
	return analysis.New(analysis.Options{
		Groups: checks.All(checks.Config{}), Policy: scoring.DefaultPolicy(), Resolver: r,
		Log: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
}

func example(tb testing.TB, name string) (fixtures.Case, evidence.Evidence) {
	tb.Helper()
	cases, err := fixtures.Load()
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range cases {
		if c.Name == name {
			ev, err := c.Evidence(fixtures.Now)
			if err != nil {
				tb.Fatal(err)
			}
			return c, ev
		}
	}
	tb.Fatalf("no fixture %s", name)
	return fixtures.Case{}, evidence.Evidence{}
}

// BenchmarkAnalyze: one small good mail; DNS in the process, and over loopback.
func BenchmarkAnalyze(b *testing.B) {
	c, ev := example(b, "perfect")
	zone, err := c.Zone()
	if err != nil {
		b.Fatal(err)
	}
	server, err := zoned.Serve(context.Background(), zone, "127.0.0.1:0", zoned.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	wire, err := live.New(live.Options{Upstreams: []string{server.Addr()}})
	if err != nil {
		b.Fatal(err)
	}
	for name, world := range map[string]dns.Resolver{"zone": zone, "loopback": wire} {
		b.Run(name, func(b *testing.B) {
			a := analyzerOver(world)
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					a.Analyze(context.Background(), analysis.Job{Evidence: ev})
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "analyses/s")
		})
	}
}
