// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browserTime bounds one browser test; a hanging page must not hang the run.
const browserTime = 10 * time.Minute

// missing ends a test for want of a tool: on a developer's machine it is
// skipped, where everything has to be there it fails.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("MAILPROOF_CI") != "" {
		t.Fatalf("missing: %s", what)
	}
	t.Skipf("missing: %s", what)
}

// A chromium is one browser; each tab of it has cookies of its own.
type chromium struct{ ctx context.Context }

// startChromium starts a browser with an empty profile that talks to nobody
// but the pages it is sent to.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "chromium")
	}
	ctx, cancel := context.WithTimeout(context.Background(), browserTime)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
	)...)
	t.Cleanup(stop)
	ctx, closeAll := chromedp.NewContext(ctx)
	t.Cleanup(closeAll)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("start chromium:", err)
	}
	return &chromium{ctx}
}

// A tab is a page in a browser context of its own, and what went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // exceptions, errors on the console, refusals by the policy
}

// tab opens an empty page of 1280 by 900.
func (b *chromium) tab(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx}
	p.do(chromedp.EmulateViewport(1280, 900))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if s := m.String(); m.IsException() || strings.Contains(s, "rror") || strings.Contains(s, "Content Security Policy") {
				p.mu.Lock()
				p.troubles = append(p.troubles, s)
				p.mu.Unlock()
			}
		}
	}()
	return p
}

// quiet fails the test if a script of the page failed, something could not be
// loaded or the policy had to step in; but for what is known.
func (p *tab) quiet(known ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.troubles {
		if slices.ContainsFunc(known, func(k string) bool { return strings.Contains(s, k) }) {
			continue
		}
		p.t.Errorf("the page complains: %s", s)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) open(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// eval is the value of a JavaScript expression; promises are waited for.
func eval[T any](p *tab, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.80s: %v", js, err)
	}
	return v
}

// until waits for a JavaScript condition, in this page or one that follows.
func (p *tab) until(js string) {
	p.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := chromedp.Run(p.ctx, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(20*time.Second)))
		if err == nil {
			return
		}
		if p.ctx.Err() != nil || time.Now().After(deadline) || !strings.Contains(err.Error(), "navig") && !strings.Contains(err.Error(), "context") {
			p.t.Fatalf("waiting for %s: %v\n%s", js, err, eval[string](p, "document.body.innerText"))
		}
	}
}

// shows fails the test unless an element is there with a size on the screen.
func (p *tab) shows(css string) {
	p.t.Helper()
	js := `[...document.querySelectorAll(` + quote(css) + `)].some(e => e.checkVisibility() && e.getBoundingClientRect().height > 0 && e.textContent.trim() !== '')`
	if !eval[bool](p, js) {
		p.t.Errorf("nothing to be seen of %s at %s", css, eval[string](p, "location.href"))
	}
}

func (p *tab) text(css string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector(`+quote(css)+`).textContent.trim()`)
}

// click follows a link or presses a button that leads to another page.
func (p *tab) click(css string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(css)))); err != nil {
		p.t.Fatalf("click %s: %v", css, err)
	}
}

// scheme makes the reader prefer "light" or "dark".
func (p *tab) scheme(name string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// unfold opens every row of the page.
func (p *tab) unfold() {
	p.t.Helper()
	eval[chromedp.Void](p, `document.querySelectorAll('details').forEach(d => { d.open = true; })`)
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
