// SPDX-License-Identifier: MIT

package main

import (
	"io/fs"

	"mailproof/check"
	"mailproof/checks"
	"mailproof/render"
	"mailproof/text"
	"mailproof/webui"
)

// catalog gathers the sentences of every package that has some.
func catalog() (*text.Catalog, error) {
	all := []fs.FS{check.Texts(), render.Texts(), webui.Texts()}
	for _, g := range checks.All(checks.Config{}) {
		all = append(all, g.Texts)
	}
	return text.New(all...)
}
