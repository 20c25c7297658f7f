// SPDX-License-Identifier: MIT

package zoned

import (
	"net/netip"
	"strconv"
	"strings"

	wire "github.com/miekg/dns"

	"mailproof/dns"
)

// negativeTTL is for the records that we make up: CNAMEs whose TTL an answer
// does not keep, and the SOA that marks an empty answer. Short, so that a cache
// between does not hide what changes.
const negativeTTL = 5

// message makes the reply to in, or nil if there is to be none.
func message(in *wire.Msg, name string, t dns.Type, ans dns.Answer, err error) *wire.Msg {
	m := new(wire.Msg)
	m.SetReply(in)
	m.Authoritative, m.RecursionAvailable = true, true
	if opt := in.IsEdns0(); opt != nil {
		m.SetEdns0(4096, opt.Do())
	}
	if err != nil {
		switch dns.CodeOf(err) {
		case dns.Timeout:
			return nil
		case dns.Refused:
			m.Rcode = wire.RcodeRefused
		default:
			m.Rcode = wire.RcodeServerFailure
		}
		return m
	}
	wants := in.AuthenticatedData || in.IsEdns0() != nil && in.IsEdns0().Do()
	m.AuthenticatedData = ans.Secure && wants // RFC 6840 §5.8
	if ans.RCode == dns.NXDomain {
		m.Rcode = wire.RcodeNameError
	}
	owner := dns.PresentName(name)
	for _, c := range ans.CNAMEs {
		target := dns.PresentName(c)
		m.Answer = append(m.Answer, &wire.CNAME{Hdr: header(owner, wire.TypeCNAME, negativeTTL), Target: target})
		owner = target
	}
	for _, r := range ans.Records {
		rr := record(r)
		if rr == nil {
			m.Rcode, m.Answer = wire.RcodeServerFailure, nil
			return m
		}
		m.Answer = append(m.Answer, rr)
	}
	if len(ans.Records) == 0 {
		m.Ns = []wire.RR{&wire.SOA{Hdr: header(".", wire.TypeSOA, negativeTTL), Ns: ".", Mbox: ".", Minttl: negativeTTL}}
	}
	return m
}

func header(owner string, t uint16, ttl uint32) wire.RR_Header {
	return wire.RR_Header{Name: owner, Rrtype: t, Class: wire.ClassINET, Ttl: ttl}
}

// record makes a record of the wire library, or nil if it cannot.
func record(r dns.Record) wire.RR {
	h := header(dns.PresentName(r.Name), wire.StringToType[string(r.Type)], r.TTL)
	switch r.Type {
	case dns.TypeA, dns.TypeAAAA:
		a, err := netip.ParseAddr(r.Value)
		if err != nil {
			return nil
		}
		if r.Type == dns.TypeA {
			return &wire.A{Hdr: h, A: a.AsSlice()}
		}
		return &wire.AAAA{Hdr: h, AAAA: a.AsSlice()}
	case dns.TypeCNAME:
		return &wire.CNAME{Hdr: h, Target: dns.PresentName(r.Value)}
	case dns.TypeNS:
		return &wire.NS{Hdr: h, Ns: dns.PresentName(r.Value)}
	case dns.TypePTR:
		return &wire.PTR{Hdr: h, Ptr: dns.PresentName(r.Value)}
	case dns.TypeMX:
		pref, host, _ := strings.Cut(r.Value, " ")
		n, err := strconv.ParseUint(pref, 10, 16)
		if err != nil {
			return nil
		}
		return &wire.MX{Hdr: h, Preference: uint16(n), Mx: dns.PresentName(host)}
	case dns.TypeTXT:
		return &wire.TXT{Hdr: h, Txt: escaped(r.Segments)}
	case dns.TypeSPF:
		return &wire.SPF{Hdr: h, Txt: escaped(r.Segments)}
	}
	rr, err := wire.NewRR(h.Name + " " + strconv.FormatUint(uint64(r.TTL), 10) + " IN " + string(r.Type) + " " + r.Value)
	if err != nil {
		return nil
	}
	return rr
}

// escaped writes strings as the library wants them: in presentation form.
func escaped(segments []string) []string {
	out := make([]string, len(segments))
	for i, s := range segments {
		q := dns.PresentString(s)
		out[i] = q[1 : len(q)-1]
	}
	return out
}
