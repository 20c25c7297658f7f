// SPDX-License-Identifier: MIT

package message

import (
	"context"
	"net/netip"
	"strings"

	"mailproof/check"
	"mailproof/finding"
)

var (
	midRefs = []string{"RFC 5322 §3.6.4", "https://support.google.com/a/answer/3726730"}

	midPass    = finding.Spec{ID: "messageid.pass", Status: finding.Pass, Params: []string{"id"}}
	midMissing = finding.Spec{ID: "messageid.missing", Status: finding.Fail, Weight: 15, Cap: 60, Refs: midRefs}
	midInvalid = finding.Spec{ID: "messageid.invalid", Status: finding.Fail, Weight: 15, Cap: 60, Params: []string{"id"}, Refs: midRefs}
	// Well formed, but not unique in the world.
	midLocal = finding.Spec{ID: "messageid.local", Status: finding.Warn, Weight: 5, Params: []string{"id", "domain"}, Refs: midRefs}
)

// messageID looks at the identifier of the message.
var messageID = check.Check{
	ID:    "messageid",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{midPass, midMissing, midInvalid, midLocal},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		f, ok := in.Msg.Get("Message-ID")
		if !ok {
			return one(midMissing.At("", nil).Fixed(finding.Fix{}))
		}
		p := finding.Params{"id": short(f.Value)}
		domain, valid := idDomain(f.Value)
		switch {
		case !valid:
			return one(midInvalid.At("", p, seenField(f)).Fixed(finding.Fix{}))
		case isLocal(domain):
			p["domain"] = short(domain)
			return one(midLocal.At("", p, seenField(f)).Fixed(finding.Fix{}))
		}
		return one(midPass.At("", p, seenField(f)))
	},
}

// idDomain is the right side of <left@right> (RFC 5322 §3.6.4). Characters
// beyond the grammar, which real servers use, are accepted where nothing can
// be confused by them.
func idDomain(value string) (string, bool) {
	inner, open := strings.CutPrefix(strings.TrimSpace(value), "<")
	inner, closed := strings.CutSuffix(inner, ">")
	at := strings.LastIndexByte(inner, '@')
	if !open || !closed || at < 1 || at == len(inner)-1 {
		return "", false
	}
	for i := range len(inner) {
		if c := inner[i]; c <= ' ' || c >= 127 || c == '<' || c == '>' || c == ',' || c == '@' && i != at {
			return "", false
		}
	}
	return inner[at+1:], true
}

// isLocal: no name that belongs to one owner in the world.
func isLocal(domain string) bool {
	domain = strings.ToLower(domain)
	if _, err := netip.ParseAddr(strings.Trim(domain, "[]")); err == nil || strings.HasPrefix(domain, "[") {
		return true
	}
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	switch last {
	case "localhost", "localdomain", "local", "lan", "internal", "invalid":
		return true
	}
	return !strings.Contains(domain, ".")
}
