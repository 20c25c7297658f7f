// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"

	"mailproof/finding"
	"mailproof/render"
)

// A sectionView is one part of the report.
type sectionView struct {
	ID, No, Title, Say string
	Mark               mark
	Penalty            render.Points // without the cap, which is a row of its own
	Tally              []tallyView
	Finds              []findingView // what is shown one by one
	Folds              []foldView    // what shares a row
	Figures            []figureView
	Folded             bool // figures share a row: there is nothing to repair
	Tiers              []tierView
	Dialogue           []lineView
}

// A tallyView counts the findings of one status.
type tallyView struct {
	Status finding.Status
	Text   string
}

// A foldView is a group of findings in one row.
type foldView struct {
	Status finding.Status
	Title  string
	Finds  []findingView
}

// worstFirst is the order within a section and of its tally.
var worstFirst = []finding.Status{finding.Fail, finding.Warn, finding.Unknown, finding.Info, finding.Pass, finding.Skipped}

func (b *builder) sections() []sectionView {
	var all []sectionView
	for i, s := range b.doc.Sections {
		v := sectionView{ID: s.ID, No: strconv.Itoa(i + 1), Title: s.Title, Penalty: s.Penalty}
		worst := finding.Warn
		for _, f := range b.finds {
			if f.Section != s.ID {
				continue
			}
			if f.ID == string(capID) {
				v.Penalty -= f.Penalty
			} else if f.Status == finding.Fail && f.Penalty > 0 {
				worst = finding.Fail
			}
		}
		b.fill(&v)
		v.Mark = mark{minus(v.Penalty), "nil num"}
		switch {
		case v.Penalty > 0:
			v.Mark.Class = "num s-" + string(worst)
		case s.ID == "providers":
			v.Mark = mark{b.p.Text("ui.mark.none", nil), "nil word"}
		}
		v.Say = b.said(&v)
		b.figures(&v)
		all = append(all, v)
	}
	return all
}

// said is the statement below the title of a section: its result in a
// sentence. That of the receivers says what the section is.
func (b *builder) said(v *sectionView) string {
	count := map[finding.Status]int{}
	costs := 0
	for _, f := range b.finds {
		if f.Section == v.ID && f.ID != string(capID) {
			count[f.Status]++
			if f.Penalty > 0 {
				costs++
			}
		}
	}
	switch {
	case v.ID == "providers":
		return b.p.Text("ui.section.providers", nil)
	case costs > 0:
		return b.p.Count("ui.said.costs", costs, nil)
	case count[finding.Fail]+count[finding.Warn] > 0:
		return b.p.Count("ui.said.trouble", count[finding.Fail]+count[finding.Warn], nil)
	case count[finding.Unknown] > 0:
		return b.p.Text("ui.said.unknown", nil)
	case count[finding.Pass] == 0:
		return b.p.Text("ui.said.nothing", nil)
	}
	return b.p.Text("ui.said.good."+v.ID, nil)
}

// fill sorts the findings of a section: trouble loud, passes quiet.
func (b *builder) fill(v *sectionView) {
	for _, status := range worstFirst {
		fold := foldView{Status: status}
		count := 0
		for _, f := range b.finds {
			if f.Section != v.ID || f.Status != status || f.ID == string(capID) {
				continue
			}
			count++
			quiet := status == finding.Pass || status == finding.Skipped || status == finding.Info && f.silent()
			if quiet {
				fold.Finds = append(fold.Finds, f)
			} else {
				v.Finds = append(v.Finds, f)
			}
		}
		if count > 0 {
			v.Tally = append(v.Tally, tallyView{status, b.p.Count("ui.tally."+string(status), count, nil)})
		}
		if n := len(fold.Finds); n > 0 {
			fold.Title = b.p.Count("ui.fold."+string(status), n, nil)
			v.Folds = append(v.Folds, fold)
		}
	}
}

// ledger is contents and sum in one.
func (b *builder) ledger(sections []sectionView) []ledgerRow {
	var rows []ledgerRow
	for _, s := range sections {
		m := s.Mark
		if s.Penalty > 0 {
			m.Class = "cost " + m.Class
		}
		rows = append(rows, ledgerRow{No: s.No, Title: s.Title, Anchor: s.ID, Mark: m})
	}
	if c := b.capFinding(); c != nil {
		rows = append(rows, ledgerRow{Title: b.p.Text("ui.cap", nil), Anchor: c.Anchor, Mark: mark{minus(c.Penalty), "cost num s-fail"}})
	}
	return rows
}
