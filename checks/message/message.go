// SPDX-License-Identifier: MIT

// Package message checks the header fields of a message and its octets.
package message

import (
	"embed"
	"io/fs"
	"strings"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

// ID is the section of the report.
const ID = "message"

//go:embed texts/*.json
var texts embed.FS

// Group returns the checks of the message, in the order of the report.
func Group() check.Group {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return check.Group{
		ID:       ID,
		Checks:   []check.Check{from, date, messageID, singletons, subject, recipients, syntax, rawHeader, rawBody, lines},
		Texts:    sub,
		Describe: describe,
	}
}

// maxQuote is how much of a field is quoted, in octets: enough to recognise
// it, and not a copy of a hostile header in every report.
const maxQuote = 300

// short is a value cut to maxQuote and made UTF-8.
func short(s string) string {
	if len(s) > maxQuote {
		s = s[:maxQuote] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// seenField quotes a field as it stands in the message.
func seenField(f evidence.Field) finding.Observation {
	return finding.Observation{Kind: "header", Label: short(f.Name), Value: short(f.Value)}
}

func seenFields(fields []evidence.Field) []finding.Observation {
	var seen []finding.Observation
	for _, f := range fields[:min(len(fields), maxSeen)] {
		seen = append(seen, seenField(f))
	}
	return seen
}

// maxSeen is how many fields one finding quotes.
const maxSeen = 10

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

// one is a list of one finding, as Run returns it.
func one(f finding.Finding) []finding.Finding { return []finding.Finding{f} }
