// SPDX-License-Identifier: MIT

package webui

import (
	"slices"
	"strings"

	"mailproof/render"
)

// maxHops bounds the drawn way; RFC 5321 §6.3 takes 100 for a loop.
const maxHops = 20

// hopStep is the distance of two hosts.
const hopStep = 76

// A station is a host on the way of the mail; with is how it handed on.
type station struct {
	name, addr, note string
	with             string
	encrypted, seen  bool // of the hop that follows
	ours             bool // seen by us, not claimed
}

// path draws the way of the mail: what we saw, and what Received lines claim.
func (b *builder) path() *figureView {
	s := b.doc.Session
	if s.ClientIP == "" {
		return nil
	}
	stations := b.stations()
	f := &figureView{
		Title: b.p.Text("ui.fig.path", nil), Ask: b.p.Text("ui.fig.path.ask", nil), Layout: "path",
		Draw: drawing{Height: hopStep*(len(stations)-1) + 40},
	}
	f.Draw.Label = b.p.Count("ui.path.label", len(stations)-1, nil)
	for i, st := range stations {
		f.Draw.station(i, st, i == len(stations)-1)
		f.Words = append(f.Words, dotted(st.name, st.addr, st.note, st.with))
	}
	return f
}

// stations are oldest first: the claimed ones, the client, this tester.
func (b *builder) stations() []station {
	s := b.doc.Session
	claimed := b.p.Text("ui.path.claimed", nil)
	hops := slices.Clone(b.doc.Message.Hops)
	slices.Reverse(hops)
	if len(hops) > maxHops {
		hops = hops[len(hops)-maxHops:]
	}
	var all []station
	for _, h := range hops {
		all = append(all, station{
			name: orWord(h.From, "?"), addr: h.IP, note: claimed, with: strings.ToUpper(h.With), encrypted: encrypted(h.With),
		})
	}
	client := station{name: orWord(s.Helo, s.ClientIP), addr: s.ClientIP, note: b.p.Text("ui.path.client", nil), ours: true, seen: true}
	if slices.Contains(s.Recovered, "client_ip") {
		client.note, client.ours, client.seen = claimed, false, false
	}
	switch {
	case s.TLS != nil:
		client.encrypted, client.with = true, dotted(s.TLS.Version, s.TLS.Cipher)
	case s.TLSKnown:
		client.with = b.p.Text("ui.fact.plain", nil)
	}
	all = append(all, client, station{name: b.p.Text("ui.path.us", nil), note: when(b.doc.ReceivedAt, b.p), ours: true})
	for i := range all {
		all[i].name, all[i].addr, all[i].with = render.Visible(all[i].name), render.Visible(all[i].addr), render.Visible(all[i].with)
	}
	return all
}

// encrypted: the protocol types that end in S were over TLS (RFC 3848).
func encrypted(with string) bool {
	with = strings.ToUpper(with)
	return strings.Contains(with, "SMTPS") || strings.Contains(with, "LMTPS") || strings.Contains(with, "HTTPS")
}

func (d *drawing) station(i int, st station, last bool) {
	y := 12 + hopStep*i
	if !last {
		class, tone := "l dash", "t-warn"
		line := "M12 " + px(y+8) + "V" + px(y+68)
		if st.encrypted {
			class, tone = "l", ""
			line = "M10 " + px(y+8) + "V" + px(y+68) + "M14 " + px(y+8) + "V" + px(y+68)
		}
		if st.seen && st.encrypted {
			class, tone = "l two", "t-pass"
		}
		d.path(class, line)
		d.text(tone, "32", y+46, "", short(st.with, 44))
	}
	if st.ours {
		d.circle("o", 12, float64(y), 7)
		d.circle("f-ink", 12, float64(y), 3.2)
	} else {
		d.circle("o thin", 12, float64(y), 7)
	}
	note := st.note
	if st.addr != st.name {
		note = dotted(st.addr, st.note)
	}
	d.text("m", "32", y+2, "", short(st.name, letters))
	d.text("dim", "32", y+18, "", note)
}
