// SPDX-License-Identifier: MIT

package domain

import (
	"net/netip"
	"strings"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

// maxDomains is how many domains of one field are looked at. Real mail has
// one; each costs up to 21 questions of the group's 100.
const maxDomains = 2

// A use is a domain and where the mail uses it.
type use struct {
	domain  string
	seen    []finding.Observation
	claimed bool
}

func (u *use) see(label, value string) {
	u.seen = append(u.seen, finding.Observation{Kind: "dns", Label: label, Value: value})
}

// senders are the domains of From and of the envelope, each once.
func senders(in *check.Input) []use {
	var uses []use
	for _, d := range domainsOf(in.Msg, "From") {
		uses = append(uses, use{domain: d, seen: []finding.Observation{
			{Kind: "header", Label: "From", Value: in.Msg.Decoded("From")}}})
	}
	at := strings.LastIndexByte(in.Session.MailFrom, '@')
	if at < 0 {
		return uses
	}
	domain, ok := evidence.ALabels(strings.TrimSuffix(in.Session.MailFrom[at+1:], "."))
	if !ok || strings.HasPrefix(domain, "[") {
		return uses
	}
	seen := finding.Observation{Kind: "session", Label: "label.mail-from", Value: in.Session.MailFrom}
	for i := range uses {
		if uses[i].domain == domain {
			uses[i].seen = append(uses[i].seen, seen)
			return uses
		}
	}
	return append(uses, use{domain: domain, seen: []finding.Observation{seen}, claimed: in.Session.IsRecovered("mail_from")})
}

func join(addrs []netip.Addr) string {
	s := make([]string, len(addrs))
	for i, a := range addrs {
		s[i] = a.String()
	}
	return strings.Join(s, ", ")
}
