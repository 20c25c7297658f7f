// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"
	"strings"

	"mailproof/finding"
	"mailproof/render"
	"mailproof/store"
	"mailproof/text"
)

// capID is the finding that makes the marks add up when a cap applies.
const capID finding.ID = "score.capped"

// A reportView is the whole report page, every string as it is shown.
type reportView struct {
	PageTitle    string
	ID, Base     string // of the test; "/tests/ID/messages/N"
	API          string // of the message in the API
	Number       int
	Failed       string
	Hypothetical bool
	Overlay      string
	Messages     []messageView

	Score       string
	Verdict     string
	Sentence    string
	Lead        string
	Provisional bool
	Coverage    string
	Ruler       rulerView
	Facts       []factView
	Rows        []ledgerRow
	Cap         *findingView
	Plan        []fixView
	PlanFrom    string
	PlanTo      string
	Sections    []sectionView
	Perfect     bool // nothing to say: the report folds up

	Questions  *questionsView
	AuthHeader string
	Header     []fieldView
}

// A factView is one cell of the title block.
type factView struct {
	Label  string
	Lines  []string
	Mono   bool
	Wide   bool
	Remark string
}

// A ledgerRow is one line of the sum.
type ledgerRow struct {
	No, Title, Anchor string
	Mark              mark
}

// A fieldView is one header field.
type fieldView struct{ Name, Value string }

// about says which message of which test the report is on.
func (v *reportView) about(t *store.Test, m *store.Message, p *text.Printer) {
	v.ID, v.Number = t.ID, m.N
	n := strconv.Itoa(m.N)
	v.Base = "/tests/" + t.ID + "/messages/" + n
	v.API = "/api/v1" + v.Base
	v.Messages = messageViews(t, m, p)
}

// newReportView puts a document on the page. It adds nothing up but what the
// reader is to see added up, and tests hold that against the score.
func newReportView(d render.Document, p *text.Printer) *reportView {
	v := &reportView{
		PageTitle: p.Text("ui.report.title", map[string]string{"score": d.Score.String(), "subject": render.Visible(d.Message.Subject)}),
		Failed:    d.Failed, Hypothetical: d.Hypothetical, Score: d.Score.String(), Verdict: d.VerdictText,
		Provisional: d.Provisional, AuthHeader: render.Visible(d.Authentication.Header),
		Coverage: coverage(d.Coverage, p),
		Facts:    newFacts(d, p),
	}
	if d.Failed != "" {
		v.PageTitle = p.Text("ui.report.failed", nil)
		return v
	}
	b := newBuilder(d, p)
	v.Plan = b.plan()
	v.Cap = b.capFinding()
	v.Sections = b.sections()
	v.Rows = b.ledger(v.Sections)
	v.Ruler = b.ruler(v.Sections)
	v.Questions = newQuestions(d.DNS, p)
	v.Sentence = p.Text("ui.verdict."+string(d.Verdict), nil)
	v.Lead = b.lead()
	v.PlanFrom, v.PlanTo = d.Score.String(), d.Score.String()
	if len(d.Plan) > 0 {
		v.PlanTo = d.Plan[len(d.Plan)-1].Running.String()
	}
	v.Perfect = len(d.Plan) == 0 && d.Score == 100
	for i := range v.Sections {
		v.Sections[i].Folded = v.Perfect && len(v.Sections[i].Figures) > 0
	}
	for _, f := range d.Message.Header {
		v.Header = append(v.Header, fieldView{render.Visible(f.Name), render.Visible(unfold(f.Value))})
	}
	return v
}

// lead is what stands below the verdict: at most three sentences.
func (b *builder) lead() string {
	var out []string
	if b.doc.Provisional {
		out = append(out, b.p.Text("ui.lead.provisional", nil))
	}
	if len(b.doc.Plan) > 0 {
		first := b.doc.Plan[0]
		out = append(out, b.p.Text("ui.lead.first", map[string]string{"score": first.ScoreAfter.String()}))
	}
	unknown := 0
	for _, f := range b.doc.Findings {
		if f.Status == finding.Unknown {
			unknown++
		}
	}
	if unknown > 0 {
		out = append(out, b.p.Count("ui.lead.unknown", unknown, nil))
	}
	if b.p.Lang() == "zh-CN" { // no space between sentences
		return strings.Join(out, "")
	}
	return strings.Join(out, " ")
}
