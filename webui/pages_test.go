// SPDX-License-Identifier: MIT

package webui_test

import (
	"net/http"
	"strings"
	"testing"

	"mailproof/store"
	"mailproof/webui"
)

func TestHomeShowsTheVisitorsWaitingTest(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t)
	first := do(h, "GET", "/", "")
	if first.Code != 200 || !strings.Contains(first.Body.String(), "k7m2xq9tfw4h0001") {
		t.Fatal(first.Code)
	}
	cookies := first.Result().Cookies()
	cookie := cookies[len(cookies)-1]
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %v", cookie)
	}
	if again := do(h, "GET", "/", "", "Cookie: "+cookie.Name+"="+cookie.Value); !strings.Contains(again.Body.String(), "k7m2xq9tfw4h0001") || w.minted != 1 {
		t.Errorf("%d tests made", w.minted)
	}
	w.deliver("id00000000000001", store.Received)
	if later := do(h, "GET", "/", "", "Cookie: "+cookie.Name+"="+cookie.Value); !strings.Contains(later.Body.String(), "k7m2xq9tfw4h0002") {
		t.Error("a test that has its mail is still offered")
	}
}

func TestWhoOnlyLooksGetsAButton(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t, func(o *webui.Options) { o.TestsPerMinute = 1 })
	for _, header := range []string{"Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch"} {
		rec := do(h, "GET", "/", "", header)
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), `action="/tests"`) {
			t.Errorf("%s: %d", header, rec.Code)
		}
	}
	if rec := do(h, "HEAD", "/", ""); rec.Code != 200 || w.minted != 0 {
		t.Errorf("HEAD: %d, %d tests made", rec.Code, w.minted)
	}
	do(h, "GET", "/", "")
	if rec := do(h, "GET", "/", ""); rec.Code != 200 || strings.Contains(rec.Body.String(), "<output") || w.minted != 1 {
		t.Errorf("over the limit: %d, %d tests made", rec.Code, w.minted)
	}
	if rec := do(h, "POST", "/tests", ""); rec.Code != 429 || rec.Header().Get("Retry-After") == "" || !strings.Contains(rec.Body.String(), "<h1>") {
		t.Errorf("POST over the limit: %d", rec.Code)
	}
}

func TestWaitingBecomesReport(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	page := func(path string) string { return do(h, "GET", path, "").Body.String() }
	refresh := `<noscript><meta http-equiv="refresh" content="3"></noscript>`
	for _, state := range []store.State{store.Waiting, store.Received, store.Analyzing} {
		switch state {
		case store.Received:
			w.deliver(id, state)
		case store.Analyzing:
			w.set(id, 1, state)
		}
		if got := page("/tests/" + id); !strings.Contains(got, refresh) || !strings.Contains(got, `data-page="/tests/`+id+`"`) {
			t.Errorf("%s: the page does not renew itself", state)
		}
	}
	w.set(id, 1, store.Done)
	for _, path := range []string{"", "/messages/1", "/messages/latest"} {
		if got := page("/tests/" + id + path); !strings.Contains(got, `class="result"`) || strings.Contains(got, "data-events") || strings.Contains(got, "http-equiv") {
			t.Errorf("%s: not the report", path)
		}
	}
}

func TestFailedMessageSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.doc.Failed = "Stopped twice."
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Failed)
	got := do(h, "GET", "/tests/"+id, "").Body.String()
	if !strings.Contains(got, "Stopped twice.") || strings.Contains(got, `class="result"`) || !strings.Contains(got, "/messages/1/raw") {
		t.Errorf("%s", got)
	}
}

func TestRecheckWhatIfAndDeleteByForms(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Done)
	base := "/tests/" + id + "/messages/1"
	form := "Content-Type: application/x-www-form-urlencoded"
	rec := do(h, "POST", base+"/what-if", "overlay=a.example.+TXT+x", form)
	if rec.Code != 200 || w.overlays[0].Text != "a.example. TXT x" || !strings.Contains(rec.Body.String(), "not published yet") {
		t.Errorf("what if: %d %v", rec.Code, w.overlays)
	}
	if rec := do(h, "POST", base+"/what-if", "overlay=bad", form); rec.Code != 422 || !strings.Contains(rec.Body.String(), "line 1: not a record") {
		t.Errorf("bad overlay: %d", rec.Code)
	}
	if rec := do(h, "POST", base+"/recheck", ""); rec.Code != 303 || rec.Header().Get("Location") != base || len(w.again) != 1 {
		t.Errorf("recheck: %d", rec.Code)
	}
	if rec := do(h, "GET", "/tests/"+id+"/delete", ""); rec.Code != 200 || len(w.tests) != 1 {
		t.Errorf("asking deleted: %d", rec.Code)
	}
	if rec := do(h, "POST", "/tests/"+id+"/delete", ""); rec.Code != 200 || len(w.tests) != 0 {
		t.Errorf("delete: %d", rec.Code)
	}
}

func TestPagesOfGoneTestsAreTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Done)
	do(h, "POST", "/tests/"+id+"/delete", "")
	for _, suffix := range []string{"", "/messages/1", "/delete"} {
		gone, never := do(h, "GET", "/tests/"+id+suffix, ""), do(h, "GET", "/tests/never"+suffix, "")
		same := strings.ReplaceAll(never.Body.String(), "/tests/never", "/tests/"+id)
		if gone.Code != 404 || never.Code != 404 || gone.Body.String() != same {
			t.Errorf("%s: %d %d", suffix, gone.Code, never.Code)
		}
	}
}

func TestLanguageOfPages(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	for _, c := range []struct{ path, header, want string }{
		{"/docs", "Accept: */*", `<html lang="en">`},
		{"/docs", "Accept-Language: zh-TW,zh;q=0.9", `<html lang="zh-CN">`},
		{"/docs?lang=zh-CN", "Accept-Language: en", `<html lang="zh-CN">`},
		{"/docs", "Cookie: mailproof_lang=zh-CN", `<html lang="zh-CN">`},
		{"/docs?lang=fr", "Accept-Language: fr", `<html lang="en">`},
	} {
		if got := do(h, "GET", c.path, "", c.header).Body.String(); !strings.Contains(got, c.want) {
			t.Errorf("%s %s: not %s", c.path, c.header, c.want)
		}
	}
	if cookie := do(h, "GET", "/docs?lang=zh-CN", "").Header().Get("Set-Cookie"); !strings.HasPrefix(cookie, "mailproof_lang=zh-CN") {
		t.Errorf("the switch is not remembered: %s", cookie)
	}
}
