// SPDX-License-Identifier: MIT

package webui_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mailproof/text"
	"mailproof/webui"
)

func words(t *testing.T, lang string) map[string]text.Forms {
	t.Helper()
	data, err := fs.ReadFile(webui.Texts(), lang+".json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := text.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	en, zh := words(t, "en"), words(t, "zh-CN")
	for key, forms := range en {
		other, ok := zh[key]
		if !ok {
			t.Errorf("%s: not in Chinese", key)
			continue
		}
		a, b := text.Placeholders(forms.Other), text.Placeholders(other.Other)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v and %v", key, a, b)
		}
		if strings.ContainsAny(forms.Other+other.Other, "<>") && !strings.Contains(key, "null-sender") || strings.Contains(forms.Other+other.Other, "!") {
			t.Errorf("%s: markup or an exclamation mark", key)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("%s: not in English", key)
		}
	}
}

// TestEveryWordIsUsed compares the keys with the literals in templates and
// code; a literal that ends in a dot stands for all keys that begin with it.
func TestEveryWordIsUsed(t *testing.T) {
	t.Parallel()
	en := words(t, "en")
	literals := map[string]bool{}
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`"(ui\.[a-z0-9.-]*)"`).FindAllStringSubmatch(string(data), -1) {
				literals[m[1]] = true
			}
		}
	}
	for l := range literals {
		_, exact := en[l]
		family := slices.ContainsFunc(mapKeys(en), func(k string) bool {
			return strings.HasPrefix(k, l+".") || strings.HasSuffix(l, ".") && strings.HasPrefix(k, l)
		})
		if !exact && !family {
			t.Errorf("%s has no words", l)
		}
	}
	for key := range en {
		used := literals[key]
		for l := range literals {
			if _, isKey := en[l]; (strings.HasSuffix(l, ".") || !isKey) && strings.HasPrefix(key, l) {
				used = true
			}
		}
		if !used {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func mapKeys(m map[string]text.Forms) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}
