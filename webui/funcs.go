// SPDX-License-Identifier: MIT

package webui

import (
	"html/template"

	"mailproof/render"
	"mailproof/text"
)

// funcs are what templates may call: words, signs, and nothing else.
func funcs(p *text.Printer) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, pairs ...string) string { return p.Text(key, pairsOf(pairs)) },
		"count": func(key string, n int) string { return p.Count(key, n, nil) },
		"seen":  render.Visible,
	}
}

func pairsOf(pairs []string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}
