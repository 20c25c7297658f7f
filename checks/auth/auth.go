// SPDX-License-Identifier: MIT

// Package auth checks SPF, DKIM and DMARC: it turns what the evaluators of
// mailauth say into findings, with the exact records to publish.
package auth

import (
	"context"
	"embed"
	"io/fs"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/mailauth/dkim"
)

// group is the section of the report.
const group = "authentication"

// budget is how many DNS questions one mail may cause here: SPF alone may need
// a hundred by its own limits, an honest mail needs fifteen.
const budget = 150

// Config is what the operator decides.
type Config struct {
	// Opinion asks another DKIM verifier about the same message, unless it is
	// one that it must not be given, and returns where it differs, a line
	// each: opinion.SecondOpinion. It never changes the report. May be nil.
	Opinion func(ctx context.Context, r dns.Resolver, raw []byte, ours []dkim.Verdict) (ran bool, differences []string)
	// Differs is told of every difference, to be counted; they are logged in
	// any case. May be nil.
	Differs func(difference string)
}

//go:embed texts/*.json
var texts embed.FS

// Group is the authentication section.
func Group(c Config) check.Group {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return check.Group{
		ID: group, Budget: budget, Texts: sub, Describe: describe,
		Checks: []check.Check{checkSPF, checkSPFHelo, dkimCheck(c), checkDMARC, checkNone},
	}
}

// ttl of the records that fixes propose: an hour, so that a mistake is soon
// forgotten.
const ttl = 3600

func seen(kind, label, value string) finding.Observation {
	return finding.Observation{Kind: kind, Label: label, Value: value}
}

func replaceTXT(name, old, value string) dns.Change {
	return dns.Change{Action: dns.Replace, Name: name, Type: dns.TypeTXT, TTL: ttl, Old: old, Value: value, By: dns.ByDomain}
}

func addTXT(name, value string) dns.Change {
	return dns.Change{Action: dns.Add, Name: name, Type: dns.TypeTXT, TTL: ttl, Value: value, By: dns.ByDomain}
}

func removeTXT(name, old string) dns.Change {
	return dns.Change{Action: dns.Remove, Name: name, Type: dns.TypeTXT, Old: old, By: dns.ByDomain}
}
