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
	toPass    = finding.Spec{ID: "to.pass", Status: finding.Pass}
	toMissing = finding.Spec{ID: "to.missing", Status: finding.Warn, Weight: 5, Refs: []string{"RFC 5322 §3.6.3"}}
	toBad     = finding.Spec{ID: "to.unparseable", Status: finding.Warn, Weight: 3, Params: []string{"field"}, Refs: []string{"RFC 5322 §3.6.3"}}
	toNobody  = finding.Spec{ID: "to.undisclosed", Status: finding.Info, Refs: []string{"RFC 5322 §3.6.3"}}
	toOthers  = finding.Spec{ID: "to.not-named", Status: finding.Info, Params: []string{"rcpt"}, Refs: []string{"RFC 5322 §3.6.3"}}
)

// recipients looks at To and Cc.
var recipients = check.Check{
	ID:    "to",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{toPass, toMissing, toBad, toNobody, toOthers},
	Run:   runRecipients,
}

func runRecipients(_ context.Context, in *check.Input) []finding.Finding {
	fields := append(in.Msg.All("To"), in.Msg.All("Cc")...)
	seen := seenFields(fields)
	if len(fields) == 0 {
		fix := finding.Fix{}
		if to := in.Session.RcptTo; to != "" {
			fix.Header = []finding.HeaderChange{{Action: "add", Name: "To", Value: "<" + to + ">"}}
		}
		return one(toMissing.At("", nil, seen...).Fixed(fix))
	}
	count, named := 0, false
	for _, f := range fields {
		list, err := evidence.ParseAddressList(f.Value)
		if err != nil {
			return one(toBad.At("", finding.Params{"field": f.Name}, seenField(f)).Fixed(finding.Fix{}))
		}
		for _, a := range list.Addresses() {
			count++
			named = named || strings.EqualFold(a.Addr(), in.Session.RcptTo)
		}
	}
	switch {
	case count == 0:
		return one(toNobody.At("", nil, seen...))
	case in.Session.RcptTo != "" && !named:
		return one(toOthers.At("", finding.Params{"rcpt": in.Session.RcptTo}, seen...))
	}
	return one(toPass.At("", nil, seen...))
}
