// SPDX-License-Identifier: MIT

package text

import (
	"strconv"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// A Printer finds sentences in one language. A missing one is looked for in
// English; where that fails too, the key itself is the text.
type Printer struct {
	lang    string
	catalog *Catalog
	loc     *i18n.Localizer
}

// Printer returns a printer for one of Languages; others become the default.
func (c *Catalog) Printer(lang string) *Printer {
	if _, known := c.keys[lang]; !known {
		lang = Languages[0]
	}
	return &Printer{lang: lang, catalog: c, loc: i18n.NewLocalizer(c.bundle, lang, Languages[0])}
}

// Lang is the language of the printer, as in Languages.
func (p *Printer) Lang() string { return p.lang }

// Text returns the sentence for key with {name} replaced by params[name].
// Values are never parsed.
func (p *Printer) Text(key string, params map[string]string) string {
	if s, ok := p.Lookup(key, params); ok {
		return s
	}
	return key
}

// Lookup is Text that tells whether there is such a sentence.
func (p *Printer) Lookup(key string, params map[string]string) (string, bool) {
	return p.localize(key, params, nil)
}

// Count is Text for a number of things: {n} is the number, and the plural
// form of the language is chosen by it.
func (p *Printer) Count(key string, n int, params map[string]string) string {
	all := map[string]string{"n": strconv.Itoa(n)}
	for k, v := range params {
		all[k] = v
	}
	if s, ok := p.localize(key, all, n); ok {
		return s
	}
	return key
}

func (p *Printer) localize(key string, params map[string]string, n any) (string, bool) {
	if !p.catalog.Has(p.lang, key) && !p.catalog.Has(Languages[0], key) {
		return "", false
	}
	s, err := p.loc.Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: params, PluralCount: n, TemplateParser: braces{},
	})
	if s == "" && err != nil {
		return "", false
	}
	return s, true
}

// Negotiate picks one of Languages by an Accept-Language header.
func Negotiate(accept string) string {
	tags := make([]language.Tag, len(Languages))
	for i, l := range Languages {
		tags[i] = language.MustParse(l)
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return Languages[0]
	}
	_, i, _ := language.NewMatcher(tags).Match(wanted...)
	return Languages[i]
}
