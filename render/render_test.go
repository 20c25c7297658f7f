// SPDX-License-Identifier: MIT

package render

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"mailproof/dns"
	"mailproof/finding"
	"mailproof/report"
	"mailproof/scoring"
	"mailproof/text"
)

func printers(t *testing.T) (en, zh *text.Printer) {
	t.Helper()
	own := fstest.MapFS{
		"en.json":    {Data: []byte(`{"x.bad.title": "Bad {domain}", "x.bad.why": "Because", "x.bad.fix": "Publish it", "x.bad.steps": "one\ntwo", "x.name": "Exes", "run.no-answer.title": "{check}: no answer", "label.record": "Record"}`)},
		"zh-CN.json": {Data: []byte(`{"x.bad.title": "{domain} 有误"}`)},
	}
	c, err := text.New(Texts(), own)
	if err != nil {
		t.Fatal(err)
	}
	return c.Printer("en"), c.Printer("zh-CN")
}

func sample() report.Report {
	found := []finding.Finding{
		{ID: "x.bad", Check: "x", Section: "dns", Status: finding.Fail, Weight: 15, Cap: 50, Subject: "s",
			Params: finding.Params{"domain": "evil\x1b[2J.example"}, Refs: []string{"RFC 7208 §4.6.4", "Gmail https://support.google.com/a/answer/81126"},
			Seen: []finding.Observation{{Kind: "dns", Label: "record", Value: "v=spf1"}},
			Fix:  &finding.Fix{DNS: []dns.Change{{Action: dns.Add, Name: "example.org", Type: dns.TypeTXT, Value: "v=spf1 -all"}}}},
		{ID: "x.no-answer", Check: "x", Section: "dns", Status: finding.Unknown},
	}
	r := report.Report{ReceivedAt: time.Unix(0, 0).UTC(), DNS: []dns.Exchange{{Name: "a", Type: dns.TypeA, Code: dns.ServFail}}}
	r.Score, r.Findings = scoring.Compute(scoring.DefaultPolicy(), found, nil)
	r.Plan = []report.Step{{FindingIDs: []finding.ID{"x.bad"}, Findings: []int{0}, Gain: 50, ScoreAfter: 100, Running: 100, Tried: true}}
	return r
}

func TestDocument(t *testing.T) {
	t.Parallel()
	en, zh := printers(t)
	d := New(sample(), en)
	f := d.Findings[0]
	if f.Title != "Bad evil\x1b[2J.example" || f.Why != "Because" || f.Evidence[0].Label != "Record" ||
		!slices.Equal(f.Fix.Steps, []string{"one", "two"}) {
		t.Errorf("finding: %+v", f)
	}
	if f.Refs[0].URL != "https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4" || f.Refs[1].Title != "Gmail" {
		t.Errorf("refs: %+v", f.Refs)
	}
	if d.Findings[1].Title != "Exes: no answer" {
		t.Errorf("what the runner said: %q", d.Findings[1].Title)
	}
	if d.Findings[2].ID != scoring.Capped || !strings.HasPrefix(d.Findings[2].Summary, "Bad evil") {
		t.Errorf("cap: %+v", d.Findings[2])
	}
	if d.DNS[0].RCode != dns.ServFail {
		t.Errorf("question: %+v", d.DNS[0])
	}
	if got := New(sample(), zh).Findings[0].Title; got != "evil\x1b[2J.example 有误" {
		t.Errorf("Chinese title %q", got)
	}
}

// The score is a number with one decimal, what comes back from JSON is the
// same document, and no list is null.
func TestJSON(t *testing.T) {
	t.Parallel()
	en, _ := printers(t)
	data, err := JSON(New(sample(), en))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(`"score": 5.0,`)) {
		t.Errorf("score in %s", data[:400])
	}
	for _, field := range []string{"recovered", "dialogue", "hops", "dkim", "findings", "rbl", "providers", "answers", "cname"} {
		if bytes.Contains(data, []byte(`"`+field+`": null`)) {
			t.Errorf("%s is null", field)
		}
	}
	var back Document
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	again, err := JSON(back)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("not the same after a round trip: %v", err)
	}
}

func TestTerminalCannotBeSteered(t *testing.T) {
	t.Parallel()
	en, _ := printers(t)
	var b bytes.Buffer
	if err := Terminal(&b, New(sample(), en), en); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x00") || !strings.Contains(b.String(), `evil\u{1b}[2J.example`) {
		t.Errorf("terminal got %q", b.String())
	}
	for _, want := range []string{"5.0 out of 10", "add TXT example.org", "v=spf1 -all", "+5.0 → 10.0", "not counted"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestTextsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	keys := map[string]map[string]text.Forms{}
	for _, lang := range text.Languages {
		data, err := fs.ReadFile(Texts(), lang+".json")
		if err != nil {
			t.Fatal(err)
		}
		if keys[lang], err = text.Parse(data); err != nil {
			t.Fatal(err)
		}
	}
	en, zh := slices.Sorted(maps.Keys(keys["en"])), slices.Sorted(maps.Keys(keys["zh-CN"]))
	if !slices.Equal(en, zh) {
		t.Errorf("keys differ:\n%v\n%v", en, zh)
	}
	for k, f := range keys["en"] {
		a, b := text.Placeholders(f.Other), text.Placeholders(keys["zh-CN"][k].Other)
		if len(a) != len(b) {
			t.Errorf("%s: %v and %v", k, a, b)
		}
	}
}
