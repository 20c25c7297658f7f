// SPDX-License-Identifier: MIT

package message

import (
	"context"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	syntaxParams = []string{"count", "position", "text"}
	syntaxRefs   = []string{"RFC 5322 §2.2", "https://support.google.com/a/answer/3726730"}

	syntaxPass = finding.Spec{ID: "header.pass", Status: finding.Pass}
	syntaxLine = finding.Spec{ID: "header.not-a-field", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: syntaxRefs}
	syntaxName = finding.Spec{ID: "header.bad-name", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: syntaxRefs}
	syntaxGap  = finding.Spec{ID: "header.space-before-colon", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: syntaxRefs}
	syntaxFold = finding.Spec{ID: "header.empty-fold", Status: finding.Warn, Weight: 5, Params: syntaxParams, Refs: []string{"RFC 5322 §3.2.2"}}
	syntaxBig  = finding.Spec{ID: "header.too-large", Status: finding.Fail, Weight: 10, Params: syntaxParams,
		Refs: []string{"https://support.google.com/a/answer/3726730"}}
)

// syntaxOf maps problems of Parse to statements, worst first; several problems
// can be the same to people.
var syntaxOf = []struct {
	code string
	spec finding.Spec
}{
	{evidence.NoColon, syntaxLine}, {evidence.MboxFrom, syntaxLine}, {evidence.LeadingFold, syntaxLine},
	{evidence.BadName, syntaxName}, {evidence.EightBitName, syntaxName},
	{evidence.SpaceBeforeColon, syntaxGap}, {evidence.EmptyFold, syntaxFold},
	{evidence.TooLarge, syntaxBig}, {evidence.TooManyFields, syntaxBig},
}

// syntax looks at the form of the header.
var syntax = check.Check{
	ID:    "header",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{syntaxPass, syntaxLine, syntaxName, syntaxGap, syntaxFold, syntaxBig},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		var found []finding.Finding
		said := map[finding.ID]bool{}
		for _, s := range syntaxOf {
			p, ok := in.Msg.Find(s.code)
			if !ok || said[s.spec.ID] {
				continue
			}
			said[s.spec.ID] = true
			found = append(found, problemFinding(s.spec, p))
		}
		if len(found) == 0 {
			return one(syntaxPass.At("", nil))
		}
		return found
	},
}

// problemFinding quotes a problem of Parse.
func problemFinding(s finding.Spec, p evidence.Problem) finding.Finding {
	params := finding.Params{"count": itoa(p.Count), "position": itoa(p.Offset + 1), "text": short(p.Detail)}
	seen := []finding.Observation{{Kind: "message", Label: "label.position", Value: itoa(p.Offset + 1)}}
	if p.Detail != "" {
		seen = append(seen, finding.Observation{Kind: "message", Label: "label.text", Value: short(p.Detail)})
	}
	return s.At("", params, seen...).Fixed(finding.Fix{})
}
