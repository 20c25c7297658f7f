// SPDX-License-Identifier: MIT

package webui_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailproof/render"
	"mailproof/store"
	"mailproof/text"
	"mailproof/webui"
)

func decode(t *testing.T, body string) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("not JSON: %v: %.200s", err, body)
	}
	return m
}

func TestCreateAnswersWhatTheContractSays(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	rec := do(h, "POST", "/api/v1/tests", `{"label":"November","lang":"zh-CN"}`)
	got := decode(t, rec.Body.String())
	if rec.Code != http.StatusCreated || got["address"] != "k7m2xq9tfw4h0001@in.mailproof.example" || got["status"] != "waiting" ||
		got["url"] != "https://mailproof.example/tests/id00000000000001" || got["revision"] != 1.0 {
		t.Fatalf("%d %v", rec.Code, got)
	}
	if loc := rec.Header().Get("Location"); loc != "https://mailproof.example/api/v1/tests/id00000000000001" {
		t.Errorf("Location %q", loc)
	}
}

func TestCreateRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	for body, want := range map[string]int{
		"":                         201,
		"{}":                       201,
		"{":                        400,
		"[]":                       400,
		`{} {}`:                    400,
		`{"unknown":1}`:            400,
		`{"lang":"fr"}`:            422,
		`{"overlay":"bad"}`:        422,
		`{"overlay":7}`:            400,
		`{"overlay":[{"name":1}]}`: 201,
		`{"label":"` + strings.Repeat("x", 300) + `"}`:        422,
		`{"overlay":"` + strings.Repeat("x", 70<<10) + `"}`:   422,
		`{"label":"` + strings.Repeat("x", 2<<20) + `"}`:      413,
		strings.Repeat(" ", 2<<20) + `{"label":"after body"}`: 413,
	} {
		rec := do(h, "POST", "/api/v1/tests", body)
		if rec.Code != want {
			t.Errorf("%.40q: %d, want %d: %s", body, rec.Code, want, rec.Body)
		}
		if want >= 400 && rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.40q: %s", body, rec.Header().Get("Content-Type"))
		}
	}
}

func TestShowHasTheReportAndItsRevision(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Received)
	w.set(id, 1, store.Done)
	rec := do(h, "GET", "/api/v1/tests/"+id, "")
	got := decode(t, rec.Body.String())
	if got["status"] != "done" || got["report"].(map[string]any)["score"] != 4.7 || rec.Header().Get("ETag") != `"3"` {
		t.Fatalf("%v %s", rec.Header(), rec.Body)
	}
	for header, want := range map[string]int{`"3"`: 304, `W/"3"`: 304, `"1", "3"`: 304, `*`: 304, `"2"`: 200} {
		if rec := do(h, "GET", "/api/v1/tests/"+id, "", "If-None-Match: "+header); rec.Code != want {
			t.Errorf("If-None-Match %s: %d", header, rec.Code)
		}
	}
}

func TestWaitAnswersWhenTheVerdictIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		h, id := w.site(t), w.mint(t)
		answer := make(chan string)
		go func() { answer <- do(h, "GET", "/api/v1/tests/"+id+"?wait=30s", "").Body.String() }()
		synctest.Wait()
		w.deliver(id, store.Received)
		w.set(id, 1, store.Analyzing)
		synctest.Wait()
		select {
		case got := <-answer:
			t.Fatalf("answered too early: %s", got)
		default:
		}
		w.set(id, 1, store.Done)
		if got := decode(t, <-answer); got["status"] != "done" {
			t.Fatal(got)
		}
		begin := time.Now()
		do(h, "GET", "/api/v1/tests/"+id+"?wait=30s&after=1", "")
		if took := time.Since(begin); took != 30*time.Second {
			t.Errorf("waited %v for message 2", took)
		}
	})
}

func TestWaitEndsWhenTheServerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, stop := newWorld(), make(chan struct{})
		h, id := w.site(t, func(o *webui.Options) { o.Stopping = stop }), w.mint(t)
		done := make(chan int, 2)
		for _, path := range []string{"?wait=60s", "/events"} {
			go func() { done <- do(h, "GET", "/api/v1/tests/"+id+path, "").Code }()
		}
		synctest.Wait()
		begin := time.Now()
		close(stop)
		<-done
		<-done
		if took := time.Since(begin); took != 0 {
			t.Errorf("stopping took %v", took)
		}
	})
}

func TestParametersThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Done)
	for path, want := range map[string]int{
		"?wait=long": 400, "?wait=-1s": 400, "?after=x": 400, "?lang=fr": 400,
		"/messages/0/report": 404, "/messages/x/report": 404, "/messages/2/report": 404, "/messages/latest/report": 200,
		"/messages/1/report?format=junit": 501, "/messages/1/report?format=sarif": 501, "/messages/1/report?format=pdf": 400, "/messages/1/report?revision=0": 400,
	} {
		if rec := do(h, "GET", "/api/v1/tests/"+id+path, ""); rec.Code != want {
			t.Errorf("%s: %d, want %d: %s", path, rec.Code, want, rec.Body)
		}
	}
}

func TestTextFormat(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t, func(o *webui.Options) {
		o.Text = func(out io.Writer, d render.Document, p *text.Printer) error {
			_, err := io.WriteString(out, d.Score.String()+" "+p.Lang())
			return err
		}
	})
	id := w.mint(t)
	w.deliver(id, store.Done)
	rec := do(h, "GET", "/api/v1/tests/"+id+"/messages/1/report?format=text", "", "Accept-Language: zh")
	if rec.Body.String() != "4.7 zh-CN" || rec.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v %s", rec.Header(), rec.Body)
	}
}

func TestRawIsTheOctetsAndInert(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Received)
	rec := do(h, "GET", "/api/v1/tests/"+id+"/messages/latest/raw", "")
	for name, want := range map[string]string{
		"Content-Type": "message/rfc822", "Content-Disposition": "attachment; filename=message-1.eml",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got := rec.Header().Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if rec.Body.String() != w.raw {
		t.Errorf("octets changed: %q", rec.Body)
	}
}

func TestReanalyze(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Done)
	path := "/api/v1/tests/" + id + "/messages/1/reanalyze"
	if rec := do(h, "POST", path, ""); rec.Code != 202 || len(w.again) != 1 {
		t.Errorf("%d, %v", rec.Code, w.again)
	}
	rec := do(h, "POST", path, `{"overlay":[{"action":"add"}]}`)
	if got := decode(t, rec.Body.String()); rec.Code != 200 || got["hypothetical"] != true || string(w.overlays[0].Changes) != `[{"action":"add"}]` {
		t.Errorf("%d %v %v", rec.Code, got["hypothetical"], w.overlays)
	}
	if rec := do(h, "POST", path, `{"overlay":"bad"}`); rec.Code != 422 || !strings.Contains(rec.Body.String(), "line 1: not a record") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestAnalyzeTakesAnUpload(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t)
	big := strings.Repeat("x", 2<<20)
	rec := do(h, "POST", "/api/v1/analyze?client_ip=203.0.113.57&mail_from=", big, "Content-Type: message/rfc822")
	if rec.Code != 200 || len(w.uploads) != 1 || len(w.uploads[0].Raw) != len(big) || w.uploads[0].MailFrom == nil || w.uploads[0].ClientIP != "203.0.113.57" {
		t.Fatalf("%d", rec.Code)
	}
	for body, want := range map[string]int{"": 400, strings.Repeat("x", 5<<20): 413} {
		if rec := do(h, "POST", "/api/v1/analyze", body); rec.Code != want {
			t.Errorf("%d octets: %d", len(body), rec.Code)
		}
	}
}

func TestUnknownDeletedAndOverlongAreTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Done)
	if rec := do(h, "DELETE", "/api/v1/tests/"+id, ""); rec.Code != http.StatusNoContent {
		t.Fatal(rec.Code)
	}
	for _, suffix := range []string{"", "/events", "/messages/1/report", "/messages/1/raw", "/messages/latest/report"} {
		want := do(h, "GET", "/api/v1/tests/"+id+suffix, "")
		for _, other := range []string{"never", strings.Repeat("x", 500), "%00", "..%2f"} {
			got := do(h, "GET", "/api/v1/tests/"+other+suffix, "")
			if got.Code != 404 || got.Body.String() != want.Body.String() {
				t.Errorf("%.20s%s: %d %s", other, suffix, got.Code, got.Body)
			}
		}
	}
	if rec := do(h, "DELETE", "/api/v1/tests/"+id, ""); rec.Code != 404 {
		t.Error(rec.Code)
	}
}

func TestHealthReadyMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t, func(o *webui.Options) {
		o.Counters = func() []webui.Counter {
			return []webui.Counter{{Name: "mailproof_x_total", Help: "Things.", Value: 3}, {Name: "mailproof_y", Gauge: true, Value: 0.5}}
		}
	})
	if do(h, "GET", "/healthz", "").Code != 200 || do(h, "GET", "/readyz", "").Code != 200 {
		t.Error("not healthy")
	}
	w.ready = store.ErrFull
	if rec := do(h, "GET", "/readyz", ""); rec.Code != 503 || strings.Contains(rec.Body.String(), store.ErrFull.Error()) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	want := "# HELP mailproof_x_total Things.\n# TYPE mailproof_x_total counter\nmailproof_x_total 3\n# HELP mailproof_y \n# TYPE mailproof_y gauge\nmailproof_y 0.5\n"
	if got := do(h, "GET", "/metrics", "").Body.String(); got != want {
		t.Errorf("%s", got)
	}
}
