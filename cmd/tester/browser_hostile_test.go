// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"mailproof/evidence"
	"mailproof/fixtures"
)

// A canary is a server that nothing on our pages may ever ask.
type canary struct {
	*httptest.Server
	mu   sync.Mutex
	hits []string
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.hits = append(c.hits, r.URL.String())
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *canary) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.hits...)
}

// attack closes whatever it may stand in, then runs and fetches; where says
// which place let it through.
func (c *canary) attack(where string) string {
	return fmt.Sprintf(`"'></textarea></title></script><script>pwned='%[2]s'</script><img src=%[1]s/%[2]s onerror=pwned='%[2]s'>`+
		`<svg onload=pwned='%[2]s'><style>@import'%[1]s/%[2]s'</style><iframe src=javascript:parent.pwned='%[2]s'></iframe>{{.}}`, c.URL, where)
}

// hostile is a mail with an attack in every header field and part, in the
// names of its files and in the session.
func (c *canary) hostile(now time.Time) fixtures.Delivery {
	var b strings.Builder
	field := func(name, format string) { fmt.Fprintf(&b, name+": "+format+"\r\n", c.attack(name)) }
	field("Return-Path", "<%s@hostile.example>")
	field("Received", "from %s (x [203.0.113.8]) by relay.example; "+now.Format(time.RFC1123Z))
	field("Authentication-Results", "mx.example; spf=pass smtp.mailfrom=%s")
	field("DKIM-Signature", "v=1; a=rsa-sha256; d=hostile.example; s=s1; i=%[1]s@hostile.example; c=%[1]s; h=From:%[1]s; bh=AAAA; b=AAAA")
	field("DKIM-Signature", "v=1; a=%[1]s; d=%[1]s; s=%[1]s; h=%[1]s; bh=%[1]s; b=%[1]s")
	field("From", `"%s" <a@hostile.example>`)
	field("To", `%s <b@hostile.example>`)
	field("Reply-To", `"%[1]s" <c@%[1]s>`)
	field("Subject", "%s")
	field("Subject", "=?utf-8?q?"+mime.QEncoding.Encode("utf-8", "\u202e\x00")+"?= %s")
	field("Date", "%s")
	field("Message-ID", "<%s@hostile.example>")
	field("List-Unsubscribe", "<javascript:pwned=1>, <"+c.URL+"/unsubscribe>, <data:text/html,%s>")
	field("X-Mailer", "%s")
	field("X-<script>pwned=1</script>", "%s")
	field("MIME-Version", "%s")
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b1; x=\"%s\"\r\n\r\n", strings.ReplaceAll(c.attack("Content-Type"), `"`, ``))
	for _, kind := range []string{"text/plain", "text/html", "image/svg+xml", "message/rfc822", "application/javascript", "x/" + c.attack("type")} {
		name := strings.ReplaceAll(c.attack("filename"), `"`, ``)
		fmt.Fprintf(&b, "--b1\r\nContent-Type: %s; charset=\"%s\"; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\n%s\r\n", kind, name, name, name, c.attack("body"))
	}
	b.WriteString("--b1--\r\n")
	return fixtures.Delivery{Raw: []byte(b.String()), Session: evidence.Session{
		ClientIP: netip.MustParseAddr("198.51.100.66"), ClientPort: 40000, EHLO: true, Helo: "hostile.example",
		MailFrom: `"<script>pwned=1</script>"@hostile.example`,
	}}
}

// zone is DNS of the same kind.
func (c *canary) zone() string {
	text := strings.ReplaceAll(c.attack("dns"), `"`, `\"`)
	return `hostile.example. TXT "v=spf1 include:spf.hostile.example exp=why.hostile.example -all"
spf.hostile.example. TXT "v=spf1 ` + text[:200] + `"
why.hostile.example. TXT "` + text[:200] + `"
s1._domainkey.hostile.example. TXT "v=DKIM1; k=` + text[:200] + `"
_dmarc.hostile.example. TXT "v=DMARC1; p=none; rua=mailto:` + text[:180] + `"
hostile.example. MX 10 \<script\>pwned=1\<\/script\>.hostile.example.
66.100.51.198.in-addr.arpa. PTR \<img\032src=x\032onerror=pwned=1\>.hostile.example.
`
}

// TestBrowserHostileMail opens every page and answer about a mail that
// attacks wherever it can: nothing runs and nothing is fetched, not even
// where the browser is told to ignore our policy, so that escaping alone has
// to hold.
func TestBrowserHostileMail(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	zone := filepath.Join(t.TempDir(), "hostile.zone")
	if err := os.WriteFile(zone, []byte(c.zone()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startSite(t, "serve", "--domain="+runDomain, "--data="+t.TempDir(), "--zone="+zone, "--proxy-from=127.0.0.0/8")
	made := s.newTest(t, `"><script>pwned=1</script><img src=`+c.URL+`/label onerror=pwned=1>`)
	base, api := s.web+"/tests/"+made.ID, s.web+"/api/v1/tests/"+made.ID
	d := c.hostile(time.Now())
	b := startChromium(t)
	for _, bypass := range []bool{false, true} {
		p := b.tab(t)
		if _, err := chromedp.Call(p.ctx, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: bypass}); err != nil {
			t.Fatal(err)
		}
		p.open(base)
		p.harmless(c)
		s.send(t, made.Address, d) // the page that waits becomes the report
		s.done(t, made.ID)
		p.until(`document.querySelector('.score') !== null`)
		p.harmless(c)
		for _, url := range []string{base + "?lang=zh-CN", base + "/messages/1?lang=en", base + "/delete", api, api + "/messages/1/report?format=json", api + "/messages/1/report?format=text", s.web + "/?lang=en"} {
			p.open(url)
			p.harmless(c)
		}
		p.open(base)
		p.unfold()
		if text := p.text("main"); !strings.Contains(text, "<script>pwned='Subject'</script>") {
			t.Error("the subject is not shown as it is")
		}
		eval[chromedp.Void](p, `document.querySelector('#overlay').value = `+quote(`hostile.example. TXT "</textarea><script>pwned=1</script>"`))
		p.click(".what-if button")
		p.harmless(c)
		p.quiet("404") // browsers ask for an icon where a document of JSON or text names none
	}
	strict(t, base, api+"/messages/1/raw", len(d.Raw))
	watched(t, b, c, s.web)
}

// harmless opens every row of the page, and fails if anything of the mail ran,
// was fetched, or became an element that could.
func (p *tab) harmless(c *canary) {
	p.t.Helper()
	p.unfold()
	url := eval[string](p, `new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(location.href))))`)
	if ran := eval[string](p, `String(window.pwned ?? '')`); ran != "" {
		p.t.Errorf("%s: the script in %s ran", url, ran)
	}
	if hits := c.asked(); len(hits) > 0 {
		p.t.Errorf("%s: fetched %v", url, hits)
	}
	const suspects = `document.contentType !== 'text/html' ? [] : [...document.querySelectorAll('body *')].filter(e =>
		['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'STYLE', 'LINK', 'IMG', 'BASE'].includes(e.tagName.toUpperCase()) ||
		[...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style' || ['href', 'src', 'action'].includes(a.name) && !/^(#|\/|https?:|mailto:)/.test(a.value))
	).map(e => e.outerHTML.slice(0, 200))`
	for _, e := range eval[[]string](p, suspects) {
		p.t.Errorf("%s: %s", url, e)
	}
}

// strict checks what stands behind the escaping: the policy of the page, and
// that the message itself is only ever handed out as a file.
func strict(t *testing.T, page, raw string, size int) {
	t.Helper()
	head := func(url string) http.Header {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.Header
	}
	policy := head(page).Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy %q", policy)
	}
	h := head(raw)
	if d, _, err := mime.ParseMediaType(h.Get("Content-Disposition")); err != nil || d != "attachment" {
		t.Errorf("raw message: Content-Disposition %q", h.Get("Content-Disposition"))
	}
	if kind := h.Get("Content-Type"); strings.HasPrefix(kind, "text/html") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("raw message: Content-Type %q, nosniff %q", kind, h.Get("X-Content-Type-Options"))
	}
	if _, body := get(t, raw, ""); len(body) != size {
		t.Errorf("raw message: %d octets of %d", len(body), size)
	}
	code, body := get(t, strings.Replace(raw, "/raw", "/report", 1), "application/json")
	if code != http.StatusOK || !json.Valid(body) || strings.Contains(string(body), "<script") {
		t.Errorf("the report as JSON: %d, valid %v, or markup in it", code, json.Valid(body))
	}
}

// watched proves that the canary sings: the same attack, put into a page
// without escaping and policy, is seen.
func watched(t *testing.T, b *chromium, c *canary, url string) {
	t.Helper()
	p := b.tab(t)
	if _, err := chromedp.Call(p.ctx, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	p.open(url + "/docs")
	eval[chromedp.Void](p, `document.querySelector('main').innerHTML = `+quote(c.attack("control")))
	p.until(`window.pwned === 'control'`)
	for len(c.asked()) == 0 {
		eval[chromedp.Void](p, `fetch(`+quote(c.URL+"/control")+`, {mode: 'no-cors'})`)
	}
}
