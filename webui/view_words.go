// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"
	"strings"
	"time"

	"mailproof/finding"
	"mailproof/render"
	"mailproof/text"
)

// How numbers, times and marks are written on the pages.

// when is a time in UTC with the zone's name; empty for no time.
func when(t time.Time, p *text.Printer) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(p.Text("ui.time", nil))
}

// octets is a number with separators: 347,214.
func octets(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// kB is a size for people: 812 B, 6.1 kB, 347 kB, 1.2 MB.
func kB(n int64) string {
	f := float64(n)
	switch {
	case n < 1000:
		return octets(n) + " B"
	case n < 10_000:
		return strconv.FormatFloat(f/1e3, 'f', 1, 64) + " kB"
	case n < 1_000_000:
		return strconv.FormatFloat(f/1e3, 'f', 0, 64) + " kB"
	}
	return strconv.FormatFloat(f/1e6, 'f', 1, 64) + " MB"
}

// minus is a penalty with a true minus (U+2212); zero has no sign.
func minus(p render.Points) string {
	if p == 0 {
		return "0.0"
	}
	return "−" + p.String()
}

// pct is a share of the ruler's 10 points as "63%".
func pct(p render.Points) string { return strconv.Itoa(int(p)) + "%" }

// share is part of all in per cent, with one decimal.
func share(part, all float64) string {
	if all <= 0 {
		return "0%"
	}
	return strconv.FormatFloat(min(100, 100*part/all), 'f', 1, 64) + "%"
}

// A mark is what stands at the right edge of a finding or a section.
type mark struct {
	Text  string
	Class string
}

// markOf is never empty: what costs says how much, what does not says why.
func markOf(s finding.Status, penalty render.Points, p *text.Printer) mark {
	switch {
	case penalty > 0:
		return mark{minus(penalty), "num s-" + string(s)}
	case s == finding.Warn || s == finding.Fail:
		return mark{p.Text("ui.mark.no-cost", nil), "nil word"}
	case s == finding.Unknown:
		return mark{p.Text("ui.mark.not-counted", nil), "nil word s-unknown"}
	case s == finding.Info:
		return mark{p.Text("ui.mark.note", nil), "nil word"}
	case s == finding.Skipped:
		return mark{"–", "nil"}
	}
	return mark{"0.0", "nil num"}
}

// short cuts what has no room in a figure; its words have all of it.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(n-1, 0)]) + "…"
}

// shortFront cuts at the front: the end of a domain says most.
func shortFront(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "…" + string(r[len(r)-max(n-1, 0):])
}

// dotted joins what is not empty.
func dotted(parts ...string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, " · ")
}

// fold is what folding leaves in a value: RFC 5322 §2.2.3 takes the line end
// away, and the white space behind it is shown as one space.
var fold = strings.NewReplacer("\r\n\t", " ", "\r\n ", " ", "\n\t", " ", "\n ", " ", "\t", " ")

func unfold(s string) string { return fold.Replace(s) }

// coverage says how much could be decided.
func coverage(part float64, p *text.Printer) string {
	percent := int(part*100 + 0.5)
	if percent >= 100 {
		return p.Text("ui.coverage.all", nil)
	}
	return p.Text("ui.coverage", map[string]string{"percent": strconv.Itoa(percent)})
}
