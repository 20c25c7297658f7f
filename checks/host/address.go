// SPDX-License-Identifier: MIT

package host

import (
	"context"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	addressPublic = finding.Spec{ID: "sender.public-address", Status: finding.Pass, Params: []string{"ip"}}

	addressPrivate = finding.Spec{ID: "sender.private-address", Status: finding.Info,
		Params: []string{"ip"}, Refs: []string{"RFC 6890"}}
)

// address says so where the client has an address that no receiver elsewhere
// will ever see.
var address = check.Check{
	ID:    "sender",
	Needs: check.NeedClientIP,
	Specs: []finding.Spec{addressPublic, addressPrivate},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		ip := in.Session.ClientIP
		spec := addressPublic
		if !evidence.Public(ip) {
			spec = addressPrivate
		}
		return []finding.Finding{spec.At(ip.String(), finding.Params{"ip": ip.String()}, seenClient(ip))}
	},
}
