// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe finds what breaks WCAG 2.2 AA. Target size has to be switched on; the
// others are on by their tags. Nothing is switched off.
const axe = `axe.run(document, {
	runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
	rules: {'target-size': {enabled: true}}, resultTypes: ['violations'],
}).then(r => ({
	passed: r.passes.length,
	broken: r.violations.map(v => v.id + ': ' + v.help + '\n' + v.nodes.slice(0, 4).map(n => '    ' + n.target + '  ' + n.html.slice(0, 200) + '\n    ' + n.failureSummary).join('\n')),
}))`

// TestBrowserAxe: no page breaks a rule, in any language and theme.
func TestBrowserAxe(t *testing.T) {
	t.Parallel()
	path := os.Getenv("MAILPROOF_AXE")
	if path == "" {
		missing(t, "axe-core; set MAILPROOF_AXE to what .ci/axe prints")
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := startChromium(t).tab(t)
	for _, v := range views(t) {
		for _, lang := range languages {
			v.show(p, lang)
			eval[chromedp.Void](p, string(script))
			for _, theme := range []string{"light", "dark"} {
				p.scheme(theme)
				found := eval[struct {
					Passed int      `json:"passed"`
					Broken []string `json:"broken"`
				}](p, axe)
				if found.Passed == 0 {
					t.Fatalf("%s: axe examined nothing", v.name)
				}
				for _, b := range found.Broken {
					t.Errorf("%s, %s, %s: %s", v.name, lang, theme, b)
				}
			}
		}
	}
}
