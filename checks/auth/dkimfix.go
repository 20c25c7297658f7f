// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"regexp"
	"strings"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/mailauth/dkim"
)

// dkimFix repairs a damaged key record where the repaired one makes this very
// signature verify. It never invents a key.
func dkimFix(ctx context.Context, in *check.Input, v *dkim.Verdict) finding.Fix {
	if v.Reason != dkim.KeySyntax || v.Key == nil || v.Key.Record == nil || v.Key.Index < 0 {
		return finding.Fix{}
	}
	old := v.Key.Record.Text
	for _, repaired := range repairs(old) {
		if k, _, _ := dkim.ParseKeyRecord(repaired); repaired == old || !k.IsKey() {
			continue
		}
		c := changes(replaceTXT(owner(v), old, repaired))
		again := prepared(in).Verify(ctx, overlaid(in, c), dkim.Options{Now: in.Now})
		if v.Index < len(again) && again[v.Index].Result == dkim.Pass {
			return finding.Fix{DNS: c}
		}
	}
	return finding.Fix{}
}

// tagStart is where one of the tags of a key record begins, behind something
// else than the semicolon that belongs there.
var tagStart = regexp.MustCompile(`[\s,]+([vkhpstn])\s*=`)

// repairs are what a damaged key record may have been meant to be: quotes and
// escapes of a zone file taken out, the semicolons put where commas or spaces
// stand, and p= without the white space of a line break.
func repairs(text string) []string {
	plain := strings.NewReplacer(`"`, "", `\`, "").Replace(text)
	separated := strings.ReplaceAll(tagStart.ReplaceAllString(plain, "; $1="), ";;", ";")
	return []string{plain, separated, strings.ReplaceAll(separated, ",", ";")}
}
