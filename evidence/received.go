// SPDX-License-Identifier: MIT

package evidence

import (
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// A Hop is what one Received field claims (RFC 5321 §4.4). Servers write it in
// many forms; what is not there is empty.
type Hop struct {
	Helo string     // the name the client gave
	IP   netip.Addr // the client's address, if it is there as a literal
	By   string
	With string // ESMTPS and the like
	At   time.Time
	Raw  string // value of the field
}

// maxHop is how much of a Received field is looked at.
const maxHop = 4096

var (
	heloForm    = regexp.MustCompile(`(?i)\bhelo[ =]([^\s()\[\]]+)`) // Exim: helo=x, qmail: (HELO x)
	literalForm = regexp.MustCompile(`(?i)\[(?:ipv6:)?([0-9a-f:.]+)\]`)
	bareForm    = regexp.MustCompile(`(?i)\((?:[^()\s]*@)?([0-9a-f]*[:.][0-9a-f:.]+)\)`) // qmail, Exchange
)

// Hops are the Received fields of the message, newest first.
func (m *Message) Hops() []Hop {
	var hops []Hop
	for _, f := range m.All("Received") {
		hops = append(hops, ParseReceived(f.Value))
	}
	return hops
}

// ParseReceived reads one Received field. It never fails.
func ParseReceived(value string) Hop {
	h := Hop{Raw: value}
	if len(value) > maxHop {
		value = value[:maxHop]
	}
	clauses := value
	if i := strings.LastIndexByte(value, ';'); i >= 0 {
		clauses = value[:i]
		if d, err := ParseDate(strings.TrimSpace(value[i+1:])); err == nil {
			h.At = d.Time
		}
	}
	from, rest := cutClause(clauses)
	h.client(from)
	f := strings.Fields(rest)
	for i := 0; i+1 < len(f); i++ {
		switch word := strings.ToLower(f[i]); {
		case word == "by" && h.By == "":
			h.By = f[i+1]
		case word == "with" && h.With == "" && !strings.HasPrefix(f[i+1], "("):
			h.With = f[i+1]
		}
	}
	return h
}

// cutClause splits "from … by …" before "by", outside of comments.
func cutClause(s string) (from, rest string) {
	if len(s) < 5 || !strings.EqualFold(s[:4], "from") || !isWSP(s[4]) {
		return "", s
	}
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && isWSP(c) && len(s) > i+3 && strings.EqualFold(s[i+1:i+3], "by") && isWSP(s[i+3]):
			return strings.TrimSpace(s[5:i]), s[i+1:]
		}
	}
	return strings.TrimSpace(s[5:]), ""
}

// client finds name and address in the from clause.
func (h *Hop) client(from string) {
	if m := heloForm.FindStringSubmatch(from); m != nil {
		h.Helo = m[1]
	} else if f := strings.Fields(from); len(f) > 0 && !strings.HasPrefix(f[0], "(") {
		h.Helo = f[0]
	}
	for _, form := range []*regexp.Regexp{literalForm, bareForm} {
		// The last one: "from [10.0.0.1] (name [192.0.2.1])" gives the HELO
		// literal first and the address that the server saw behind it.
		all := form.FindAllStringSubmatch(from, -1)
		for i := len(all) - 1; i >= 0; i-- {
			if ip, err := netip.ParseAddr(all[i][1]); err == nil {
				h.IP = ip.Unmap()
				return
			}
		}
	}
}

// notPublic are the ranges that no mail on the internet can come from, beside
// those that netip knows. The ranges for documentation are left out, so that
// examples work like the real thing.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),     // RFC 791
	netip.MustParsePrefix("100.64.0.0/10"), // RFC 6598, carriers' NAT
	netip.MustParsePrefix("192.0.0.0/24"),  // RFC 6890
	netip.MustParsePrefix("198.18.0.0/15"), // RFC 2544
	netip.MustParsePrefix("240.0.0.0/4"),   // RFC 1112
	netip.MustParsePrefix("fec0::/10"),     // RFC 3879
	netip.MustParsePrefix("100::/64"),      // RFC 6666
}

// Public reports whether mail from another network can come from ip: a global
// unicast address that is neither private nor reserved.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
