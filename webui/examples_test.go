// SPDX-License-Identifier: MIT

package webui_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"mailproof/store"
	"mailproof/webui"
)

func TestIndexOfExamples(t *testing.T) {
	t.Parallel()
	w := newWorld()
	waiting, done := w.mint(t), w.mint(t)
	w.deliver(done, store.Analyzing)
	list := func(ctx context.Context) (all []webui.Example) {
		for _, id := range []string{waiting, done} {
			test, err := w.Test(ctx, id)
			if err != nil {
				t.Error(err)
			}
			all = append(all, webui.Example{Name: "name-" + id, Title: "Title <" + id + ">", Test: test, Provisional: true})
		}
		return all
	}
	site := w.site(t, func(o *webui.Options) { o.Examples = list })
	page := do(site, "GET", "/demo?lang=en", "").Body.String()
	for _, want := range []string{"name-" + waiting, "Title &lt;" + done + "&gt;", `href="/tests/` + done + `"`, "on its way", "being examined", "data-again"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in the index", want)
		}
	}
	w.set(done, 1, store.Done)
	page = do(site, "GET", "/demo?lang=en", "").Body.String()
	if !strings.Contains(page, "<b>6.3</b>") || !strings.Contains(page, "provisional") {
		t.Error("no score, or not that it is provisional")
	}
	if home := do(site, "GET", "/", "").Body.String(); !strings.Contains(home, `href="/demo"`) {
		t.Error("no link to the index")
	}
	plain := w.site(t)
	if rec := do(plain, "GET", "/demo", ""); rec.Code != http.StatusNotFound {
		t.Errorf("without examples: %d", rec.Code)
	}
	if home := do(plain, "GET", "/", "").Body.String(); strings.Contains(home, `href="/demo"`) {
		t.Error("a link to an index that is not there")
	}
}
