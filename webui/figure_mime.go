// SPDX-License-Identifier: MIT

package webui

import (
	"strings"

	"mailproof/render"
	"mailproof/report"
)

// maxParts bounds the drawn MIME tree.
const maxParts = 40

const partStep = 28

// mimeTree draws the parts of the message with their sizes.
func (b *builder) mimeTree() *figureView {
	root := b.doc.Message.Parts
	if root == nil {
		return nil
	}
	f := &figureView{Title: b.p.Text("ui.fig.mime", nil), Ask: b.p.Text("ui.fig.mime.ask", nil)}
	b.mimePart(f, root, 0, 0, max(root.Size, 1))
	f.Draw.Height = partStep*len(f.Words) + 6
	f.Draw.Label = b.p.Count("ui.mime.label", len(f.Words), nil)
	return f
}

func (b *builder) mimePart(f *figureView, part *report.Part, depth, parent int, all int64) {
	row := len(f.Words)
	if row == maxParts {
		return
	}
	y, x := 17+partStep*row, 11
	if depth > 0 {
		x = 11 + indent*depth
		f.Draw.path("l", branch(x-13, parent+2, y-4))
	}
	kind := render.Visible(part.ContentType)
	detail := render.Visible(dotted(part.Disposition, part.Filename, part.Charset, part.Encoding))
	f.Draw.text("m", px(x), y, "", short(kind, letters-2*min(depth, 10)))
	f.Draw.text("wide", "36%", y, "", short(detail, 34))
	f.Draw.text("n b", "100%", y, "end", octets(part.Size))
	f.Draw.rect("f-edge wide", "70%", float64(y-9), share(18*float64(part.Size), 100*float64(all)), 10)
	f.Words = append(f.Words, strings.Repeat("– ", depth)+dotted(kind, detail, b.p.Text("ui.octets", map[string]string{"n": octets(part.Size)})))
	for _, child := range part.Parts {
		b.mimePart(f, child, depth+1, y, all)
	}
}
