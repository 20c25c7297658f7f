// SPDX-License-Identifier: MIT

package webui_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mailproof/webui"
)

func TestHostAllowList(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	for host, want := range map[string]int{
		"mailproof.example": 200, "MAILPROOF.example:8080": 200, "mx.mailproof.example": 200, "localhost": 200, "a.localhost:80": 200,
		"127.0.0.1": 200, "[::1]:8080": 200, "192.0.2.7": 200, "[2001:db8::1]": 200, "mailproof.example.": 200,
		"evil.example": 421, "mailproof.example.evil.example": 421, "127.0.0.1.evil.example": 421, "xlocalhost": 421, "": 421,
	} {
		if rec := do(h, "GET", "/healthz", "", "Host: "+host); rec.Code != want {
			t.Errorf("%q: %d, want %d", host, rec.Code, want)
		}
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	for _, path := range []string{"/docs", "/healthz", "/nowhere", "/api/v1/tests/none", "/static/mailproof.css"} {
		got := do(h, "GET", path, "").Header()
		csp := got.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || got.Get("Referrer-Policy") != "no-referrer" ||
			got.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.Get("X-Robots-Tag"), "noindex") || got.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, got)
		}
		if cache := got.Get("Cache-Control"); cache != "no-store" && !strings.HasPrefix(path, "/static/") {
			t.Errorf("%s: Cache-Control %s", path, cache)
		}
	}
}

func TestForeignSitesCannotWrite(t *testing.T) {
	t.Parallel()
	h := newWorld().site(t)
	for header, want := range map[string]int{
		"Sec-Fetch-Site: cross-site": 403, "Sec-Fetch-Site: same-site": 403, "Origin: https://evil.example": 403, "Origin: null": 403,
		"Sec-Fetch-Site: same-origin": 201, "Origin: https://mailproof.example": 201, "User-Agent: curl": 201,
	} {
		if rec := do(h, "POST", "/api/v1/tests", "", header); rec.Code != want {
			t.Errorf("%s: %d", header, rec.Code)
		}
	}
}

func TestCreationIsLimitedPerNetwork(t *testing.T) {
	t.Parallel()
	w, now := newWorld(), noon
	h := w.site(t, func(o *webui.Options) { o.TestsPerMinute = 2; o.Now = func() time.Time { return now } })
	create := func(remote string) *http.Response {
		return do(h, "POST", "/api/v1/tests", "", "Remote: "+remote).Result()
	}
	for i, remote := range []string{"203.0.113.1:1", "203.0.113.1:2", "203.0.113.2:1", "[2001:db8::1]:1", "[2001:db8::2]:1", "127.0.0.1:1", "127.0.0.1:1", "[::1]:1", "127.0.0.1:1"} {
		if code := create(remote).StatusCode; code != 201 {
			t.Fatalf("%d %s: %d", i, remote, code)
		}
	}
	for _, remote := range []string{"203.0.113.1:9", "[2001:db8::ffff]:1"} { // the second is in the same /64
		resp := create(remote)
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "61" {
			t.Errorf("%s: %d, Retry-After %s", remote, resp.StatusCode, resp.Header.Get("Retry-After"))
		}
	}
	now = now.Add(time.Minute)
	if code := create("203.0.113.1:9").StatusCode; code != 201 {
		t.Errorf("after a minute: %d", code)
	}
}

func TestForwardedForCountsFromProxiesOnly(t *testing.T) {
	t.Parallel()
	create := func(remote, forwarded string, trusted ...netip.Prefix) (codes string) {
		h := newWorld().site(t, func(o *webui.Options) { o.TestsPerMinute = 1; o.TrustedProxies = trusted })
		for i := range 2 {
			rec := do(h, "POST", "/api/v1/tests", "", "Remote: "+remote, "X-Forwarded-For: "+strings.ReplaceAll(forwarded, "N", fmt.Sprint(i)))
			codes += fmt.Sprint(rec.Code, " ")
		}
		return codes
	}
	loop := netip.MustParsePrefix("127.0.0.0/8")
	for _, c := range []struct{ got, want string }{
		{create("203.0.113.1:1", "198.51.100.N"), "201 429 "},                  // no proxy: the header is the client's invention
		{create("127.0.0.1:1", "198.51.100.N", loop), "201 201 "},              // two clients behind one proxy
		{create("127.0.0.1:1", "198.51.100.N, 203.0.113.1", loop), "201 429 "}, // only what the proxy itself saw counts
		{create("127.0.0.1:1", "203.0.113.1, 127.0.0.N", loop), "201 429 "},    // through two trusted proxies
		{create("127.0.0.1:1", "junk", loop), "201 429 "},                      // a trusted proxy is no exempt loopback
		{create("127.0.0.1:1", "198.51.100.1"), "201 201 "},                    // loopback is not counted
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
