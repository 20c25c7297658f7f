// SPDX-License-Identifier: MIT

package spf

import (
	"regexp"
	"strings"
)

// nearVersion is a first word that was meant to be the version: a letter left
// out or swapped, another sign between, a dot or quote too many.
var nearVersion = regexp.MustCompile(`(?i)^["'\\\s\x{feff}]*(?:` +
	`v\s*[=:\-]?\s*spf\s*[-.]?[1lI]?(?:\.0)?` + // v=spf1, v = spf1, v:spf1, vspf1, v=spfl, v=spf, v=spf1.0
	`|v=(?:sfp1|psf1|sp1|spff1|sspf1|spf2|spf11)|v==spf1` +
	`|=?spf1)` +
	`(?:["'\\;,:|/\s]+|(mx|a|ip4:|ip6:|include:|all|[+~?-])|$)`)

// NearMiss recognises a TXT record that is not an SPF record but was meant to
// be one, such as `"v=spf1 …"` with quotes in it, `v=spf1;…` or `spf1 …`, and
// returns it with the version in order. The rest of it may need repair too.
func NearMiss(txt string) (repaired string, near bool) {
	if IsRecord(txt) || len(txt) < len("spf1") {
		return "", false
	}
	m := nearVersion.FindStringSubmatchIndex(txt)
	if m == nil || strings.HasPrefix(strings.ToLower(txt), "spf2.0/") {
		return "", false
	}
	rest := txt[m[1]:]
	if m[2] >= 0 {
		rest = txt[m[2]:]
	}
	rest = strings.Trim(rest, "\"'\\ \t\r\n;")
	if strings.TrimSpace(rest) == "" {
		return version, true
	}
	return version + " " + strings.Join(strings.Fields(rest), " "), true
}
