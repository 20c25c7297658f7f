// SPDX-License-Identifier: MIT

// Package domain checks what the domains of a mail publish: whether mail to
// them can be delivered.
package domain

import (
	"embed"
	"io/fs"

	"mailproof/check"
)

// ID is the section of the report.
const ID = "dns"

//go:embed texts/*.json
var texts embed.FS

// Group returns the checks of the domains, in the order of the report.
func Group() check.Group {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return check.Group{ID: ID, Checks: []check.Check{mx, replyTo}, Texts: sub}
}
