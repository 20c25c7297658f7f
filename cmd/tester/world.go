// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"mailproof/analysis"
	"mailproof/checks"
	"mailproof/config"
	"mailproof/dns"
	"mailproof/dns/live"
	"mailproof/scoring"
	"mailproof/text"
)

// maxFile bounds the files that are read whole: zones, overlays. A message has
// its own limit.
const maxFile = 16 << 20

// resolver is the DNS that the flags ask for: zone files alone, or the network.
func resolver(upstreams, zones []string) (dns.Resolver, error) {
	if len(zones) == 0 {
		return live.New(live.Options{Upstreams: upstreams})
	}
	var all []*dns.Zone
	for _, path := range zones {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		z, err := dns.ParseZone(f, path)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, z)
	}
	return dns.Merge(all...), nil
}

// overlay reads the changes of --overlay, text or JSON.
func overlay(path string) ([]dns.Change, error) {
	if path == "" {
		return nil, nil
	}
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	changes, err := dns.ParseChanges(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return changes, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: larger than %d octets", path, maxFile)
	}
	return os.ReadFile(path)
}

// receiver is our own name in reports, if none was given.
func receiver(name string) string {
	if name != "" {
		return name
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "localhost"
	}
	return host
}

// analyzer puts the checks together over a resolver.
func analyzer(world dns.Resolver, c checks.Config, log *slog.Logger, timeout time.Duration, crashed func(string, error)) *analysis.Analyzer {
	version, _ := buildVersion()
	return analysis.New(analysis.Options{
		Groups: checks.All(c), Policy: scoring.DefaultPolicy(), Resolver: world, Version: version,
		Log: log, Clock: time.Now, Timeout: timeout,
		Crashed: func(where string, err error) {
			log.Error("check crashed", "where", where, "err", err)
			if crashed != nil {
				crashed(where, err)
			}
		},
	})
}

// printer finds the sentences of all checks in one language.
func printer(lang string) (*text.Printer, error) {
	catalog, err := catalog()
	if err != nil {
		return nil, err
	}
	return catalog.Printer(lang), nil
}

// logger writes to stderr; the level is one of config's.
func logger(s *std, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelWarn
	}
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: l}))
}

// worldOf is the resolver and overlay of an analysing command.
func worldOf(w config.World) (dns.Resolver, []dns.Change, error) {
	r, err := resolver(w.Resolver, w.Zone)
	if err != nil {
		return nil, nil, err
	}
	changes, err := overlay(w.Overlay)
	return r, changes, err
}
