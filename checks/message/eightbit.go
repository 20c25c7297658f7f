// SPDX-License-Identifier: MIT

package message

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	rawPass  = finding.Spec{ID: "header.ascii", Status: finding.Pass}
	rawLegal = finding.Spec{ID: "header.smtputf8", Status: finding.Pass, Refs: []string{"RFC 6532"}}
	rawUTF8  = finding.Spec{ID: "header.utf8-without-smtputf8", Status: finding.Fail, Weight: 8, Params: []string{"names"},
		Refs: []string{"RFC 6531 §3.4", "RFC 6532"}}
	rawOther = finding.Spec{ID: "header.raw-8bit", Status: finding.Fail, Weight: 8, Params: []string{"names"}, Refs: []string{"RFC 5322 §2.2", "RFC 2047"}}

	bodySeven  = finding.Spec{ID: "body.7bit", Status: finding.Pass}
	bodyStated = finding.Spec{ID: "body.8bitmime", Status: finding.Pass, Refs: []string{"RFC 6152"}}
	bodyEight  = finding.Spec{ID: "body.8bit-without-8bitmime", Status: finding.Warn, Weight: 3, Refs: []string{"RFC 6152 §3"}}
)

// rawHeader looks for octets above 127 in the header. Those of Subject are
// left out: its own check charges for them.
var rawHeader = check.Check{
	ID:    "header.8bit",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{rawPass, rawLegal, rawUTF8, rawOther},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		var raw, other []evidence.Field
		for _, f := range in.Msg.Fields {
			switch {
			case isASCII(f.Value) || strings.EqualFold(f.Name, "Subject") || f.Name == "":
			case utf8.ValidString(f.Value):
				raw = append(raw, f)
			default:
				other = append(other, f)
			}
		}
		names := func(fields []evidence.Field) finding.Params { return finding.Params{"names": fieldNames(fields)} }
		switch {
		case len(other) > 0:
			return one(rawOther.At("", names(other), seenFields(other)...).Fixed(finding.Fix{}))
		case len(raw) == 0:
			return one(rawPass.At("", nil))
		case in.Session.SMTPUTF8:
			return one(rawLegal.At("", nil, seenFields(raw)...))
		}
		return one(rawUTF8.At("", names(raw), seenFields(raw)...).Fixed(finding.Fix{}))
	},
}

func fieldNames(fields []evidence.Field) string {
	var names []string
	for _, f := range fields[:min(len(fields), maxSeen)] {
		if !slices.Contains(names, f.Name) {
			names = append(names, short(f.Name))
		}
	}
	return strings.Join(names, ", ")
}

// rawBody asks whether a body of 8-bit octets was announced (RFC 6152). What
// was announced is known from the session only.
var rawBody = check.Check{
	ID:    "body.8bit",
	Needs: check.NeedMessage | check.NeedDialogue,
	Specs: []finding.Spec{bodySeven, bodyStated, bodyEight},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		seen := finding.Observation{Kind: "session", Label: "BODY", Value: in.Session.BodyType}
		switch {
		case bytes.IndexFunc(in.Msg.Body, func(r rune) bool { return r > 127 }) < 0:
			return one(bodySeven.At("", nil))
		case in.Session.BodyType == "8BITMIME" || in.Session.SMTPUTF8:
			return one(bodyStated.At("", nil, seen))
		}
		return one(bodyEight.At("", nil, seen).Fixed(finding.Fix{}))
	},
}
