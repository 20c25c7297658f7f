// SPDX-License-Identifier: MIT

package webui

import "strconv"

// A figureView is a drawing with a title and the same in words. Drawings have
// no scale of their own: positions along the axis are in per cent, so that
// lines stretch and letters do not.
type figureView struct {
	No     int
	Title  string
	Ask    string
	Layout string // align, path or cover: something stands beside it
	Draw   drawing
	Second *drawing
	Notes  []noteView // beside it: sentences
	Facts  []fieldView
	Words  []string
}

// A noteView is a sentence with its sign.
type noteView struct{ Sign, Word, Text string }

// A drawing is an inline SVG; Label states the result.
type drawing struct {
	Label   string
	Height  int
	Width   int    // only with ViewBox
	ViewBox string // only the alignment figure is scaled
	Shapes  []shape
}

// A shape is one element of a drawing.
type shape struct {
	Kind, Class        string // path, text, rect, circle, use
	D                  string
	X, Y, W, H, R      string
	Anchor, Text, Icon string
	TextLength         int
}

func (d *drawing) path(class, path string) {
	d.Shapes = append(d.Shapes, shape{Kind: "path", Class: class, D: path})
}

func (d *drawing) text(class, x string, y int, anchor, text string) {
	d.Shapes = append(d.Shapes, shape{Kind: "text", Class: class, X: x, Y: strconv.Itoa(y), Anchor: anchor, Text: text})
}

func (d *drawing) rect(class, x string, y float64, w string, h float64) {
	d.Shapes = append(d.Shapes, shape{Kind: "rect", Class: class, X: x, Y: num(y), W: w, H: num(h)})
}

func (d *drawing) circle(class string, x, y, r float64) {
	d.Shapes = append(d.Shapes, shape{Kind: "circle", Class: class, X: num(x), Y: num(y), R: num(r)})
}

func (d *drawing) sign(status string, x, y int) {
	d.Shapes = append(d.Shapes, shape{Kind: "use", Class: "g-" + status, Icon: status, X: strconv.Itoa(x), Y: strconv.Itoa(y)})
}

func num(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func px(n int) string { return strconv.Itoa(n) }

// branch is the line of a tree from row y0 down and over to row y1.
func branch(x, y0, y1 int) string {
	return "M" + px(x) + " " + px(y0) + "V" + px(y1) + "H" + px(x+8)
}

// figures draws what a section has to show.
func (b *builder) figures(v *sectionView) {
	add := func(f *figureView) {
		if f != nil {
			b.fig++
			f.No = b.fig
			v.Figures = append(v.Figures, *f)
		}
	}
	switch v.ID {
	case "authentication":
		add(b.alignment())
		add(b.spfTree())
		for _, f := range b.coverage() {
			add(&f)
		}
	case "sender":
		add(b.path())
		v.Dialogue = newDialogue(b.doc.Session, b.p)
	case "rbl":
		v.Tiers = newTiers(b.doc.RBL, b.p)
	case "message":
		add(b.mimeTree())
	}
}
