// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"mailproof/fixtures"
)

// A view is a page in a state worth looking at.
type view struct {
	name string
	show func(p *tab, lang string) // goes there, in the language
}

var languages = []string{"en", "zh-CN"}

// at is a view that a URL leads to, with every row open or as it is at first.
func at(name, url string, unfolded bool) view {
	return view{name, func(p *tab, lang string) {
		p.t.Helper()
		p.open(url + "?lang=" + lang)
		if unfolded {
			p.unfold()
		}
	}}
}

// views makes every page there is: at a demo with all its examples, and at a
// server whose DNS never answers, where an analysis takes as long as it may.
func views(t *testing.T) []view {
	t.Helper()
	s, slow := startSite(t, "demo"), startSite(t, "serve", "--domain="+runDomain, "--data="+t.TempDir(), "--resolver="+silence(t), "--proxy-from=127.0.0.0/8")
	mail := func(at *site, d fixtures.Delivery) string {
		made := at.newTest(t, "Newsletter, second try")
		at.send(t, made.Address, d)
		return made.ID
	}
	perfect, worst, busy := mail(s, good(t)), mail(s, several(t)), mail(slow, bad(t))
	waiting, failed := s.newTest(t, ""), s.newTest(t, "Password reset")
	if err := s.by(t, failed.Address, good(t).Session).Close(); err != nil {
		t.Fatal(err)
	}
	s.done(t, perfect)
	s.done(t, worst)
	return []view{
		at("home", s.web+"/", false),
		at("waiting", s.web+"/tests/"+waiting.ID, false),
		at("waiting-attempt", s.web+"/tests/"+failed.ID, false),
		at("analysing", slow.web+"/tests/"+busy, false),
		at("report", s.web+"/tests/"+worst, false),
		at("report-open", s.web+"/tests/"+worst, true),
		at("perfect", s.web+"/tests/"+perfect, false),
		at("perfect-open", s.web+"/tests/"+perfect, true),
		{"what-if", func(p *tab, lang string) { whatIf(p, s.web+"/tests/"+worst+"?lang="+lang) }},
		at("docs", s.web+"/docs", false),
		at("delete", s.web+"/tests/"+worst+"/delete", false),
		at("not-found", s.web+"/tests/nosuchtest", false),
		at("demo", s.web+"/demo", false),
	}
}

// whatIf fills in the form of a report.
func whatIf(p *tab, url string) {
	p.t.Helper()
	p.open(url)
	p.unfold()
	eval[bool](p, `document.querySelector('#overlay').value = 'perfect.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"', true`)
	p.click(".what-if button")
	p.unfold()
}

// several is the bad mail with what makes a page wide: long words, long
// header fields, parts.
func several(t *testing.T) fixtures.Delivery {
	t.Helper()
	d := bad(t)
	long := strings.Repeat("averyverylongword", 20)
	parts := "Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello " + long +
		"\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <a href=\"https://" + long + ".example/\">" + long + "</a></p>" +
		"\r\n--b1\r\nContent-Type: application/pdf; name=\"" + long + ".pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b1--\r\n"
	d.Raw = bytes.Replace(d.Raw, []byte("Subject: Minutes"), []byte("Subject: "+long+" Minutes"), 1)
	head, _, _ := bytes.Cut(d.Raw, []byte("Content-Type: text/plain"))
	d.Raw = append(append([]byte("Received: from "+long+".example (unknown [203.0.113.7]) by relay.example; Sat, 21 Nov 2026 08:00:00 +0000\r\n"), head...), parts...)
	return d
}

// silence is a DNS server that takes questions and never answers.
func silence(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}
