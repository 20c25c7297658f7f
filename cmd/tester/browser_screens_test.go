// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// wide lists, sorted, what makes a page wider than its window, the innermost
// elements only.
const wide = `(() => {
	if (document.documentElement.scrollWidth <= innerWidth) return [];
	const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest('.scroll'));
	return ['width ' + document.documentElement.scrollWidth].concat(out.slice(-5).map(e => e.outerHTML.slice(0, 160)));
})()`

// TestBrowserNothingScrollsSideways: from 320 pixels on every page fits.
func TestBrowserNothingScrollsSideways(t *testing.T) {
	t.Parallel()
	p := startChromium(t).tab(t)
	for _, v := range views(t) {
		for _, lang := range languages {
			v.show(p, lang)
			for _, width := range []int64{320, 360, 768, 1440} {
				p.do(chromedp.EmulateViewport(width, 900))
				for _, e := range eval[[]string](p, wide) {
					t.Errorf("%s, %s, %d pixels: %s", v.name, lang, width, e)
				}
			}
		}
	}
}

// TestBrowserScreens takes a picture of every page at three widths, in both
// themes and languages, for people to look at.
func TestBrowserScreens(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("MAILPROOF_ARTIFACTS")
	if dir == "" {
		if os.Getenv("MAILPROOF_CI") == "" {
			t.Skip("no pictures wanted; set MAILPROOF_ARTIFACTS to a directory")
		}
		dir = filepath.Join("..", "..", "artifacts")
	}
	dir = filepath.Join(dir, "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := startChromium(t).tab(t)
	for _, v := range views(t) {
		for _, lang := range languages {
			v.show(p, lang)
			for _, theme := range []string{"light", "dark"} {
				p.scheme(theme)
				for _, width := range []int64{360, 768, 1440} {
					p.do(chromedp.EmulateViewport(width, 900))
					shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
					if err != nil {
						t.Fatal(err)
					}
					name := fmt.Sprintf("%s-%s-%s-%d.png", v.name, lang, theme, width)
					if err := os.WriteFile(filepath.Join(dir, name), shot, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}
