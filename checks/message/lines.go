// SPDX-License-Identifier: MIT

package message

import (
	"context"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	linesPass   = finding.Spec{ID: "lines.pass", Status: finding.Pass}
	linesBareLF = finding.Spec{ID: "lines.bare-lf", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: []string{"RFC 5322 §2.3", "RFC 5321 §2.3.8"}}
	linesBareCR = finding.Spec{ID: "lines.bare-cr", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: []string{"RFC 5322 §2.3", "RFC 5321 §2.3.8"}}
	linesNUL    = finding.Spec{ID: "lines.nul", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: []string{"RFC 5322 §2.3"}}
	linesLong   = finding.Spec{ID: "lines.too-long", Status: finding.Fail, Weight: 10, Params: syntaxParams, Refs: []string{"RFC 5322 §2.1.1", "RFC 5321 §4.5.3.1.6"}}
)

// linesOf maps problems of Parse to statements.
var linesOf = []struct {
	code string
	spec finding.Spec
}{
	{evidence.BareLF, linesBareLF}, {evidence.BareCR, linesBareCR}, {evidence.NUL, linesNUL}, {evidence.LineTooLong, linesLong},
}

// lines looks at the octets that end and fill lines.
var lines = check.Check{
	ID:    "lines",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{linesPass, linesBareLF, linesBareCR, linesNUL, linesLong},
	Run: func(_ context.Context, in *check.Input) []finding.Finding {
		var found []finding.Finding
		for _, l := range linesOf {
			if p, ok := in.Msg.Find(l.code); ok {
				found = append(found, problemFinding(l.spec, p))
			}
		}
		if len(found) == 0 {
			return one(linesPass.At("", nil))
		}
		return found
	},
}
