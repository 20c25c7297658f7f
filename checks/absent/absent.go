// SPDX-License-Identifier: MIT

// Package absent says of a section of the report that nothing examines it in
// this version, so that nobody takes its silence for praise.
package absent

import (
	"context"
	"embed"
	"io/fs"

	"mailproof/check"
	"mailproof/finding"
)

//go:embed texts
var texts embed.FS

// Group is the group of a section with one skipped finding,
// "<section>.not-examined": no points, and outside the coverage.
func Group(section string) check.Group {
	spec := finding.Spec{ID: finding.ID(section + ".not-examined"), Status: finding.Skipped}
	sub, err := fs.Sub(texts, "texts/"+section)
	if err != nil {
		panic(err) // a constant path
	}
	return check.Group{ID: section, Texts: sub, Checks: []check.Check{{
		ID: section, Specs: []finding.Spec{spec},
		Run: func(context.Context, *check.Input) []finding.Finding {
			return []finding.Finding{spec.At("", nil)}
		},
	}}}
}
