// SPDX-License-Identifier: MIT

package spf

import "mailproof/dns"

// fetch finds the one record of a domain (§4.4, §4.5). Without one it sets the
// result of t and returns false.
func (e *eval) fetch(t *Trace) (Record, bool) {
	if !isName(t.Domain) { // §4.3
		t.Result, t.Reason = None, BadDomain
		return Record{}, false
	}
	a, known := e.ask(t.Domain, dns.TypeTXT)
	switch {
	case !known:
		return Record{}, false
	case a.err != nil && a.err.Code == dns.BadName:
		t.DNS, t.Result, t.Reason = dns.BadName, None, BadDomain
		return Record{}, false
	case a.err != nil: // §4.4
		t.DNS, t.Result, t.Reason = a.err.Code, Temperror, dnsReason(a.err)
		e.fail(t, nil, Temperror, t.Reason, a.err)
		return Record{}, false
	}
	t.DNS = a.rcode
	for _, txt := range a.values {
		if IsRecord(txt) {
			t.Records = append(t.Records, txt)
		}
	}
	switch {
	case len(t.Records) == 0:
		t.Result, t.Reason = None, NoRecord
		if a.rcode == dns.NXDomain {
			t.Reason = NoDomain
		}
		return Record{}, false
	case len(t.Records) > 1: // §4.5
		t.Result, t.Reason = Permerror, TwoRecords
		e.fail(t, nil, Permerror, TwoRecords, nil)
		return Record{}, false
	}
	p := e.w.parse(t.Records[0])
	t.Errors = p.errs
	return p.rec, true
}
