// SPDX-License-Identifier: MIT

package message

import (
	"context"
	"errors"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	fromRefs = []string{"RFC 5322 §3.6.2", "https://support.google.com/a/answer/3726730"}

	fromPass     = finding.Spec{ID: "from.pass", Status: finding.Pass, Params: []string{"from"}}
	fromMissing  = finding.Spec{ID: "from.missing", Status: finding.Fail, Weight: 30, Cap: 30, Refs: fromRefs}
	fromMultiple = finding.Spec{ID: "from.multiple", Status: finding.Fail, Weight: 30, Cap: 30, Params: []string{"count"}, Refs: fromRefs}
	fromBad      = finding.Spec{ID: "from.unparseable", Status: finding.Fail, Weight: 30, Cap: 30,
		Params: []string{"from", "error", "position"}, Refs: fromRefs}
	fromSeveral = finding.Spec{ID: "from.several-addresses", Status: finding.Fail, Weight: 15,
		Params: []string{"count", "addresses"}, Refs: fromRefs}
	fromHidden = finding.Spec{ID: "from.hidden", Status: finding.Fail, Weight: 30, Cap: 30, Params: []string{"text"}, Refs: fromRefs}
)

// from looks at the address that people see: one field with one address.
var from = check.Check{
	ID:    "from",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{fromPass, fromMissing, fromMultiple, fromBad, fromSeveral, fromHidden, fromNameAddress, fromMarks, fromOddForm},
	Run:   runFrom,
}

func runFrom(_ context.Context, in *check.Input) []finding.Finding {
	fields := in.Msg.All("From")
	seen := seenFields(fields)
	if hidden := in.Msg.HiddenFrom(); len(hidden) > 0 {
		p := finding.Params{"text": visible(short(string(hidden[0].Raw)))}
		return one(fromHidden.At("", p, append(seen, seenFields(hidden)...)...).Fixed(finding.Fix{}))
	}
	switch len(fields) {
	case 0:
		return one(fromMissing.At("", nil).Fixed(finding.Fix{}))
	case 1:
	default:
		return one(fromMultiple.At("", finding.Params{"count": itoa(len(fields))}, seen...).Fixed(finding.Fix{}))
	}
	list, err := evidence.ParseAddressList(fields[0].Value)
	all := list.Addresses()
	if err == nil && len(all) == 0 {
		err = &evidence.SyntaxError{Code: evidence.ErrEmpty} // a group without members
	}
	if err != nil {
		p := finding.Params{"from": short(fields[0].Value), "error": "", "position": ""}
		if e := (*evidence.SyntaxError)(nil); errors.As(err, &e) {
			p["error"], p["position"] = e.Code, itoa(e.Offset+1)
		}
		return one(fromBad.At("", p, seen...).Fixed(finding.Fix{}))
	}
	if len(all) > 1 {
		p := finding.Params{"count": itoa(len(all)), "addresses": short(list.String())}
		return one(fromSeveral.At("", p, seen...).Fixed(finding.Fix{}))
	}
	if odd := misleading(fields[0].Value, all[0]); len(odd) > 0 {
		return odd
	}
	return one(fromPass.At("", finding.Params{"from": short(all[0].String())}, seen...))
}
