// SPDX-License-Identifier: MIT

package webui_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"mailproof/store"
	"mailproof/webui"
)

// A slowBody says when it is read, and ends when it is let.
type slowBody struct {
	read, end chan struct{}
	once      sync.Once
}

func (b *slowBody) Read([]byte) (int, error) {
	b.once.Do(func() { close(b.read) })
	<-b.end
	return 0, io.EOF
}

// TestAttackUploadFlood: an upload is held in memory while it comes in and is
// examined, and makes us ask name servers. One network gets a few at once,
// others still get through, and nobody more than so many a minute.
func TestAttackUploadFlood(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t, func(o *webui.Options) { o.TestsPerMinute = 6 })
	end := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		b := &slowBody{read: make(chan struct{}), end: end}
		r := httptest.NewRequest("POST", "/api/v1/analyze", b)
		r.Host, r.RemoteAddr = "mailproof.example", "203.0.113.1:1"
		wg.Go(func() { h.ServeHTTP(httptest.NewRecorder(), r) })
		<-b.read
	}
	upload := func(remote string) *http.Response {
		return do(h, "POST", "/api/v1/analyze", "From: a@b.example\r\n\r\nhi\r\n", "Remote: "+remote).Result()
	}
	if r := upload("203.0.113.1:2"); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("fifth at once: %d", r.StatusCode)
	}
	if r := upload("198.51.100.1:1"); r.StatusCode != 200 {
		t.Errorf("somebody else: %d", r.StatusCode)
	}
	close(end)
	wg.Wait()
	if r := upload("203.0.113.1:3"); r.StatusCode != 200 {
		t.Errorf("after the others: %d", r.StatusCode)
	}
	if r := upload("203.0.113.1:4"); r.StatusCode != 429 {
		t.Errorf("seventh within the minute: %d", r.StatusCode)
	}
	for range 10 {
		if r := upload("127.0.0.1:1"); r.StatusCode != 200 {
			t.Errorf("loopback: %d", r.StatusCode)
		}
	}
}

// TestAttackRecheckFlood: every recheck keeps one more report on our disk.
func TestAttackRecheckFlood(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := w.site(t, func(o *webui.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	test, err := w.CreateTest(t.Context(), webui.NewTest{})
	if err != nil {
		t.Fatal(err)
	}
	w.deliver(test.ID, store.Done)
	for _, path := range []string{"/api/v1/tests/" + test.ID + "/messages/1/reanalyze", "/tests/" + test.ID + "/messages/1/recheck"} {
		w.change(test.ID, func(t *store.Test) { t.Messages[0].Reports = 99 })
		if rec := do(h, "POST", path, "", "Remote: 203.0.113.9:1"); rec.Code >= 400 {
			t.Errorf("%s: %d", path, rec.Code)
		}
		w.change(test.ID, func(t *store.Test) { t.Messages[0].Reports = 100 })
		if rec := do(h, "POST", path, "", "Remote: 203.0.113.9:1"); rec.Code != 422 {
			t.Errorf("%s, once too often: %d", path, rec.Code)
		}
	}
}

// TestAttackSlashSlash: a link of ours must not lead to another host because
// the path looks like one.
func TestAttackSlashSlash(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	r := httptest.NewRequest("GET", "https://mailproof.example/", nil)
	r.URL.Path = "//evil.example/"
	r.RequestURI = "//evil.example/"
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if body := rec.Body.String(); strings.Contains(body, `"//`) || !strings.Contains(body, `"/evil.example/?lang=`) {
		t.Errorf("the page links to another host: %d %q", rec.Code, body[:min(len(body), 300)])
	}
}

// TestAttackHugeAnswers: a page shows the beginning of a 64 kB answer.
func TestAttackHugeAnswers(t *testing.T) {
	t.Parallel()
	d := hostile()
	for range 100 {
		q := d.DNS[0]
		q.Answers = []string{strings.Repeat("\x01", 60_000)}
		d.DNS = append(d.DNS, q)
	}
	body, _ := pageOf(t, d, "en")
	const most = 3 << 20 // a hundred times 4000 letters, each made visible with six octets
	if len(body) > most {
		t.Errorf("the page has %d octets", len(body))
	}
}
