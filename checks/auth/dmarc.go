// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/mailauth/dmarc"
)

var (
	dmarcParams  = []string{"domain", "policy"}
	recordParams = []string{"domain", "policy-domain"}
)

// The statements about DMARC. Those on the record carry the policy domain as
// their subject, those on the mail the From domain.
var (
	dmarcPass       = finding.Spec{ID: "dmarc.pass", Status: finding.Pass, Params: append(dmarcParams, "by"), Refs: []string{"RFC 9989 §5.3"}}
	dmarcReject     = finding.Spec{ID: "dmarc.fail-reject", Status: finding.Fail, Weight: 25, Cap: 20, Params: dmarcParams, Refs: []string{"RFC 9989 §4.7"}}
	dmarcQuarantine = finding.Spec{ID: "dmarc.fail-quarantine", Status: finding.Fail, Weight: 25, Cap: 40, Params: dmarcParams, Refs: []string{"RFC 9989 §4.7"}}
	dmarcFailNone   = finding.Spec{ID: "dmarc.fail-none", Status: finding.Fail, Weight: 15, Cap: 60, Params: dmarcParams, Refs: []string{"RFC 9989 §4.7"}}
	// These three weigh 1.0 and cap nothing where the mail would align.
	dmarcMissing  = finding.Spec{ID: "dmarc.missing", Status: finding.Fail, Weight: 15, Cap: 60, Params: dmarcParams, Refs: []string{"RFC 9989 §4.10.1"}}
	dmarcMultiple = finding.Spec{ID: "dmarc.multiple", Status: finding.Fail, Weight: 15, Cap: 60, Params: append(dmarcParams, "count"), Refs: []string{"RFC 9989 §4.10"}}
	dmarcInvalid  = finding.Spec{ID: "dmarc.invalid", Status: finding.Fail, Weight: 15, Cap: 60, Params: append(dmarcParams, "fault", "position"), Refs: []string{"RFC 9989 §4.8"}}

	dmarcNoRUA        = finding.Spec{ID: "dmarc.no-rua", Status: finding.Warn, Weight: 2, Params: recordParams, Refs: []string{"RFC 9989 §4.7"}}
	dmarcPct          = finding.Spec{ID: "dmarc.pct", Status: finding.Warn, Weight: 1, Params: append(recordParams, "pct"), Refs: []string{"RFC 9989 §4.7"}}
	dmarcUnauthorized = finding.Spec{ID: "dmarc.rua-unauthorized", Status: finding.Warn, Weight: 1, Params: append(recordParams, "host", "name"), Refs: []string{"RFC 9990 §4"}}
	dmarcDead         = finding.Spec{ID: "dmarc.rua-unreachable", Status: finding.Warn, Weight: 1, Params: append(recordParams, "host"), Refs: []string{"RFC 5321 §5.1"}}
	dmarcOdd          = finding.Spec{ID: "dmarc.deviations", Status: finding.Info, Params: recordParams, Refs: []string{"RFC 9989 §4.8"}}
	dmarcTest         = finding.Spec{ID: "dmarc.test-mode", Status: finding.Info, Params: recordParams, Refs: []string{"RFC 9989 §4.7"}}
	dmarcMisplaced    = finding.Spec{ID: "dmarc.misplaced", Status: finding.Info, Params: []string{"domain", "name"}, Refs: []string{"RFC 9989 §4.10.1"}}
	dmarcDiffers      = finding.Spec{ID: "dmarc.differs", Status: finding.Info, Params: []string{"domain", "new", "old"}, Refs: []string{"RFC 9989 §4.10", "RFC 7489 §3.2"}}
	dmarcNoAuthor     = finding.Spec{ID: "dmarc.no-author", Status: finding.Info, Params: []string{"domain"}, Refs: []string{"RFC 9989 §5.3"}}
	dmarcTemperror    = finding.Spec{ID: "dmarc.temperror", Status: finding.Unknown, Params: []string{"domain", "question"}, Refs: []string{"RFC 9989 §5.3"}}
)

var checkDMARC = check.Check{
	ID: "dmarc", Needs: check.NeedMessage, Uses: check.NeedClientIP | check.NeedMailFrom,
	Specs: []finding.Spec{
		dmarcPass, dmarcReject, dmarcQuarantine, dmarcFailNone, dmarcMissing, dmarcMultiple, dmarcInvalid, dmarcNoRUA, dmarcPct,
		dmarcUnauthorized, dmarcDead, dmarcOdd, dmarcTest, dmarcMisplaced, dmarcDiffers, dmarcNoAuthor, dmarcTemperror,
	},
	Run: runDMARC,
}

func runDMARC(ctx context.Context, in *check.Input) []finding.Finding {
	var wg sync.WaitGroup
	for _, d := range FromDomains(in) { // beside SPF and DKIM, not after them
		wg.Go(func() { reports.Get(ctx, in, d) })
	}
	wg.Wait()
	v, err := DMARC.Get(ctx, in, Only{})
	if err != nil {
		return nil
	}
	if len(v.Authors) == 0 {
		return []finding.Finding{dmarcNoAuthor.At("", finding.Params{"domain": ""}, fromSeen(in)...)}
	}
	var out []finding.Finding
	known := map[string]bool{}
	unclear := slices.ContainsFunc(v.Authors, func(a dmarc.Author) bool { return a.BadName })
	for i := range v.Authors {
		for _, f := range author(ctx, in, &v.Authors[i]) {
			if unclear && f.Status == finding.Pass {
				continue // of one author, where another cannot be checked
			}
			if id := string(f.ID) + " " + f.Subject; !known[id] {
				known[id] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// author is what is to be said about one From domain.
func author(ctx context.Context, in *check.Input, a *dmarc.Author) []finding.Finding {
	if a.BadName {
		return []finding.Finding{dmarcNoAuthor.At(a.Domain, finding.Params{"domain": a.Domain}, fromSeen(in)...)}
	}
	out := []finding.Finding{result(ctx, in, a)}
	if out[0].ID == dmarcMissing.ID {
		out = append(out, misplaced(ctx, in, a)...)
	}
	if a.Legacy.Differs {
		p := finding.Params{"domain": a.Domain, "new": words(a.Result, a.Disposition), "old": words(a.Legacy.Result, a.Legacy.Disposition)}
		out = append(out, dmarcDiffers.At(a.Domain, p, seen("computed", "auth-org", a.Discovery.Org), seen("computed", "auth-org-psl", a.Legacy.Org)))
	}
	if rec := a.Discovery.Record; rec != nil && rec.Usable() {
		out = append(out, recordAdvice(ctx, in, a)...)
	}
	return out
}

func words(r dmarc.Result, p dmarc.Policy) string {
	if r == dmarc.Fail {
		return string(r) + " (" + string(p) + ")"
	}
	return string(r)
}

// result is the one statement about the mail.
func result(ctx context.Context, in *check.Input, a *dmarc.Author) finding.Finding {
	p := finding.Params{"domain": a.Domain, "policy": string(a.Policy)}
	quote := dmarcSeen(a)
	switch a.Result {
	case dmarc.Pass:
		p["by"] = passedBy(a)
		return dmarcPass.At(a.Domain, p, quote...)
	case dmarc.TempError:
		q := ""
		if a.Undecided != nil {
			q = a.Undecided.Error()
		}
		return dmarcTemperror.At(a.Domain, finding.Params{"domain": a.Domain, "question": q}, quote...)
	case dmarc.Fail:
		spec := map[dmarc.Policy]finding.Spec{dmarc.PolicyReject: dmarcReject, dmarc.PolicyQuarantine: dmarcQuarantine}[a.Policy]
		if spec.ID == "" {
			spec = dmarcFailNone
		}
		return spec.At(a.Domain, p, quote...).Fixed(finding.Fix{})
	}
	return noPolicy(ctx, in, a, p, quote)
}

// wouldAlign says whether some identity would make DMARC pass with a record in
// place, and whether all that could is known.
func wouldAlign(a *dmarc.Author) (aligned, decided bool) {
	decided = true
	for i := range a.Alignments {
		al := &a.Alignments[i]
		aligned = aligned || al.Passes()
		if al.Aligned == dmarc.Unknown || al.Result == "temperror" && al.Aligned == dmarc.Yes {
			decided = false
		}
	}
	return aligned, decided || aligned
}

// noPolicy: there is no record, or none that can be used.
func noPolicy(ctx context.Context, in *check.Input, a *dmarc.Author, p finding.Params, quote []finding.Observation) finding.Finding {
	spec, broken := dmarcMissing, brokenAt(a)
	switch {
	case broken != nil && len(broken.Records) > 1:
		spec = dmarcMultiple
		p["count"] = strconv.Itoa(len(broken.Records))
	case broken != nil:
		spec = dmarcInvalid
		d := worst(brokenRecord(broken))
		p["fault"], p["position"] = d.Code, strconv.Itoa(d.At)
	}
	aligned, decided := wouldAlign(a)
	f := spec.At(a.Domain, p, quote...)
	if aligned || !decided {
		f.Cap = 0
		f = f.Weighing(10)
	}
	if !aligned {
		return f.Fixed(finding.Fix{})
	}
	return f.Fixed(policyFix(ctx, in, a, broken))
}

// misplaced looks for a record at a wrong name where none is at the right one.
func misplaced(ctx context.Context, in *check.Input, a *dmarc.Author) []finding.Finding {
	var out []finding.Finding
	for _, m := range dmarc.FindMisplaced(ctx, in.DNS, a.Domain) {
		p := finding.Params{"domain": a.Domain, "name": m.Name}
		out = append(out, dmarcMisplaced.At(m.Name, p, seen("dns", "record", m.Name+" TXT "+clip(m.Record.Raw))))
	}
	return out
}

// brokenAt is the step of the walk with records that cannot be used: several,
// one without a policy, or one that was meant to be a DMARC record. Of the
// walk only the author and its organizational domain are the sender's.
func brokenAt(a *dmarc.Author) *dmarc.Step {
	for i := range a.Discovery.Steps {
		s := &a.Discovery.Steps[i]
		if s.Domain != a.Domain && s.Domain != a.Legacy.Org {
			continue
		}
		if len(s.Records) > 0 || brokenRecord(s) != nil {
			return s
		}
	}
	return nil
}

func brokenRecord(s *dmarc.Step) *dmarc.Record {
	if len(s.Records) > 0 {
		return &s.Records[0]
	}
	for i := range s.Dropped {
		if s.Dropped[i].LooksMeant() {
			return &s.Dropped[i]
		}
	}
	return nil
}

// worst is the deviation that spoils a record.
func worst(r *dmarc.Record) dmarc.Deviation {
	for _, e := range []dmarc.Effect{dmarc.Discards, dmarc.Voids} {
		for _, d := range r.Deviations {
			if d.Effect == e {
				return d
			}
		}
	}
	return dmarc.Deviation{}
}

func passedBy(a *dmarc.Author) string {
	var by []string
	for i := range a.Alignments {
		if al := &a.Alignments[i]; al.Passes() {
			by = append(by, strings.ToUpper(al.By)+" "+al.Domain)
		}
	}
	return strings.Join(by, ", ")
}

// dmarcSeen quotes the records, the alignments and the verdict.
func dmarcSeen(a *dmarc.Author) []finding.Observation {
	out := []finding.Observation{seen("header", "from", a.Domain)}
	for i := range a.Discovery.Steps[:a.Discovery.Used] {
		s := &a.Discovery.Steps[i]
		for _, rec := range append(s.Records[:len(s.Records):len(s.Records)], s.Dropped...) {
			out = append(out, seen("dns", "record", s.Name()+" TXT "+clip(rec.Raw)))
		}
		if s.Err != nil {
			out = append(out, seen("dns", "error", s.Name()+" TXT "+string(dns.CodeOf(s.Err))))
		}
	}
	if a.Discovery.Org != "" {
		out = append(out, seen("computed", "auth-org", a.Discovery.Org))
	}
	for _, al := range a.Alignments {
		relation := map[dmarc.Tri]string{dmarc.Yes: "aligned", dmarc.No: "not aligned", dmarc.Unknown: "unknown"}[al.Aligned]
		out = append(out, seen("computed", "auth-alignment", strings.ToUpper(al.By)+" "+al.Domain+": "+al.Result+", "+relation+" ("+string(al.Mode)+")"))
	}
	return append(out, seen("computed", "result", string(a.Result)))
}

func fromSeen(in *check.Input) []finding.Observation {
	var out []finding.Observation
	for _, f := range in.Msg.All("From") {
		out = append(out, seen("header", "from", clip(f.Value)))
	}
	if len(out) == 0 {
		out = append(out, seen("header", "from", "-"))
	}
	return out
}
