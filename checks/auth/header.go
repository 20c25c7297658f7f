// SPDX-License-Identifier: MIT

package auth

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"

	"mailproof/check"
	"mailproof/report"
)

// header is the Authentication-Results line that a receiver would write
// (RFC 8601), without the field name.
func header(in *check.Input, a *report.Authentication) string {
	var results []authres.Result
	if a.SPF != nil {
		results = append(results, &authres.SPFResult{Value: authres.ResultValue(a.SPF.Result), From: plain(in.Session.MailFrom), Helo: plain(in.Session.Helo)})
	}
	if len(a.DKIM) == 0 {
		results = append(results, &authres.DKIMResult{Value: authres.ResultNone})
	}
	for _, d := range a.DKIM {
		results = append(results, &authres.DKIMResult{Value: authres.ResultValue(d.Result), Reason: plain(d.Reason), Domain: plain(d.Domain), Identifier: plain(d.Identity)})
	}
	results = append(results, &authres.DMARCResult{Value: authres.ResultValue(a.DMARC.Result), From: plain(a.DMARC.FromDomain)})
	return authres.Format(in.Receiver, results)
}

// plain leaves of a value from hostile mail what cannot end a header field, a
// quoted string or a result.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' || strings.ContainsRune(`"\;()<>=`, c) {
			return '_'
		}
		return c
	}, s)
}
