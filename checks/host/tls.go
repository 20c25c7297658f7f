// SPDX-License-Identifier: MIT

package host

import (
	"context"
	"strings"

	"mailproof/check"
	"mailproof/finding"
)

var (
	tlsUsed = finding.Spec{ID: "tls.used", Status: finding.Pass, Params: []string{"version", "cipher"}, Refs: []string{"RFC 3207"}}
	tlsNone = finding.Spec{ID: "tls.none", Status: finding.Warn, Weight: 5, Refs: []string{"RFC 3207", "https://support.google.com/a/answer/81126"}}
	tlsOld  = finding.Spec{ID: "tls.old", Status: finding.Warn, Weight: 3, Params: []string{"version", "cipher"}, Refs: []string{"RFC 8996"}}
)

// oldVersions must not be used (RFC 8996).
var oldVersions = map[string]bool{"SSL 3.0": true, "TLS 1.0": true, "TLS 1.1": true, "TLSv1": true, "TLSv1.0": true, "TLSv1.1": true}

// tls asks whether the session was encrypted. It does not apply where we
// offered nothing to encrypt with.
var tls = check.Check{
	ID:      "tls",
	Needs:   check.NeedTLS,
	Applies: func(in *check.Input) bool { return in.Session.TLS != nil || in.Session.TLSOffered },
	Specs:   []finding.Spec{tlsUsed, tlsNone, tlsOld},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		t := in.Session.TLS
		if t == nil {
			seen := finding.Observation{Kind: "session", Label: "label.tls", Value: "–"}
			return []finding.Finding{tlsNone.At("", nil, seen).Fixed(finding.Fix{})}
		}
		p := finding.Params{"version": t.Version, "cipher": t.Cipher}
		seen := finding.Observation{Kind: "session", Label: "label.tls", Value: strings.TrimSpace(t.Version + " " + t.Cipher)}
		if oldVersions[t.Version] {
			return []finding.Finding{tlsOld.At("", p, seen).Fixed(finding.Fix{})}
		}
		return []finding.Finding{tlsUsed.At("", p, seen)}
	},
}
