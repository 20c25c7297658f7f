// SPDX-License-Identifier: MIT

package message

import (
	"context"
	"mime"
	"slices"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

var (
	subjectPass    = finding.Spec{ID: "subject.pass", Status: finding.Pass, Params: []string{"text"}}
	subjectMissing = finding.Spec{ID: "subject.missing", Status: finding.Warn, Weight: 8, Refs: []string{"RFC 5322 §3.6.5"}}
	subjectEmpty   = finding.Spec{ID: "subject.empty", Status: finding.Warn, Weight: 8, Refs: []string{"RFC 5322 §3.6.5"}}
	subjectRaw     = finding.Spec{ID: "subject.raw-8bit", Status: finding.Fail, Weight: 8, Params: []string{"text", "charset"},
		Refs: []string{"RFC 5322 §2.2", "RFC 2047 §5"}}
	subjectBroken = finding.Spec{ID: "subject.undecodable", Status: finding.Warn, Weight: 8, Params: []string{"text"},
		Refs: []string{"RFC 2047 §2", "RFC 2047 §4"}}
	subjectSloppy = finding.Spec{ID: "subject.sloppy", Status: finding.Info, Params: []string{"text"}, Refs: []string{"RFC 2047 §2", "RFC 2047 §5"}}
)

// subject looks at the Subject field.
var subject = check.Check{
	ID:    "subject",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{subjectPass, subjectMissing, subjectEmpty, subjectRaw, subjectBroken, subjectSloppy},
	Run:   runSubject,
}

func runSubject(_ context.Context, in *check.Input) []finding.Finding {
	f, ok := in.Msg.Get("Subject")
	if !ok {
		return one(subjectMissing.At("", nil).Fixed(finding.Fix{}))
	}
	text, notes := evidence.DecodeHeader(f.Value, in.Msg.Root.Charset)
	p := finding.Params{"text": short(text)}
	has := func(codes ...string) bool {
		return slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(notes, c) })
	}
	switch {
	case text == "":
		return one(subjectEmpty.At("", nil, seenField(f)).Fixed(finding.Fix{}))
	case has(evidence.RawUTF8) && !in.Session.SMTPUTF8, has(evidence.RawDeclared, evidence.RawGuessed, evidence.RawUnreadable):
		p["charset"] = rawCharset(notes, in.Msg.Root.Charset)
		fix := finding.Fix{}
		if !has(evidence.RawUnreadable) {
			fix.Header = []finding.HeaderChange{{Action: "replace", Name: "Subject", Value: mime.BEncoding.Encode("utf-8", text)}}
		}
		return one(subjectRaw.At("", p, seenField(f)).Fixed(fix))
	case has(evidence.WordMalformed, evidence.WordCharset):
		return one(subjectBroken.At("", p, seenField(f)).Fixed(finding.Fix{}))
	case has(evidence.WordTooLong, evidence.WordSplit):
		return one(subjectSloppy.At("", p, seenField(f)))
	}
	return one(subjectPass.At("", p, seenField(f)))
}

// rawCharset names what raw octets seem to be.
func rawCharset(notes []string, declared string) string {
	switch {
	case slices.Contains(notes, evidence.RawUTF8):
		return "UTF-8"
	case slices.Contains(notes, evidence.RawDeclared):
		return declared
	case slices.Contains(notes, evidence.RawGuessed):
		return "GB18030"
	}
	return "?"
}
