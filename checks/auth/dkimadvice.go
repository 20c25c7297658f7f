// SPDX-License-Identifier: MIT

package auth

import (
	"slices"
	"strconv"
	"strings"

	"mailproof/finding"
	"mailproof/mailauth/dkim"
)

// goodBits is the least size of RSA keys that signers should use (RFC 8301 §3.2).
const goodBits = 2048

// signatureAdvice is about a signature that passes.
func signatureAdvice(v *dkim.Verdict, s string) []finding.Finding {
	p := func(more ...string) finding.Params {
		out := finding.Params{"domain": v.Domain, "selector": v.Selector, "reason": ""}
		for i := 0; i+1 < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	quote := dkimSeen(v)
	var out []finding.Finding
	if v.KeyType == "rsa" && v.KeyBits < goodBits {
		out = append(out, dkimKey1024.At(s, p("bits", strconv.Itoa(v.KeyBits)), quote...).Fixed(finding.Fix{}))
	}
	if v.BodyLength >= 0 {
		covered, total := strconv.FormatInt(v.Body.Covered, 10), strconv.FormatInt(v.Body.Total, 10)
		out = append(out, dkimLength.At(s, p("covered", covered, "total", total), quote...).Fixed(finding.Fix{}))
	}
	if v.Testing {
		out = append(out, dkimTesting.At(s, p(), quote...).Fixed(testingFix(v)))
	}
	if missing := unsigned(v); len(missing) > 0 {
		out = append(out, dkimUnsigned.At(s, p("fields", strings.Join(missing, ", ")), quote...).Fixed(finding.Fix{}))
	}
	return out
}

// onlyEd25519 is the first passing signature if a verifier that knows RSA alone
// finds none that passes, else -1. A key that could not be had may be good.
func onlyEd25519(verdicts []dkim.Verdict) int {
	first := -1
	for i := range verdicts {
		v := &verdicts[i]
		rsa := !strings.HasPrefix(v.Algorithm, "ed25519")
		switch {
		case rsa && (v.Result == dkim.Pass || v.Result == dkim.TempError || v.Result == dkim.Neutral):
			return -1
		case v.Result == dkim.Pass && first < 0:
			first = i
		}
	}
	return first
}

func ed25519Advice(v *dkim.Verdict, s string) finding.Finding {
	p := finding.Params{"domain": v.Domain, "selector": v.Selector, "reason": ""}
	return dkimEd25519.At(s, p, dkimSeen(v)...).Fixed(finding.Fix{})
}

// shown are the fields that readers see beside From, which is always signed.
var shown = []string{"subject", "date", "to"}

// unsigned are those of them that the message has and the signature leaves out.
func unsigned(v *dkim.Verdict) []string {
	var out []string
	for _, c := range v.Coverage {
		if slices.Contains(shown, c.Name) && c.Present > 0 && c.Listed == 0 {
			out = append(out, c.Name)
		}
	}
	return out
}

// testingFix publishes the key again without its test flag.
func testingFix(v *dkim.Verdict) finding.Fix {
	if v.Key == nil || v.Key.Record == nil || v.Key.Index < 0 {
		return finding.Fix{}
	}
	return finding.Fix{DNS: changes(replaceTXT(owner(v), v.Key.Record.Text, withoutTesting(v.Key.Record)))}
}

// owner is the name that really holds the key, behind any CNAMEs.
func owner(v *dkim.Verdict) string {
	if i := v.Key.Index; i >= 0 && i < len(v.Key.Answer.Records) {
		if name := v.Key.Answer.Records[i].Name; name != "" {
			return name
		}
	}
	return v.Key.Name
}

// withoutTesting takes y out of t=, and the tag with it if nothing is left.
func withoutTesting(k *dkim.KeyRecord) string {
	t, ok := k.Tags.Get("t")
	if !ok {
		return k.Text
	}
	var keep []string
	for flag := range strings.SplitSeq(t.Value, ":") {
		if !strings.EqualFold(strings.TrimSpace(flag), "y") {
			keep = append(keep, strings.TrimSpace(flag))
		}
	}
	if len(keep) > 0 {
		return k.Text[:t.ValueStart] + strings.Join(keep, ":") + k.Text[t.ValueEnd:]
	}
	before, after := strings.TrimRight(k.Text[:t.Start], " \t"), k.Text[t.RawEnd:]
	return strings.TrimSpace(before + strings.TrimPrefix(after, ";"))
}
