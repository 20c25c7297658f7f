// SPDX-License-Identifier: MIT

package message

import (
	"context"
	"strconv"
	"time"

	"mailproof/check"
	"mailproof/evidence"
	"mailproof/finding"
)

// How far a date may be off. Mail waits in queues for days, but nothing comes
// from the future but for a wrong clock or zone.
const (
	maxAhead  = 3 * time.Hour
	maxBehind = 4 * 24 * time.Hour
	nearly    = time.Hour // more than this is worth a note
)

var (
	dateRefs = []string{"RFC 5322 §3.3", "RFC 5322 §3.6.1"}

	datePass    = finding.Spec{ID: "date.pass", Status: finding.Pass, Params: []string{"date"}}
	dateOff     = finding.Spec{ID: "date.off", Status: finding.Info, Params: []string{"date", "received", "hours"}, Refs: dateRefs}
	dateOdd     = finding.Spec{ID: "date.odd", Status: finding.Info, Params: []string{"date"}, Refs: dateRefs}
	dateMissing = finding.Spec{ID: "date.missing", Status: finding.Fail, Weight: 10, Refs: dateRefs}
	dateInvalid = finding.Spec{ID: "date.invalid", Status: finding.Fail, Weight: 10, Params: []string{"date"}, Refs: dateRefs}
	dateFuture  = finding.Spec{ID: "date.future", Status: finding.Fail, Weight: 10, Params: []string{"date", "received", "hours"}, Refs: dateRefs}
	datePast    = finding.Spec{ID: "date.past", Status: finding.Fail, Weight: 10, Params: []string{"date", "received", "hours"}, Refs: dateRefs}
)

// date compares the Date field with the moment of reception.
var date = check.Check{
	ID:    "date",
	Needs: check.NeedMessage,
	Specs: []finding.Spec{datePass, dateOff, dateOdd, dateMissing, dateInvalid, dateFuture, datePast},
	Run:   runDate,
}

func runDate(_ context.Context, in *check.Input) []finding.Finding {
	received := in.ReceivedAt
	if received.IsZero() {
		received = in.Now
	}
	fields := in.Msg.All("Date")
	if len(fields) == 0 {
		value := received.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
		return one(dateMissing.At("", nil).Fixed(finding.Fix{
			Header: []finding.HeaderChange{{Action: "add", Name: "Date", Value: value}}}))
	}
	f := fields[0]
	p := finding.Params{"date": short(f.Value)}
	d, err := evidence.ParseDate(f.Value)
	if err != nil {
		return one(dateInvalid.At("", p, seenField(f)).Fixed(finding.Fix{}))
	}
	off := d.Time.Sub(received)
	var spec finding.Spec
	switch {
	case off > maxAhead:
		spec = dateFuture
	case off < -maxBehind:
		spec = datePast
	case d.OddZone || d.WrongWeekday:
		return one(dateOdd.At("", p, seenField(f)))
	case off.Abs() > nearly:
		spec = dateOff
	default:
		return one(datePass.At("", p, seenField(f)))
	}
	p["received"] = received.UTC().Format(time.RFC3339)
	p["hours"] = strconv.FormatFloat(off.Abs().Hours(), 'f', 0, 64)
	made := spec.At("", p, seenField(f), finding.Observation{Kind: "session", Label: "label.message-received", Value: p["received"]})
	if spec.Status == finding.Fail {
		made = made.Fixed(finding.Fix{})
	}
	return one(made)
}

func itoa(n int) string { return strconv.Itoa(n) }
