// SPDX-License-Identifier: MIT

package live

import (
	"fmt"
	"strings"

	wire "github.com/miekg/dns"

	"mailproof/dns"
)

// A chase is one question on its way along CNAMEs.
type chase struct {
	name   string // as asked of us
	t      dns.Type
	number uint16
	at     string // where it stands now, in lower case
	ans    dns.Answer
}

// read takes what m says; done is false if the chain of CNAMEs breaks off in m
// and must be asked on.
func (c *chase) read(m *wire.Msg) (done bool, err error) {
	c.ans.Secure = c.ans.Secure && m.AuthenticatedData
	sets, aliases, err := c.sort(m.Answer)
	if err != nil {
		return false, err
	}
	followed := false
	for len(sets[c.at]) == 0 {
		target, ok := aliases[c.at]
		if !ok || c.t == dns.TypeCNAME {
			break
		}
		if c.ans.CNAMEs, err = dns.FollowCNAME(c.name, c.t, c.ans.CNAMEs, target); err != nil {
			return false, err
		}
		if c.at, err = dns.Canonical(target, c.t); err != nil {
			return false, c.bad("CNAME to a name that cannot be asked for")
		}
		followed = true
	}
	c.ans.Records = sets[c.at]
	if m.Rcode == wire.RcodeNameError && len(c.ans.Records) == 0 {
		c.ans.RCode = dns.NXDomain
		return true, nil
	}
	// Without records, an SOA says that there are none (RFC 2308 §2.2).
	return !followed || len(c.ans.Records) > 0 || hasSOA(m), nil
}

// sort arranges an answer section by owner, in lower case.
func (c *chase) sort(rrs []wire.RR) (sets map[string][]dns.Record, aliases map[string]string, err error) {
	sets, aliases = make(map[string][]dns.Record), make(map[string]string)
	for _, rr := range rrs {
		h := rr.Header()
		if h.Class != wire.ClassINET || h.Rrtype != c.number && h.Rrtype != wire.TypeCNAME {
			continue
		}
		owner, err := dns.ParseName(h.Name)
		if err != nil {
			return nil, nil, c.bad("owner name")
		}
		low := dns.Lower(owner)
		if alias, ok := rr.(*wire.CNAME); ok && aliases[low] == "" {
			if aliases[low], err = dns.ParseName(alias.Target); err != nil {
				return nil, nil, c.bad("CNAME target")
			}
		}
		if h.Rrtype != c.number {
			continue
		}
		r := dns.Record{Name: owner, Type: c.t, TTL: h.Ttl}
		if r.Value, r.Segments, err = value(rr); err != nil {
			return nil, nil, c.bad(err.Error())
		}
		sets[low] = append(sets[low], r)
	}
	return sets, aliases, nil
}

func (c *chase) bad(detail string) error {
	return &dns.Error{Name: c.name, Type: c.t, Code: dns.BadAnswer, Detail: detail}
}

func hasSOA(m *wire.Msg) bool {
	for _, rr := range m.Ns {
		if rr.Header().Rrtype == wire.TypeSOA {
			return true
		}
	}
	return false
}

// value writes the data of rr as dns.Record has it.
func value(rr wire.RR) (string, []string, error) {
	switch rr := rr.(type) {
	case *wire.A:
		return rr.A.String(), nil, addressed(len(rr.A))
	case *wire.AAAA:
		return rr.AAAA.String(), nil, addressed(len(rr.AAAA))
	case *wire.CNAME:
		return named("", rr.Target)
	case *wire.NS:
		return named("", rr.Ns)
	case *wire.PTR:
		return named("", rr.Ptr)
	case *wire.MX:
		return named(fmt.Sprintf("%d ", rr.Preference), rr.Mx)
	case *wire.TXT:
		return text(rr.Txt)
	case *wire.SPF:
		return text(rr.Txt)
	case *wire.SRV:
		return fmt.Sprintf("%d %d %d %s", rr.Priority, rr.Weight, rr.Port, short(rr.Target)), nil, nil
	case *wire.SOA:
		return fmt.Sprintf("%s %s %d %d %d %d %d", short(rr.Ns), short(rr.Mbox),
			rr.Serial, rr.Refresh, rr.Retry, rr.Expire, rr.Minttl), nil, nil
	case *wire.TLSA:
		return fmt.Sprintf("%d %d %d %s", rr.Usage, rr.Selector, rr.MatchingType,
			strings.ToLower(rr.Certificate)), nil, nil
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String()), nil, nil
}

// addressed refuses a record without an address, which the library lets by.
func addressed(n int) error {
	if n == 0 {
		return fmt.Errorf("record without an address")
	}
	return nil
}

func named(prefix, name string) (string, []string, error) {
	n, err := dns.ParseName(name)
	return prefix + n, nil, err
}

// text takes the escapes out that the library puts into strings.
func text(in []string) (string, []string, error) {
	segments := make([]string, len(in))
	for i, s := range in {
		var err error
		if segments[i], err = dns.ParseString(s); err != nil {
			return "", nil, err
		}
	}
	return strings.Join(segments, ""), segments, nil
}

// short is a name in presentation form without its last dot, escaped as the
// rest of the program escapes, not as the library does.
func short(name string) string {
	n, err := dns.ParseName(name)
	if err != nil || n == "." {
		return name
	}
	return strings.TrimSuffix(dns.PresentName(n), ".")
}
