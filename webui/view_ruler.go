// SPDX-License-Identifier: MIT

package webui

import (
	"strconv"
	"strings"

	"mailproof/finding"
	"mailproof/render"
)

// A rulerView is the scale from 0 to 10 with what was taken off.
type rulerView struct {
	Label    string
	Have     string // width of what is left
	At       string // where the score stands, with its anchor
	AtAnchor string
	Score    string
	Blocks   []blockView
	Sum      string // "10.0 − 1.5 − 0.2 ="
	Scale    []tickView
	Bands    []tickView
}

// A blockView is what one section, or the cap, takes off.
type blockView struct {
	Class, X, Width, Middle, No string
	Wide                        bool // too narrow for its number on a phone
}

// A tickView is a word or a number below the scale.
type tickView struct {
	X, Anchor, Text string
	On              bool
}

// narrow is the width below which a block's number needs a wide screen.
const narrow render.Points = 5

func (b *builder) ruler(sections []sectionView) rulerView {
	d := b.doc
	v := rulerView{Have: pct(d.Score), At: pct(d.Score), AtAnchor: anchorAt(d.Score), Score: d.Score.String()}
	sum, said := []string{"10.0"}, []string(nil)
	right := render.Points(100)
	for i, s := range sections {
		if s.Penalty == 0 {
			continue
		}
		class := "lost"
		if !strings.Contains(s.Mark.Class, string(finding.Fail)) {
			class = "lost w"
		}
		right -= s.Penalty
		v.Blocks = append(v.Blocks, newBlock(class, right, s.Penalty, strconv.Itoa(i+1)))
		sum = append(sum, s.Penalty.String())
		said = append(said, s.Title+" "+s.Penalty.String())
	}
	if c := b.capFinding(); c != nil && c.Penalty > 0 {
		right -= c.Penalty
		word := b.p.Text("ui.cap", nil)
		v.Blocks = append(v.Blocks, newBlock("cap", right, c.Penalty, ""))
		sum = append(sum, c.Penalty.String()+" ("+word+")")
		said = append(said, word+" "+c.Penalty.String())
	}
	if len(sum) == 1 {
		sum = append(sum, "0.0")
	}
	v.Sum = strings.Join(sum, " − ") + " ="
	v.Label = b.p.Text("ui.ruler.full", map[string]string{"score": v.Score})
	if len(said) > 0 {
		v.Label = b.p.Text("ui.ruler.lost", map[string]string{"score": v.Score, "lost": strings.Join(said, ", ")})
	}
	v.Scale, v.Bands = scale(), b.bands()
	return v
}

func newBlock(class string, x, width render.Points, no string) blockView {
	middle := strconv.FormatFloat(float64(x)+float64(width)/2, 'f', -1, 64) + "%"
	return blockView{Class: class, X: pct(x), Width: pct(width), Middle: middle, No: no, Wide: width < narrow}
}

// anchorAt keeps a label at the ends of the scale on the page.
func anchorAt(p render.Points) string {
	switch {
	case p > 96:
		return "end"
	case p < 4:
		return "start"
	}
	return "middle"
}

func scale() []tickView {
	var all []tickView
	for i := range 11 {
		p := render.Points(10 * i)
		all = append(all, tickView{X: pct(p), Anchor: anchorAt(p), Text: strconv.Itoa(i)})
	}
	return all
}

// bands names the ranges of the contract's verdicts.
func (b *builder) bands() []tickView {
	var all []tickView
	verdict := string(b.doc.Verdict)
	if verdict == "perfect" {
		verdict = "excellent"
	}
	for _, band := range []struct {
		verdict string
		at      render.Points
	}{{"bad", 15}, {"poor", 40}, {"fair", 60}, {"good", 80}, {"excellent", 100}} {
		all = append(all, tickView{
			X: pct(band.at), Anchor: anchorAt(band.at), Text: b.p.Text("ui.band."+band.verdict, nil), On: band.verdict == verdict,
		})
	}
	return all
}
