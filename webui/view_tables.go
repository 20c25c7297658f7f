// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"
	"strings"

	"mailproof/render"
	"mailproof/report"
	"mailproof/text"
)

// A questionsView is all that was asked of the DNS.
type questionsView struct {
	Say  string
	Rows []questionView
}

// A questionView is one question; Bar is how long it took.
type questionView struct {
	Name, Type, Answer string
	Tone               string // of the answer: "", warn, unknown
	Bar                string
	MS                 string
	Note               string
}

func newQuestions(all []render.Question, p *text.Printer) *questionsView {
	if len(all) == 0 {
		return nil
	}
	slowest := 1.0
	for _, q := range all {
		slowest = max(slowest, q.RTTMS)
	}
	v := &questionsView{Say: p.Count("ui.questions.say", len(all), nil)}
	for _, q := range all {
		answer, tone := answerOf(q, p)
		note := ""
		if q.Authenticated {
			note = "DNSSEC"
		}
		v.Rows = append(v.Rows, questionView{
			Name: render.Visible(q.Name), Type: string(q.Type), Answer: render.Visible(answer), Tone: tone,
			Bar: share(q.RTTMS, slowest), MS: strconv.FormatFloat(q.RTTMS, 'f', 0, 64), Note: dotted(p.Text("ui.source."+string(q.Source), nil), note),
		})
	}
	return v
}

// answerOf keeps "no", "nothing there" and "nobody knows" apart.
func answerOf(q render.Question, p *text.Printer) (answer, tone string) {
	switch {
	case q.RCode == "NXDOMAIN":
		return "NXDOMAIN", "warn"
	case q.RCode != "NOERROR":
		return string(q.RCode), "unknown"
	case len(q.Answers) == 0:
		return p.Text("ui.questions.empty", nil), "warn"
	}
	answer = strings.Join(q.Answers, "\n")
	if len(q.CNAME) > 0 {
		answer = "CNAME " + strings.Join(q.CNAME, " → ") + " → " + answer
	}
	return short(answer, maxAnswer), ""
}

// maxAnswer is how much of an answer the page shows, in letters: sets of real
// records stay below, and a hostile one has 64 kB at each of a hundred names.
// The JSON has all of it.
const maxAnswer = 4000

// A lineView is one line of the SMTP session.
type lineView struct {
	At     string
	Server bool
	Text   string
	Cut    string // a remark between the lines: encrypted from here
}

func newDialogue(s report.Session, p *text.Printer) []lineView {
	var all []lineView
	asked := false
	for _, l := range s.Dialogue {
		at := strconv.FormatFloat(float64(l.AtMS)/1000, 'f', 3, 64)
		all = append(all, lineView{At: at, Server: l.From == "server", Text: render.Visible(l.Line)})
		switch {
		case l.From == "client":
			asked = strings.EqualFold(strings.TrimSpace(l.Line), "STARTTLS")
		case asked && strings.HasPrefix(l.Line, "220") && s.TLS != nil:
			channel := render.Visible(dotted(s.TLS.Version, s.TLS.Cipher))
			all = append(all, lineView{Cut: p.Text("ui.dialogue.tls", map[string]string{"channel": channel})})
			asked = false
		}
	}
	return all
}

// A tierView is the lists of one weight.
type tierView struct {
	Title, Say string
	Lists      []listView
}

// A listView is what one list says.
type listView struct {
	Name, Class, Sign, Word string
	Detail                  string
	Link                    string // to the list's own page on the target
}

// listOrder is the order within a tier.
var listOrder = []string{"listed", "refused", "error", "clean", "skipped"}

func newTiers(lists []render.List, p *text.Printer) []tierView {
	var order []string
	byTier := map[string][]render.List{}
	for _, l := range lists {
		if _, ok := byTier[l.Tier]; !ok {
			order = append(order, l.Tier)
		}
		byTier[l.Tier] = append(byTier[l.Tier], l)
	}
	var all []tierView
	for _, tier := range order {
		v := tierView{Title: wordOr(p, "ui.tier."+tier, render.Visible(orWord(tier, p.Text("ui.tier.other", nil))))}
		for _, status := range listOrder {
			for _, l := range byTier[tier] {
				if l.Status == status {
					v.Lists = append(v.Lists, newList(l, p))
				}
			}
		}
		all = append(all, v)
	}
	return all
}

func newList(l render.List, p *text.Printer) listView {
	v := listView{Name: render.Visible(l.List.List), Word: p.Text("ui.list."+l.Status, nil), Link: safeLink(l.URL)}
	cost := ""
	if l.Penalty > 0 {
		cost = minus(l.Penalty)
	}
	switch l.Status {
	case "listed":
		v.Class, v.Sign = "is-listed", "fail"
		if l.Kind == "allow" {
			v.Class, v.Sign = "", "pass"
		}
		v.Detail = dotted(l.Target, strings.Join(l.Codes, " "), l.Meaning, strings.Join(l.Text, " "), cost)
	case "clean":
		v.Sign = "pass"
		v.Detail = l.Target
		if l.Kind == "allow" {
			v.Sign = "skipped"
		}
	case "skipped":
		v.Class, v.Sign, v.Detail = "is-skipped", "skipped", dotted(v.Word, l.Meaning)
	default:
		v.Class, v.Sign, v.Detail = "is-unknown", "unknown", dotted(v.Word, l.Target, l.Meaning)
	}
	v.Detail = render.Visible(v.Detail)
	return v
}

// wordOr is the word for a key, or what stands there itself.
func wordOr(p *text.Printer, key, otherwise string) string {
	if s, ok := p.Lookup(key, nil); ok {
		return s
	}
	return otherwise
}
