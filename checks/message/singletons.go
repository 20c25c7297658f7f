// SPDX-License-Identifier: MIT

package message

import (
	"context"
	"strings"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	singlePass = finding.Spec{ID: "singletons.pass", Status: finding.Pass}
	singleMany = finding.Spec{ID: "singletons.duplicate", Status: finding.Fail, Weight: 15, Cap: 60, Params: []string{"names"},
		Refs: []string{"RFC 5322 §3.6", "RFC 2045 §4", "https://support.google.com/a/answer/3726730"}}
)

// onlyOnce are the fields that may stand in a message once (RFC 5322 §3.6,
// RFC 2045 §4, RFC 8058 §3.1). From is missing here: its own check has it.
var onlyOnce = []string{"Date", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References",
	"Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post"}

// singletons looks for fields that stand there twice: receivers and people
// then see different mails.
var singletons = check.Check{
	ID:    "singletons",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{singlePass, singleMany},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		var names []string
		var twice []evidence.Field
		var fix finding.Fix
		for _, name := range onlyOnce {
			fields := in.Msg.All(name)
			if len(fields) < 2 {
				continue
			}
			names = append(names, name)
			twice = append(twice, fields...)
			for _, f := range fields[1:min(len(fields), maxSeen)] {
				fix.Header = append(fix.Header, finding.HeaderChange{Action: "remove", Name: name, Value: short(f.Value)})
			}
		}
		if len(names) == 0 {
			return one(singlePass.At("", nil))
		}
		p := finding.Params{"names": strings.Join(names, ", ")}
		return one(singleMany.At("", p, seenFields(twice)...).Fixed(fix))
	},
}
