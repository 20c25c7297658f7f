// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"

	"mailproof/finding"
	"mailproof/render"
	"mailproof/text"
)

// A builder turns one document into views.
type builder struct {
	doc   render.Document
	p     *text.Printer
	finds []findingView // as Document.Findings
	fig   int           // number of the last figure
}

// A findingView is one finding.
type findingView struct {
	ID, Anchor   string
	Section      string
	Status       finding.Status
	StatusWord   string
	Title        string
	Subject      string
	Summary, Why string
	Claimed      string
	Mark         mark
	Penalty      render.Points
	Open         bool
	Evidence     []render.Observation
	FixNo        int // place in the plan, or 0
	Fix          string
	Steps        []string
	Records      []recordView
	Refs         []render.Ref
}

func newBuilder(d render.Document, p *text.Printer) *builder {
	b := &builder{doc: d, p: p}
	anchors := map[string]int{}
	for _, f := range d.Findings {
		v := b.finding(f)
		anchors[v.ID]++
		if n := anchors[v.ID]; n > 1 { // (ID, Subject) is unique, the id alone is not
			v.Anchor += "-" + strconv.Itoa(n)
		}
		b.finds = append(b.finds, v)
	}
	for no, step := range d.Plan {
		for _, i := range step.Findings {
			if i >= 0 && i < len(b.finds) && b.finds[i].FixNo == 0 {
				b.finds[i].FixNo = no + 1
			}
		}
	}
	return b
}

func (b *builder) finding(f render.Finding) findingView {
	v := findingView{
		ID: string(f.ID), Anchor: string(f.ID), Section: f.Section, Status: f.Status,
		StatusWord: b.p.Text("ui.status."+string(f.Status), nil), Title: render.Visible(f.Title), Subject: render.Visible(f.Subject),
		Summary: render.Visible(f.Summary), Why: render.Visible(f.Why), Claimed: render.Visible(f.Claimed), Penalty: f.Penalty,
		Mark: markOf(f.Status, f.Penalty, b.p), Open: f.Status == finding.Fail,
	}
	for _, o := range f.Evidence {
		o.Label, o.Value = render.Visible(o.Label), render.Visible(unfold(o.Value))
		v.Evidence = append(v.Evidence, o)
	}
	if f.Fix != nil {
		v.Fix, v.Records = render.Visible(f.Fix.Summary), newRecords(f.Fix, b.p)
		for _, step := range f.Fix.Steps {
			v.Steps = append(v.Steps, render.Visible(step))
		}
	}
	for _, r := range f.Refs {
		r.Title, r.URL = render.Visible(r.Title), safeLink(r.URL)
		v.Refs = append(v.Refs, r)
	}
	return v
}

// silent: there is nothing to say but the title.
func (v findingView) silent() bool {
	return v.Summary == "" && v.Why == "" && len(v.Evidence) == 0 && v.Fix == "" && len(v.Records) == 0
}

// capFinding is the cap, if one applies.
func (b *builder) capFinding() *findingView {
	for i := range b.finds {
		if b.finds[i].ID == string(capID) {
			return &b.finds[i]
		}
	}
	return nil
}
