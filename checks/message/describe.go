// SPDX-License-Identifier: MIT

package message

import (
	"context"
	"strings"
	"time"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/report"
)

// What a report keeps of the header: enough for every real mail.
const (
	maxReportFields = 200
	maxReportValue  = 4000
	maxReportHops   = 100
)

// describe fills the contract's message part.
func describe(_ context.Context, in *check.Input, r *report.Report) {
	m := in.Msg
	mail := report.Mail{
		From: cut(m.Decoded("From")), To: cut(m.Decoded("To")), Subject: cut(m.Decoded("Subject")),
		Size: int64(len(in.Raw)), Parts: part(m.Root), Hops: []report.Hop{},
	}
	if f, ok := m.Get("From"); ok {
		list, _ := evidence.ParseAddressList(f.Value)
		if all := list.Addresses(); len(all) > 0 {
			mail.FromDomain = cut(all[0].Domain)
		}
	}
	if f, ok := m.Get("Message-ID"); ok {
		mail.MessageID = cut(f.Value)
	}
	if f, ok := m.Get("Date"); ok {
		if d, err := evidence.ParseDate(f.Value); err == nil {
			mail.Date = d.Time.UTC()
		}
	}
	for _, h := range m.Hops() {
		if len(mail.Hops) < maxReportHops {
			mail.Hops = append(mail.Hops, hop(h))
		}
	}
	for _, f := range m.Fields[:min(len(m.Fields), maxReportFields)] {
		mail.Header = append(mail.Header, report.Field{Name: cut(f.Name), Value: cut(f.Value)})
	}
	r.Mail = mail
}

func cut(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxReportValue)], "\uFFFD")
}

func part(p *evidence.Part) *report.Part {
	out := &report.Part{
		ContentType: cut(p.ContentType), Charset: cut(p.Charset), Encoding: cut(p.Encoding),
		Disposition: p.Disposition, Filename: cut(p.Filename), Size: int64(len(p.Raw)), Parts: []*report.Part{},
	}
	for _, q := range p.Parts {
		out.Parts = append(out.Parts, part(q))
	}
	return out
}

func hop(h evidence.Hop) report.Hop {
	out := report.Hop{From: cut(h.Helo), By: cut(h.By), With: cut(h.With), Raw: cut(h.Raw)}
	if h.IP.IsValid() {
		out.IP = h.IP.String()
	}
	if !h.At.IsZero() {
		out.At = h.At.UTC().Format(time.RFC3339)
	}
	return out
}
