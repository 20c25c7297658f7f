// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestBrowserJourney is the whole main job: an address, a real mail over
// SMTP, and the page that waits becomes the report, without a reload.
func TestBrowserJourney(t *testing.T) {
	t.Parallel()
	p, s := startChromium(t).tab(t), startSite(t, "demo")
	p.open(s.web + "/")
	address := p.text("output")
	eval[chromedp.Void](p, `window.sameDocument = true`)
	s.send(t, address, bad(t))
	p.until(`document.querySelector('.score') !== null`)
	if !eval[bool](p, `window.sameDocument === true`) {
		t.Error("the page was loaded again")
	}
	if path := eval[string](p, `location.pathname`); !strings.HasPrefix(path, "/tests/") {
		t.Errorf("the report is at %s, which is no link to keep", path)
	}
	for _, css := range []string{".score", ".verdict h1", "details.find[open] dl.ev dd", "details.find[open] .why", "details.fix[open] .in", ".ledger td"} {
		p.shows(css)
	}
	if html := p.text("main"); !strings.Contains(html, bad(t).Session.ClientIP.String()) {
		t.Error("the address of the client is nowhere to be seen")
	}
	score := p.text(".score span")
	p.click(".prefs a")
	if lang := eval[string](p, `document.documentElement.lang`); lang != "zh-CN" {
		t.Errorf("the other language is %s", lang)
	}
	if again := p.text(".score span"); again != score {
		t.Errorf("score %s in English, %s in Chinese", score, again)
	}
	p.shows("details.find[open] dl.ev dd")
	p.quiet()
}

// TestBrowserWithoutScripts: the same with scripts switched off; the page
// looks again by itself.
func TestBrowserWithoutScripts(t *testing.T) {
	t.Parallel()
	p, s := startChromium(t).tab(t), startSite(t, "demo")
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	p.open(s.web + "/")
	address := p.text("output")
	p.click(`a[href^="/tests/"]`)
	p.shows("noscript p")
	loads := chromedp.Events(p.ctx, page.LoadEventFired)
	s.send(t, address, bad(t))
	for _, err := range loads {
		if err != nil {
			t.Fatal(err)
		}
		if eval[bool](p, `document.querySelector('.score') !== null`) {
			break
		}
	}
	p.shows("details.find[open] dl.ev dd")
	p.shows("details.fix[open] .in")
	if eval[bool](p, `[...document.querySelectorAll('.js-only')].some(e => e.checkVisibility())`) {
		t.Error("a button is shown that does nothing without scripts")
	}
}

// TestBrowserFailedAttempt: who breaks off is seen by who waits.
func TestBrowserFailedAttempt(t *testing.T) {
	t.Parallel()
	p, s := startChromium(t).tab(t), startSite(t, "demo")
	made := s.newTest(t, "")
	p.open(s.web + "/tests/" + made.ID)
	from := good(t).Session
	if err := s.by(t, made.Address, from).Close(); err != nil {
		t.Fatal(err)
	}
	p.until(`document.querySelector('main table') !== null`)
	if table := p.text("main table"); !strings.Contains(table, from.ClientIP.String()) {
		t.Errorf("the attempt does not say from where: %s", table)
	}
	p.quiet()
}

// runs is how often the time to the report is measured.
const runs = 9

// TestBrowserTime measures from the final dot to the report on the screen. It
// asserts nothing about time: machines differ.
func TestBrowserTime(t *testing.T) {
	b, s := startChromium(t), startSite(t, "demo")
	var took []time.Duration
	for range runs {
		p := b.tab(t)
		p.open(s.web + "/")
		eval[chromedp.Void](p, `window.seen = new Promise(done => {
			const look = () => document.querySelector('.score') ? requestAnimationFrame(() => done(Date.now())) : requestAnimationFrame(look);
			look();
		}), undefined`)
		d := good(t)
		c := s.by(t, p.text("output"), d.Session)
		if _, err := fmt.Fprintf(c.W, "%s.\r\n", d.Raw); err != nil {
			t.Fatal(err)
		}
		dot := time.Now()
		if err := c.W.Flush(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.ReadResponse(250); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.UnixMilli(int64(eval[float64](p, `window.seen`))).Sub(dot))
	}
	slices.Sort(took)
	t.Logf("final dot to report on the screen: median %v of %d (%v to %v)",
		took[runs/2].Round(time.Millisecond), runs, took[0].Round(time.Millisecond), took[runs-1].Round(time.Millisecond))
}
