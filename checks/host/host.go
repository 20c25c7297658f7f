// SPDX-License-Identifier: MIT

// Package host checks the sending host: the names of its address, the name it
// gives, and the encryption of the session.
package host

import (
	"context"
	"embed"
	"io/fs"
	"net/netip"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/report"
)

// ID is the section of the report.
const ID = "sender"

//go:embed texts/*.json
var texts embed.FS

// Group returns the checks of the sending host, in the order of the report.
func Group() check.Group {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return check.Group{
		ID:       ID,
		Checks:   []check.Check{address, ptr, fcrdns, generic, helo, tls},
		Texts:    sub,
		Describe: describe,
	}
}

// describe fills the contract's authentication.iprev.
func describe(ctx context.Context, in *check.Input, r *report.Report) {
	ip := in.Session.ClientIP
	if !ip.IsValid() {
		return
	}
	rev, err := IPRev.Get(ctx, in, ip)
	if err != nil {
		return
	}
	r.Authentication.IPRev = &report.IPRev{Result: rev.Result, Names: rev.Names}
}

// Observations that several checks quote.

func seenClient(ip netip.Addr) finding.Observation {
	return finding.Observation{Kind: "session", Label: "label.client", Value: ip.String()}
}

func seenDNS(name string, t dns.Type, value string) finding.Observation {
	return finding.Observation{Kind: "dns", Label: string(t) + " " + name, Value: value}
}
