// SPDX-License-Identifier: MIT

package text

import (
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// braces is the template language of the texts: {name} and nothing else. An
// unknown name stays as it is, so that a mistake is seen and nothing is lost.
type braces struct{}

func (braces) Cacheable() bool { return true }

func (braces) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	return parsed(src), nil
}

type parsed string

func (p parsed) Execute(data any) (string, error) {
	params, _ := data.(map[string]string)
	return Fill(string(p), params), nil
}

// Fill replaces each {name} in src by params[name]; unknown names stay.
func Fill(src string, params map[string]string) string {
	if !strings.Contains(src, "{") {
		return src
	}
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(src, "{")
		b.WriteString(before)
		if !open {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := params[name]
		if !closed || !known {
			b.WriteByte('{')
			src = rest
			continue
		}
		b.WriteString(value)
		src = after
	}
}

// Placeholders are the names in braces that a text uses, in order.
func Placeholders(src string) []string {
	var names []string
	for {
		_, rest, open := strings.Cut(src, "{")
		if !open {
			return names
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return names
		}
		names = append(names, name)
		src = after
	}
}
