// SPDX-License-Identifier: MIT

package check

import (
	"embed"
	"io/fs"
)

//go:embed texts/*.json
var texts embed.FS

// Texts are the sentences of the runner: run.not-observed and its like, each
// with the name of the check ("<check>.name" of the check's own texts).
func Texts() fs.FS {
	sub, err := fs.Sub(texts, "texts")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return sub
}
