// SPDX-License-Identifier: MIT

package dmarc

import (
	"context"
	"strings"
	"sync"

	"mailproof/dns"
)

// A ReportHost is a domain that reports are to be sent to.
type ReportHost struct {
	Host     string
	Tags     []string // rua, ruf: where it is named
	External bool     // of another organizational domain: it has to agree
	Question string   // the name at which it would agree (RFC 9990 §4)
	// Authorized: it agrees, or is not external. Receives: it has an MX that
	// is not the null MX, or an address. Unknown comes with an error.
	Authorized, Receives Tri
	Errors               []error
}

// maxReportHosts bounds the hosts asked about in one record; receivers do not
// have to serve more than two (RFC 9990 §4).
const maxReportHosts = 10

// ReportHosts finds out whether the hosts of rua and ruf take reports for the
// policy that d found. At most maxReportHosts are looked at.
func ReportHosts(ctx context.Context, r dns.Resolver, d Discovery) []ReportHost {
	if d.Record == nil {
		return nil
	}
	hosts := hostsOf(d.Record)
	m := newMemo(r)
	var wg sync.WaitGroup
	for i := range hosts {
		wg.Go(func() { hosts[i].authorize(ctx, m, d.PolicyDomain) })
		wg.Go(func() { hosts[i].receive(ctx, r) })
	}
	wg.Wait()
	for i := range hosts {
		hosts[i].collect()
	}
	return hosts
}

func hostsOf(rec *Record) []ReportHost {
	var hosts []ReportHost
	add := func(tag string, uris []URI) {
		for _, u := range uris {
			if !u.Valid || u.Host == "" {
				continue
			}
			i := index(hosts, u.Host)
			if i < 0 && len(hosts) < maxReportHosts {
				hosts = append(hosts, ReportHost{Host: u.Host, Errors: make([]error, 2)})
				i = len(hosts) - 1
			}
			if i >= 0 && (len(hosts[i].Tags) == 0 || hosts[i].Tags[len(hosts[i].Tags)-1] != tag) {
				hosts[i].Tags = append(hosts[i].Tags, tag)
			}
		}
	}
	add("rua", rec.RUA)
	add("ruf", rec.RUF)
	return hosts
}

func index(hosts []ReportHost, host string) int {
	for i := range hosts {
		if hosts[i].Host == host {
			return i
		}
	}
	return -1
}

// authorize is RFC 9990 §4: a host of another organizational domain publishes
// a record that begins with v=DMARC1 at policy._report._dmarc.host.
func (h *ReportHost) authorize(ctx context.Context, m *memo, policy string) {
	if h.Host == policy {
		h.Authorized = Yes
		return
	}
	if shared(h.Host, policy) > 0 { // else they cannot have the same
		ours, theirs := discover(ctx, m, policy), discover(ctx, m, h.Host)
		for _, err := range []error{ours.OrgErr, theirs.OrgErr} {
			if err != nil {
				h.Errors[0] = err
				return
			}
		}
		if ours.Org == theirs.Org {
			h.Authorized = Yes
			return
		}
	}
	h.External = true
	h.Question = policy + "._report._dmarc." + h.Host
	if len(h.Question) > maxName {
		h.Authorized = No
		return
	}
	ans, err := m.r.Lookup(ctx, h.Question, dns.TypeTXT)
	if err != nil {
		h.Errors[0] = err
		return
	}
	h.Authorized = No
	for _, txt := range texts(ans) {
		if rec := Parse(txt); rec.Version {
			h.Authorized = Yes
		}
	}
}

// receive: mail goes to MX, or to an address where there is none
// (RFC 5321 §5.1); "0 ." refuses all (RFC 7505).
func (h *ReportHost) receive(ctx context.Context, r dns.Resolver) {
	h.Receives, h.Errors[1] = Receives(ctx, r, h.Host)
}

// Receives reports whether mail for a domain has somewhere to go.
func Receives(ctx context.Context, r dns.Resolver, domain string) (Tri, error) {
	ans, err := r.Lookup(ctx, domain, dns.TypeMX)
	if err != nil {
		return Unknown, err
	}
	for _, rec := range ans.Records {
		if rec.Type == dns.TypeMX {
			return tri(!strings.HasSuffix(rec.Value, " .")), nil
		}
	}
	var failed error
	for _, t := range []dns.Type{dns.TypeA, dns.TypeAAAA} {
		ans, err := r.Lookup(ctx, domain, t)
		if err != nil {
			failed = err
			continue
		}
		for _, rec := range ans.Records {
			if rec.Type == t {
				return Yes, nil
			}
		}
	}
	if failed != nil {
		return Unknown, failed
	}
	return No, nil
}

// collect drops the places of errors that did not happen.
func (h *ReportHost) collect() {
	var errs []error
	for _, err := range h.Errors {
		if err != nil {
			errs = append(errs, err)
		}
	}
	h.Errors = errs
}
