// SPDX-License-Identifier: MIT

package domain

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
)

// maxHosts is how many mail hosts of a domain are looked at; real domains have
// five, and RFC 7208 §4.6.4 also stops at ten.
const maxHosts = 10

// A MailDomain is what DNS says of the mail hosts of a domain.
type MailDomain struct {
	Code     dns.RCode    // of the question that failed; empty: all answers came
	Missing  bool         // the name does not exist
	Null     bool         // null MX: takes no mail (RFC 7505)
	Hosts    []Host       // of the MX records, most preferred first
	Implicit []netip.Addr // addresses of the domain itself where there is no MX (RFC 5321 §5.1)
}

// A Host is one target of an MX record.
type Host struct {
	Record  string // value of the MX record
	Name    string
	Pref    string
	Addrs   []netip.Addr
	Alias   string    // canonical name, if Name is a CNAME (RFC 2181 §10.3)
	Literal bool      // Name is an address
	Code    dns.RCode // nobody knows its addresses
}

// Hosts is the fact of a domain's mail hosts; the key is an A-label name.
var Hosts = check.NewFact(ID, "domain.hosts", lookupHosts)

// Receives tells whether mail to the domain can be delivered. Known is false
// where DNS did not answer.
func (d MailDomain) Receives() (yes, known bool) {
	if d.Missing || d.Null {
		return false, true
	}
	if len(d.Implicit) > 0 || slices.ContainsFunc(d.Hosts, Host.works) {
		return true, true
	}
	undecided := slices.ContainsFunc(d.Hosts, func(h Host) bool { return h.Code != "" })
	return false, d.Code == "" && !undecided
}

// works: has an address on the internet.
func (h Host) works() bool { return slices.ContainsFunc(h.Addrs, evidence.Public) }

func lookupHosts(ctx context.Context, in *check.Input, domain string) MailDomain {
	var d MailDomain
	ans, err := in.DNS.Lookup(ctx, domain, dns.TypeMX)
	switch code := dns.CodeOf(err); {
	case code == dns.BadName:
		d.Missing = true // no such name can exist
		return d
	case err != nil:
		d.Code = code
		return d
	case ans.RCode == dns.NXDomain:
		d.Missing = true
		return d
	case len(ans.Records) == 0:
		addrs, err := dns.Addrs(ctx, in.DNS, domain)
		d.Implicit = addrs
		if len(addrs) == 0 {
			d.Code = dns.CodeOf(err)
		}
		return d
	}
	for _, rec := range ans.Records {
		pref, name, _ := strings.Cut(rec.Value, " ")
		d.Hosts = append(d.Hosts, Host{Record: rec.Value, Pref: pref, Name: name})
	}
	if len(d.Hosts) == 1 && d.Hosts[0].Name == "." {
		return MailDomain{Null: true}
	}
	slices.SortFunc(d.Hosts, func(a, b Host) int {
		if len(a.Pref) != len(b.Pref) {
			return len(a.Pref) - len(b.Pref) // decimal numbers without leading zeros
		}
		return strings.Compare(a.Record, b.Record)
	})
	d.Hosts = d.Hosts[:min(len(d.Hosts), maxHosts)]
	var wg sync.WaitGroup
	for i := range d.Hosts {
		wg.Go(func() { d.Hosts[i].lookup(ctx, in.DNS) })
	}
	wg.Wait()
	return d
}

// lookup finds the addresses of one host, both families at once.
func (h *Host) lookup(ctx context.Context, world dns.Resolver) {
	if _, err := netip.ParseAddr(h.Name); err == nil {
		h.Literal = true
		return
	}
	if h.Name == "." {
		return // a null MX among others names no host
	}
	var answers [2]dns.Answer
	var errs [2]error
	var wg sync.WaitGroup
	for i, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		wg.Go(func() { answers[i], errs[i] = world.Lookup(ctx, h.Name, t) })
	}
	wg.Wait()
	for i, ans := range answers {
		if code := dns.CodeOf(errs[i]); code != "" && code != dns.BadName {
			h.Code = code
			continue
		}
		if n := len(ans.CNAMEs); n > 0 {
			h.Alias = ans.CNAMEs[n-1]
		}
		for _, rec := range ans.Records {
			if a, err := netip.ParseAddr(rec.Value); err == nil {
				h.Addrs = append(h.Addrs, a)
			}
		}
	}
	if h.works() {
		h.Code = "" // one family is enough to know
	}
}
