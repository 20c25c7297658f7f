// SPDX-License-Identifier: MIT

package webui

import (
	"strings"

	"mailproof/render"
	"mailproof/text"
)

// A fixView is one step of the plan.
type fixView struct {
	No               int
	Title            string
	Gain, Now, Alone string
	Had, Won         string // widths on the ladder; Won begins where Had ends
	Open             bool
	Tried            bool
	Claimed          string
	Steps            []string
	Records          []recordView
	Finds            []findingView
}

// openFixes stand open when they have records to paste.
const openFixes = 3

// plan shows what each fix adds to those before it, and what it gives alone.
func (b *builder) plan() []fixView {
	var all []fixView
	had := b.doc.Score
	for no, s := range b.doc.Plan {
		v := fixView{
			No: no + 1, Gain: "+" + (s.Running - had).String(), Now: s.Running.String(), Alone: s.ScoreAfter.String(),
			Had: pct(had), Won: pct(s.Running - had), Tried: s.Tried,
		}
		for _, i := range s.Findings {
			if i < 0 || i >= len(b.finds) {
				continue
			}
			f := b.finds[i]
			v.Finds = append(v.Finds, f)
			v.Steps = append(v.Steps, f.Steps...)
			v.Records = append(v.Records, f.Records...)
			if v.Title == "" {
				v.Title = f.Fix
			}
		}
		if v.Title == "" && len(v.Finds) > 0 {
			v.Title = v.Finds[0].Title
		}
		v.Open = no < openFixes && len(v.Records) > 0
		had = s.Running
		all = append(all, v)
	}
	return all
}

// A recordView is one change, to copy.
type recordView struct {
	Action     string // add, replace, remove
	Word       string
	Type, Name string
	Header     bool // a header field, else a DNS record
	Value      string
	Old        string
	Parts      []partView
	Network    bool // the owner of the network publishes it, not the domain
}

// A partView is a piece of a value: kept, new (ins) or taken away (del).
type partView struct{ Mark, Text string }

func newRecords(f *render.Fix, p *text.Printer) []recordView {
	var all []recordView
	for _, c := range f.DNS {
		r := recordView{
			Action: string(c.Action), Type: string(c.Type), Name: render.Visible(c.Name),
			Value: render.Visible(c.Value), Old: render.Visible(c.Old), Network: c.By == "network",
		}
		r.finish(p)
		all = append(all, r)
	}
	for _, h := range f.Header {
		r := recordView{Action: h.Action, Header: true, Name: render.Visible(h.Name), Value: render.Visible(h.Value)}
		if r.Value != "" {
			r.Value = r.Name + ": " + r.Value
		}
		r.finish(p)
		all = append(all, r)
	}
	return all
}

func (r *recordView) finish(p *text.Printer) {
	r.Word = p.Text("ui.record."+r.Action, nil)
	switch r.Action {
	case "remove":
		r.Parts = []partView{{"del", orWord(r.Old, p.Text("ui.record.all", nil))}}
		if r.Header {
			r.Parts = []partView{{"del", r.Name}}
		}
		r.Value = ""
	case "replace":
		r.Parts = changed(r.Old, r.Value)
	default:
		r.Parts = []partView{{"", r.Value}}
	}
}

// changed marks what is new in a value: the words between the common ones at
// the front and at the end.
func changed(old, value string) []partView {
	a, b := strings.Fields(old), strings.Fields(value)
	front := 0
	for front < len(a) && front < len(b) && a[front] == b[front] {
		front++
	}
	back := 0
	for back < len(a)-front && back < len(b)-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	if strings.Join(b, " ") != value { // other white space: shown as it is
		return []partView{{"", value}}
	}
	var parts []partView
	add := func(mark string, words []string) {
		if len(words) > 0 {
			parts = append(parts, partView{mark, strings.Join(words, " ")})
		}
	}
	add("", b[:front])
	add("ins", b[front:len(b)-back])
	add("", b[len(b)-back:])
	return parts
}

// safeLink is the URL if it is one that we may link to, else empty. URLs come
// from our own tables only, never from a mail.
func safeLink(url string) string {
	if strings.HasPrefix(url, "https://") {
		return url
	}
	return ""
}
