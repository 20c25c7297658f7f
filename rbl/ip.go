// SPDX-License-Identifier: MIT

package rbl

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
)

// A Status is the contract's status of a list in a report.
type Status string

// The statuses of a list.
const (
	Clean      Status = "clean"
	Listed     Status = "listed"
	WasRefused Status = "refused"
	Failed     Status = "error"
	Skipped    Status = "skipped"
)

// A Verdict is what one list says of one address, and whether that counts.
type Verdict struct {
	Status   Status
	Health   Health
	Absent   bool     // a closed world without the list
	Name     string   // that was asked
	Codes    []string // answers, in order
	Meanings []string // heaviest first; only if Listed
	Text     []string // what the list gives as its reason
	Code     dns.RCode
}

// ipCheck is the check of one list of addresses.
type ipCheck struct {
	list   List
	config Config
	fact   *check.Fact[netip.Addr, Verdict]
	specs  specs
}

// specs are the statements about one list, made from its data.
type specs struct {
	clean, other, refused, unreachable, broken, unusable, private, family, absent finding.Spec
	listed                                                                        map[string]finding.Spec
}

func newIPCheck(l List, c Config) ipCheck {
	ic := ipCheck{list: l, config: c}
	ic.fact = check.NewFact(ID, ic.id(), ic.lookup)
	spec := func(name string, s finding.Status, params ...string) finding.Spec {
		return finding.Spec{ID: finding.ID(ic.id() + "." + name), Status: s, Params: append([]string{"ip", "list"}, params...), Refs: l.Refs}
	}
	ic.specs = specs{
		clean: spec("clean", finding.Pass), other: spec("other", finding.Info, "codes"),
		refused:     spec("refused", finding.Unknown, "codes"),
		unreachable: spec("unreachable", finding.Unknown, "code"),
		broken:      spec("broken", finding.Unknown, "codes"),
		unusable:    spec("unusable", finding.Skipped, "health"),
		private:     spec("private-address", finding.Skipped), family: spec("no-family", finding.Skipped),
		absent: spec("absent", finding.Skipped), listed: map[string]finding.Spec{},
	}
	for _, c := range l.Codes {
		s := spec(c.Meaning, finding.Fail, "codes", "text", "url")
		s.Weight, s.Cap, s.Limit = c.Weight, c.Cap, c.Limit
		ic.specs.listed[c.Meaning] = s
	}
	return ic
}

func (ic ipCheck) id() string { return "rbl." + ic.list.ID }

func (ic ipCheck) check() check.Check {
	s := ic.specs
	all := []finding.Spec{s.clean}
	for _, c := range ic.list.Codes {
		all = append(all, s.listed[c.Meaning])
	}
	all = append(all, s.other, s.refused, s.unreachable, s.broken, s.unusable, s.private, s.family, s.absent)
	return check.Check{ID: ic.id(), Needs: check.NeedClientIP, Specs: all, Run: ic.run}
}

// skip returns the statement for an address that is not asked about. A
// question about an inner address would tell the list nothing, and tell it
// about our network.
func (ic ipCheck) skip(ip netip.Addr) *finding.Spec {
	switch {
	case !evidence.Public(ip):
		return &ic.specs.private
	case !ic.list.has(family(ip)):
		return &ic.specs.family
	}
	return nil
}

// lookup asks the list, and believes a listing only from a healthy one.
func (ic ipCheck) lookup(ctx context.Context, in *check.Input, ip netip.Addr) Verdict {
	f := family(ip)
	if ic.config.ClosedWorld && !present(ctx, in.DNS, ic.list, f) {
		return Verdict{Status: Skipped, Absent: true, Codes: []string{}, Text: []string{}}
	}
	known := OK
	if ic.config.Health != nil {
		known = ic.config.Health.Health(ctx, ic.list, f)
	}
	r := ask(ctx, in.DNS, ip, ic.list.Zone)
	v := Verdict{Name: r.name, Codes: r.codes(), Text: []string{}, Code: r.code, Health: r.health()}
	if v.Health == OK && known != OK {
		v.Health = known
	}
	if r.listed() && ic.config.Health == nil {
		v.Health = Probe(ctx, in.DNS, ic.list, f)
	}
	v.Status = statusOf(v.Health, r.listed())
	if v.Status == Listed {
		v.Meanings = ic.list.meanings(r.addrs)
		v.Text = textOf(ctx, in.DNS, r.name)
	}
	return v
}

func statusOf(h Health, listed bool) Status {
	switch {
	case h == Dead || h == Wildcard:
		return Skipped
	case h == Refused:
		return WasRefused
	case h != OK:
		return Failed
	case listed:
		return Listed
	}
	return Clean
}

func (ic ipCheck) run(ctx context.Context, in *check.Input) []finding.Finding {
	ip := in.Session.ClientIP
	seen := finding.Observation{Kind: "session", Label: "label.client", Value: ip.String()}
	base := func() finding.Params { return finding.Params{"ip": ip.String(), "list": ic.list.Name} }
	if s := ic.skip(ip); s != nil {
		return []finding.Finding{s.At(ip.String(), base(), seen)}
	}
	v, err := ic.fact.Get(ctx, in, ip)
	if err != nil {
		return nil
	}
	codes := strings.Join(v.Codes, ", ")
	asked := finding.Observation{Kind: "dns", Label: "A " + v.Name, Value: codes}
	one := func(s finding.Spec, name, value string) []finding.Finding {
		p := base()
		if name != "" {
			p[name] = value
		}
		return []finding.Finding{s.At(ip.String(), p, seen, asked)}
	}
	switch {
	case v.Absent:
		return []finding.Finding{ic.specs.absent.At(ip.String(), base(), seen)}
	case v.Status == Listed:
		return ic.listed(in, v, seen, asked)
	case v.Status == Clean:
		asked.Value = "–"
		return one(ic.specs.clean, "", "")
	case v.Status == Skipped:
		return one(ic.specs.unusable, "health", string(v.Health))
	case v.Status == WasRefused:
		return one(ic.specs.refused, "codes", orDash(codes))
	case v.Health == Broken:
		return one(ic.specs.broken, "codes", orDash(codes))
	}
	asked.Value = orDash(string(v.Code)) // none: a test point was not reached
	return one(ic.specs.unreachable, "code", orDash(string(v.Code)))
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// listed is one finding for each meaning of the answer.
func (ic ipCheck) listed(in *check.Input, v Verdict, seen ...finding.Observation) []finding.Finding {
	ip := in.Session.ClientIP
	for _, t := range v.Text {
		seen = append(seen, finding.Observation{Kind: "dns", Label: "TXT " + v.Name, Value: t})
	}
	var found []finding.Finding
	for _, m := range v.Meanings {
		p := finding.Params{"ip": ip.String(), "list": ic.list.Name, "codes": strings.Join(v.Codes, ", ")}
		spec, ok := ic.specs.listed[m]
		if !ok {
			found = append(found, ic.specs.other.At(ip.String(), p, seen...))
			continue
		}
		p["text"], p["url"] = strings.Join(v.Text, " "), ic.list.url(ip)
		found = append(found, spec.At(ip.String(), p, slices.Clone(seen)...).Fixed(finding.Fix{}))
	}
	return found
}
