// SPDX-License-Identifier: MIT

// Package rbl checks the reputation lists of addresses, and whether a list
// can be believed. Lists are data (lists.go): a new one needs no code.
package rbl

import (
	"context"
	"embed"
	"io/fs"
	"net/netip"

	"mailproof/check"
	"mailproof/report"
)

// ID is the section of the report.
const ID = "rbl"

// Budget is how many questions the lists may ask in one analysis: some twenty
// lists, each with its answer, its text and its test points.
const Budget = 300

//go:embed texts/*.json
var texts embed.FS

// Config is what the operator decides.
type Config struct {
	// Lists to ask; nil: Default().
	Lists []List
	// Health of the lists, kept in the background of a server. Nil: a list is
	// probed within the analysis, and only if it answered "listed".
	Health HealthSource
	// ClosedWorld: DNS is a zone file. A list that is not in it is skipped.
	ClosedWorld bool
}

// Group returns one check for each list.
func Group(c Config) check.Group {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	if c.Lists == nil {
		c.Lists = Default()
	}
	g := check.Group{ID: ID, Budget: Budget, Texts: sub}
	var all []ipCheck
	for _, l := range c.Lists {
		ic := newIPCheck(l, c)
		all = append(all, ic)
		g.Checks = append(g.Checks, ic.check())
	}
	g.Describe = func(ctx context.Context, in *check.Input, r *report.Report) {
		for _, ic := range all {
			ic.describe(ctx, in, r)
		}
	}
	return g
}

// describe fills the contract's rbl part with one entry.
func (ic ipCheck) describe(ctx context.Context, in *check.Input, r *report.Report) {
	ip := in.Session.ClientIP
	if !ip.IsValid() {
		return
	}
	e := report.List{
		List: ic.list.Name, Kind: ic.list.Kind, Target: ip.String(), Status: string(Skipped),
		Tier: ic.list.Tier, URL: ic.list.url(ip), Codes: []string{}, Text: []string{},
	}
	if ic.skip(ip) == nil {
		v, err := ic.fact.Get(ctx, in, ip)
		if err != nil {
			return
		}
		e.Status, e.Health = string(v.Status), string(v.Health)
		e.Codes, e.Text = v.Codes, v.Text
		e.Meaning = ic.meaning(v)
	}
	for _, f := range r.Findings {
		if f.Check == ic.id() {
			e.Penalty += f.Penalty
		}
	}
	r.Lists = append(r.Lists, e)
}

// meaning is the key of the text that says what the heaviest code means.
func (ic ipCheck) meaning(v Verdict) string {
	if len(v.Meanings) == 0 {
		return ""
	}
	return ic.id() + "." + v.Meanings[0] + ".title"
}

// family tells which test points speak for an address.
func family(ip netip.Addr) Family {
	if ip.Is4() {
		return IPv4
	}
	return IPv6
}
