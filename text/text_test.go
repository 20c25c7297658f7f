// SPDX-License-Identifier: MIT

package text

import (
	"slices"
	"testing"
	"testing/fstest"
)

func catalogOf(t *testing.T, en, zh string) *Catalog {
	t.Helper()
	c, err := New(fstest.MapFS{"en.json": {Data: []byte(en)}, "zh-CN.json": {Data: []byte(zh)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPrinter(t *testing.T) {
	t.Parallel()
	c := catalogOf(t,
		`{"a.title": "Mail from {who} to {where}", "n": {"one": "{n} check", "other": "{n} checks"}, "only.en": "English"}`,
		`{"a.title": "{who} 发往 {where} 的邮件", "n": {"other": "{n} 项检查"}}`)
	en, zh := c.Printer("en"), c.Printer("zh-CN")
	params := map[string]string{"who": "{where}", "where": "<b>"}
	for _, k := range []struct{ got, want string }{
		{en.Text("a.title", params), "Mail from {where} to <b>"}, // values are never parsed
		{zh.Text("a.title", params), "{where} 发往 <b> 的邮件"},
		{en.Text("a.title", nil), "Mail from {who} to {where}"}, // a missing value is seen
		{en.Count("n", 1, nil), "1 check"},
		{en.Count("n", 3, nil), "3 checks"},
		{zh.Count("n", 1, nil), "1 项检查"},
		{zh.Text("only.en", nil), "English"},
		{zh.Text("no.such", nil), "no.such"},
		{c.Printer("fr").Lang(), "en"},
	} {
		if k.got != k.want {
			t.Errorf("got %q, want %q", k.got, k.want)
		}
	}
}

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "en", "zh": "zh-CN", "zh-CN,zh;q=0.9,en;q=0.8": "zh-CN", "de,zh-Hans;q=0.5": "zh-CN",
		"en-GB,zh;q=0.5": "en", "fr": "en", ";;;": "en",
	} {
		if got := Negotiate(accept); got != want {
			t.Errorf("Negotiate(%q) = %s, want %s", accept, got, want)
		}
	}
}

func TestSameKeyTwiceIsAnError(t *testing.T) {
	t.Parallel()
	one := fstest.MapFS{"en.json": {Data: []byte(`{"a": "x"}`)}, "zh-CN.json": {Data: []byte(`{"a": "x"}`)}}
	if _, err := New(one, one); err == nil {
		t.Error("accepted")
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	if got := Placeholders("{a} and {b}, {open"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}

// Filling touches nothing but the known names, whatever the text.
func FuzzFill(f *testing.F) {
	f.Add("a {name} b {other}", "v{name}")
	f.Add("{{name}}", "}")
	f.Fuzz(func(t *testing.T, src, value string) {
		if got := Fill(src, nil); got != src {
			t.Errorf("without parameters %q became %q", src, got)
		}
		if got := Fill(Fill(src, map[string]string{"name": value}), nil); len(got) > len(src)+len(value)*len(src) {
			t.Errorf("a value was filled twice: %q", got)
		}
	})
}
