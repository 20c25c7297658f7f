// SPDX-License-Identifier: MIT

package webui_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/render"
	"mailproof/report"
	"mailproof/store"
)

// pageOf renders a document as a report page and parses it.
func pageOf(t *testing.T, doc render.Document, lang string) (string, *html.Node) {
	t.Helper()
	w := newWorld()
	w.doc = doc
	h, id := w.site(t), w.mint(t)
	w.deliver(id, store.Done)
	rec := do(h, "GET", "/tests/"+id+"?lang="+lang, "")
	if rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	root, err := html.Parse(strings.NewReader(rec.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return rec.Body.String(), root
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// tenths reads "−1.5" and "4.7".
func tenths(t *testing.T, s string) int {
	t.Helper()
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), "−", "-", 1), 64)
	if err != nil {
		return 0 // "no marks"
	}
	return int(f*10 + 0.5*sign(f))
}

func sign(f float64) float64 {
	if f < 0 {
		return -1
	}
	return 1
}

func TestMarksOnThePageAddUp(t *testing.T) {
	t.Parallel()
	perfect := sample()
	perfect.Score, perfect.Verdict, perfect.Findings, perfect.Plan = 100, "perfect", nil, nil
	for i := range perfect.Sections {
		perfect.Sections[i].Findings, perfect.Sections[i].Penalty = nil, 0
	}
	for _, doc := range []render.Document{sample(), perfect} {
		_, root := pageOf(t, doc, "en")
		ledger, ruler, sum := 0, 0, 0
		for n := range root.Descendants() {
			switch {
			case n.Data == "td" && attr(n, "class") == "num" && n.Parent.Parent.Data == "tbody":
				ledger += tenths(t, textOf(n))
			case n.Data == "rect" && strings.HasPrefix(attr(n, "class"), "lost"), n.Data == "rect" && attr(n, "class") == "cap":
				width, _ := strconv.Atoi(strings.TrimSuffix(attr(n, "width"), "%"))
				ruler += width
			case attr(n, "class") == "num" && n.Parent.Data == "figcaption":
				for i, part := range strings.Split(strings.Split(textOf(n), " =")[0], " − ") {
					v := tenths(t, strings.TrimSuffix(part, " (Cap)"))
					if i > 0 {
						v = -v
					}
					sum += v
				}
			}
		}
		if score := int(doc.Score); ledger != score || 100-ruler != score || sum != score {
			t.Errorf("score %d, ledger %d, ruler %d, equation %d", score, ledger, 100-ruler, sum)
		}
	}
}

func TestReportShowsEveryRegionInBothLanguages(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en":    {"Fix plan", "not counted", "no cost", "Alignment.", "word for word", "What the score cannot see", "−1.5"},
		"zh-CN": {"修复方案", "不计分", "未能检查", "身份认证", "发件服务器", "黑名单", "−1.5"},
	} {
		body, root := pageOf(t, sample(), lang)
		for _, word := range words {
			if !strings.Contains(body, word) {
				t.Errorf("%s: %q is missing", lang, word)
			}
		}
		if key := regexp.MustCompile(`\bui\.[a-z]+[a-z0-9.-]*`).FindString(body); key != "" {
			t.Errorf("%s: key %s without words", lang, key)
		}
		if left := regexp.MustCompile(`\{[a-z]+\}`).FindString(body); left != "" {
			t.Errorf("%s: placeholder %s not filled", lang, left)
		}
		checkAnchors(t, root)
	}
}

// checkAnchors: ids are unique, and every link into the page has its target.
func checkAnchors(t *testing.T, root *html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s twice", id)
			}
			ids[id] = true
		}
	}
	for n := range root.Descendants() {
		if href := attr(n, "href"); strings.HasPrefix(href, "#") && !ids[href[1:]] {
			t.Errorf("link to %s leads nowhere", href)
		}
		if n.Data == "svg" && attr(n, "role") == "img" && attr(n, "aria-label") == "" {
			t.Error("a figure without its result in words")
		}
	}
}

// evil is what a hostile mail would put into every field.
const evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202ejavascript:alert(1)\x00\r\n{{.}}"

func hostile() render.Document {
	d := sample()
	for i := range d.Findings {
		f := &d.Findings[i]
		f.Title, f.Subject, f.Summary, f.Why, f.Claimed = evil, evil, evil, evil, evil
		f.Evidence = []render.Observation{{Kind: evil, Label: evil, Value: evil}}
		f.Refs = []render.Ref{{Title: evil, URL: "javascript:alert(1)"}}
		f.Fix = &render.Fix{
			Summary: evil, Steps: []string{evil}, Header: []finding.HeaderChange{{Action: "add", Name: evil, Value: evil}},
			DNS: []dns.Change{{Action: dns.Replace, Name: evil, Type: "TXT", Old: evil, Value: evil + " x"}, {Action: dns.Remove, Name: evil, Type: "TXT", Old: evil}},
		}
	}
	from := evil
	d.Session.MailFrom, d.Session.Helo, d.Session.ClientIP = &from, evil, evil
	d.Session.TLS = &report.TLS{Version: evil, Cipher: evil}
	d.Session.Dialogue = []report.Line{{From: "client", Line: evil}}
	d.Message.From, d.Message.Subject = evil, evil
	d.Message.Parts = &report.Part{ContentType: evil, Filename: evil, Charset: evil}
	d.Message.Hops = []report.Hop{{From: evil, IP: evil, By: evil, With: evil}}
	d.Message.Header = []report.Field{{Name: evil, Value: evil}}
	a := &d.Authentication
	a.Header, a.SPF.Domain, a.SPF.Record = evil, evil, evil
	a.SPF.Trace.Terms[0].Text, a.SPF.Trace.Terms[0].Detail = evil, evil
	a.DKIM[0].Domain, a.DKIM[0].Selector, a.DKIM[0].Algorithm = evil, evil, evil
	a.DMARC.FromDomain, a.DMARC.PolicyDomain, a.DMARC.Alignment.DKIM.Domain = evil, evil, evil
	d.RBL = []render.List{{List: report.List{List: evil, Status: "listed", Target: evil, Text: []string{evil}, Tier: evil, URL: "javascript:alert(1)"}, Meaning: evil}}
	d.DNS = []render.Question{{Name: evil, Type: "TXT", RCode: dns.NoError, Answers: []string{evil}, CNAME: []string{evil}}}
	return d
}

func TestHostileReportIsInert(t *testing.T) {
	t.Parallel()
	body, root := pageOf(t, hostile(), "en")
	if strings.ContainsAny(body, "\x00\u202e") {
		t.Error("a control or direction mark reached the page")
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if !strings.HasPrefix(attr(n, "src"), "/static/mailproof.js") {
				t.Error("a script of the mail")
			}
		case "img", "iframe", "object", "embed", "style", "base":
			t.Errorf("<%s> on the page", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Errorf("<%s %s>", n.Data, a.Key)
			}
			isURL := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction"
			if isURL && (strings.Contains(strings.ToLower(a.Val), "javascript") || strings.Contains(a.Val, "alert")) {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
}

func TestHostileAttemptIsInert(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h, id := w.site(t), w.mint(t)
	w.change(id, func(t *store.Test) {
		t.Label = evil
		t.Attempts = []store.Attempt{{At: noon, Reason: evil, Reply: evil}}
	})
	if body := do(h, "GET", "/tests/"+id, "").Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<img") {
		t.Errorf("%s", body)
	}
}
