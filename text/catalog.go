// SPDX-License-Identifier: MIT

package text

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// A Catalog holds all sentences in all Languages. It does not change once
// made and is safe for concurrent use.
type Catalog struct {
	bundle *i18n.Bundle
	keys   map[string]map[string]bool // language → key
}

// New merges the text files of several file systems, each with en.json and
// zh-CN.json at its root. A key that occurs twice is an error.
func New(systems ...fs.FS) (*Catalog, error) {
	c := &Catalog{bundle: i18n.NewBundle(language.English), keys: map[string]map[string]bool{}}
	for _, lang := range Languages {
		c.keys[lang] = map[string]bool{}
		for _, fsys := range systems {
			if err := c.load(fsys, lang); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

func (c *Catalog) load(fsys fs.FS, lang string) error {
	data, err := fs.ReadFile(fsys, lang+".json")
	if err != nil {
		return fmt.Errorf("texts: %w", err)
	}
	texts, err := Parse(data)
	if err != nil {
		return fmt.Errorf("texts %s: %w", lang, err)
	}
	tag := language.MustParse(lang)
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if c.keys[lang][key] {
			return fmt.Errorf("texts %s: key %q occurs twice", lang, key)
		}
		c.keys[lang][key] = true
		forms := texts[key]
		m := &i18n.Message{ID: key, One: forms.One, Other: forms.Other}
		if err := c.bundle.AddMessages(tag, m); err != nil {
			return fmt.Errorf("texts %s: %s: %w", lang, key, err)
		}
	}
	return nil
}

// Has reports whether the language itself has the key, without fallback.
func (c *Catalog) Has(lang, key string) bool { return c.keys[lang][key] }

// Forms are the plural forms of one text; only Other is set where number does
// not matter.
type Forms struct {
	One   string `json:"one,omitempty"`
	Other string `json:"other"`
}

// UnmarshalJSON accepts a plain sentence as well as {"one": …, "other": …}.
func (f *Forms) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &f.Other)
	}
	type plain Forms
	return json.Unmarshal(data, (*plain)(f))
}

// Parse reads one text file: a flat object from key to Forms.
func Parse(data []byte) (map[string]Forms, error) {
	texts := map[string]Forms{}
	if err := json.Unmarshal(data, &texts); err != nil {
		return nil, err
	}
	return texts, nil
}
