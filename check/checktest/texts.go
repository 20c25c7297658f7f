// SPDX-License-Identifier: MIT

package checktest

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mailproof/check"
	"mailproof/finding"
	"mailproof/text"
)

var (
	idForm    = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9-]+)+$`)
	checkForm = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9-]+)*$`)
	markup    = regexp.MustCompile(`</?[a-zA-Z]`)
)

// suffixes of the texts of a finding.
var suffixes = []string{".title", ".summary", ".why", ".fix", ".steps"}

// Texts fails unless every statement of the group has its sentences in every
// language, with the placeholders that its spec declares and no others, and
// no sentence is left over.
func Texts(t testing.TB, g check.Group) {
	t.Helper()
	english := load(t, g.Texts, "en")
	known := map[string]bool{}
	for _, c := range g.Checks {
		if !checkForm.MatchString(c.ID) {
			t.Errorf("check id %q", c.ID)
		}
		known[c.ID+".name"] = true
		need(t, english, c.ID+".name")
		for _, s := range c.Specs {
			spec(t, s, english, known)
		}
	}
	for key, forms := range english {
		if !known[key] && !strings.HasPrefix(key, "label.") {
			t.Errorf("en: nothing uses %q", key)
		}
		if markup.MatchString(forms.Other) {
			t.Errorf("en: markup in %q", key)
		}
	}
	for _, lang := range text.Languages[1:] {
		same(t, lang, english, load(t, g.Texts, lang))
	}
}

func spec(t testing.TB, s finding.Spec, english map[string]text.Forms, known map[string]bool) {
	t.Helper()
	if !idForm.MatchString(string(s.ID)) {
		t.Errorf("finding id %q", s.ID)
	}
	need(t, english, string(s.ID)+".title")
	if s.Status == finding.Warn || s.Status == finding.Fail || s.Status == finding.Unknown {
		need(t, english, string(s.ID)+".why")
	} else if s.Weight != 0 || s.Cap != 0 {
		t.Errorf("%s is %s and carries points", s.ID, s.Status)
	}
	for _, suffix := range suffixes {
		key := string(s.ID) + suffix
		known[key] = true
		if suffix == ".fix" || suffix == ".steps" {
			continue // may use the parameters of the fix
		}
		for _, name := range text.Placeholders(english[key].Other) {
			if !slices.Contains(s.Params, name) && name != "subject" {
				t.Errorf("en: %s uses {%s}, which is not declared", key, name)
			}
		}
	}
}

func need(t testing.TB, texts map[string]text.Forms, key string) {
	t.Helper()
	if texts[key].Other == "" {
		t.Errorf("en: no text for %q", key)
	}
}

// same fails unless two languages have the same keys and placeholders.
func same(t testing.TB, lang string, english, other map[string]text.Forms) {
	t.Helper()
	for key, forms := range english {
		got, ok := other[key]
		if !ok || got.Other == "" {
			t.Errorf("%s: no text for %q", lang, key)
			continue
		}
		want, is := text.Placeholders(forms.Other), text.Placeholders(got.Other)
		slices.Sort(want)
		slices.Sort(is)
		if !slices.Equal(slices.Compact(want), slices.Compact(is)) {
			t.Errorf("%s: %s has the placeholders %v, want %v", lang, key, is, want)
		}
		if got.Other == forms.Other && strings.HasSuffix(key, ".why") {
			t.Errorf("%s: %s is not translated", lang, key)
		}
		if markup.MatchString(got.Other) {
			t.Errorf("%s: markup in %q", lang, key)
		}
	}
	for key := range other {
		if _, ok := english[key]; !ok {
			t.Errorf("%s: %q is not in English", lang, key)
		}
	}
}

func load(t testing.TB, fsys fs.FS, lang string) map[string]text.Forms {
	t.Helper()
	data, err := fs.ReadFile(fsys, lang+".json")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := text.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", lang, err)
	}
	return texts
}
