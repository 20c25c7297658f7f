// SPDX-License-Identifier: MIT

package spf

import (
	"net/netip"
	"slices"
	"strings"

	"mailproof/dns"
)

// mechanism reports whether a mechanism matches (§5). It may end the
// evaluation through e.why.
func (e *eval) mechanism(t *Trace, s *Step) bool {
	switch s.Term.Kind {
	case All:
		return true
	case IP4, IP6: // §5.6
		return s.Term.Network.Contains(e.IP)
	}
	if !e.count(t, s) {
		return false
	}
	name := t.Domain
	if s.Term.Value != "" {
		expanded, state := e.expand(s.Term.Value, domainText, t.Domain)
		if state == unknownYet {
			return false
		}
		if state == impossible { // RFC 8616 §4: no match
			s.Reason = BadDomain
			return false
		}
		name = fit(expanded)
	}
	s.Target = name
	if s.Term.Kind == Include {
		return e.include(t, s)
	}
	if !isName(name) { // §4.8: nothing to ask, no match
		s.Reason = BadDomain
		return false
	}
	switch s.Term.Kind {
	case A:
		return e.a(t, s)
	case MX:
		return e.mx(t, s)
	case PTR:
		return e.ptr(t, s)
	default:
		return e.exists(t, s)
	}
}

// include runs check_host() on the target (§5.2).
func (e *eval) include(t *Trace, s *Step) bool {
	s.Child, _ = e.record(s.Target)
	if s.Child.Result == None {
		s.Reason = s.Child.Reason
		e.fail(t, s, Permerror, IncludeNone, nil)
	}
	return s.Child.Result == Pass
}

// query asks a question of a term itself; false if there is nothing to look
// at: no answer yet, an error that ended the evaluation, or no records.
func (e *eval) query(t *Trace, s *Step, typ dns.Type) ([]string, bool) {
	a, known := e.ask(s.Target, typ)
	if !known {
		return nil, false
	}
	s.note(s.Target, typ, a)
	switch {
	case a.err != nil && a.err.Code == dns.BadName:
		s.Reason = BadDomain
	case a.err != nil: // §5
		e.fail(t, s, Temperror, dnsReason(a.err), a.err)
	case a.void():
		e.void(t, s)
	}
	return a.values, len(a.values) > 0
}

// note adds a question to the trace.
func (s *Step) note(name string, typ dns.Type, a answer) {
	q := Question{Name: name, Type: typ, Outcome: a.rcode, Records: len(a.values)}
	if a.err != nil {
		q.Outcome = a.err.Code
	}
	s.Questions = append(s.Questions, q)
}

func (e *eval) addressType() dns.Type {
	if e.IP.Is4() {
		return dns.TypeA
	}
	return dns.TypeAAAA
}

// a compares addresses of the target with the client's (§5.3).
func (e *eval) a(t *Trace, s *Step) bool {
	values, ok := e.query(t, s, e.addressType())
	return ok && e.covers(s, values)
}

// covers reports whether the client is in the network around one of the
// addresses, and keeps which.
func (e *eval) covers(s *Step, values []string) bool {
	bits, length := e.IP.BitLen(), s.Term.CIDR6
	if e.IP.Is4() {
		length = s.Term.CIDR4
	}
	if length >= 0 {
		bits = length
	}
	for _, v := range values {
		addr, err := netip.ParseAddr(v)
		if err == nil && netip.PrefixFrom(addr, bits).Contains(e.IP) {
			s.Found = v
			return true
		}
	}
	return false
}

// mx compares the addresses of the hosts of the target (§5.4).
func (e *eval) mx(t *Trace, s *Step) bool {
	values, ok := e.query(t, s, dns.TypeMX)
	if !ok {
		return false
	}
	if len(values) > MaxHosts { // §4.6.4
		e.fail(t, s, Permerror, TooManyHosts, nil)
		return false
	}
	var failed *dns.Error
	waiting := false
	for _, host := range hosts(values) {
		a, known := e.ask(host, e.addressType())
		if !known {
			waiting = true
			continue
		}
		s.note(host, e.addressType(), a)
		if a.err != nil && a.err.Code != dns.BadName && failed == nil {
			failed = a.err
		}
		if e.covers(s, a.values) {
			s.Found = host
			return true
		}
	}
	if failed != nil && !waiting {
		e.fail(t, s, Temperror, dnsReason(failed), failed)
	}
	return false
}

// hosts are the names of an MX answer that can be asked for, sorted, so that
// traces do not change with the order of an answer.
func hosts(values []string) []string {
	var out []string
	for _, v := range values {
		_, host, _ := strings.Cut(v, " ")
		if host = strings.TrimSuffix(host, "."); isName(host) {
			out = append(out, host)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// exists asks for an A record whatever the client's family (§5.7).
func (e *eval) exists(t *Trace, s *Step) bool {
	values, ok := e.query(t, s, dns.TypeA)
	if ok {
		s.Found = values[0]
	}
	return ok
}

// ptr looks for a validated name of the client within the target (§5.5). An
// error of the reverse zone is no match: it is not the sender's zone.
func (e *eval) ptr(t *Trace, s *Step) bool {
	name := reverseName(e.IP)
	a, known := e.ask(name, dns.TypePTR)
	if !known {
		return false
	}
	s.note(name, dns.TypePTR, a)
	if a.void() {
		e.void(t, s)
	}
	for _, n := range firstNames(a.values) {
		if !within(n, s.Target) || !isName(n) {
			continue // would not match even if validated
		}
		if ok, known := e.validated(n, s); ok && known {
			s.Found = n
			return true
		}
	}
	return false
}

// firstNames are the PTR names that count: others than the first ten are
// ignored (§4.6.4).
func firstNames(values []string) []string {
	var out []string
	for _, v := range values[:min(len(values), MaxHosts)] {
		out = append(out, strings.TrimSuffix(v, "."))
	}
	return out
}

// validated reports whether a name of the client leads back to it (§5.5).
func (e *eval) validated(name string, s *Step) (ok, known bool) {
	a, known := e.ask(name, e.addressType())
	if !known {
		return false, false
	}
	if s != nil {
		s.note(name, e.addressType(), a)
	}
	for _, v := range a.values {
		if addr, err := netip.ParseAddr(v); err == nil && addr == e.IP {
			return true, true
		}
	}
	return false, true
}
