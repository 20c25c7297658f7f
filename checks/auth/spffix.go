// SPDX-License-Identifier: MIT

package auth

import (
	"context"
	"net/netip"
	"strings"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/finding"
	"mailproof/mailauth/spf"
)

func changes(c ...dns.Change) []dns.Change { return c }

// spfFix is the record that lets the client pass, proven: the same evaluation
// over the changed world says pass. Where none can be named, only the texts
// say what to do. New records end in ~all, not in -all: the address of this
// mail is the only sender that we know of, and mail of forgotten senders
// should not be refused by a record that a tool wrote.
func spfFix(ctx context.Context, in *check.Input, v spf.Verdict) finding.Fix {
	ip := in.Session.ClientIP
	p := finding.Params{"address": ip.String()}
	if !publishable(ip) {
		return finding.Fix{Params: p}
	}
	c := spfChanges(v, ip)
	if len(c) == 0 || !passes(ctx, in, v.Domain, c) {
		return finding.Fix{Params: p}
	}
	return finding.Fix{DNS: c, Params: p}
}

// publishable: an address that no receiver elsewhere will ever see does not
// belong into a record.
func publishable(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}

func spfChanges(v spf.Verdict, ip netip.Addr) []dns.Change {
	switch {
	case v.Reason == spf.NoRecord || v.Reason == spf.NoDomain:
		return changes(addTXT(v.Domain, spf.WithAddress("", ip)))
	case v.Reason == spf.TwoRecords && v.Trace != nil && len(v.Trace.Records) > 1:
		out := changes(replaceTXT(v.Domain, v.Trace.Records[0], spf.WithAddress(spf.Merge(v.Trace.Records), ip)))
		for _, r := range v.Trace.Records[1:] {
			out = append(out, removeTXT(v.Domain, r))
		}
		return out
	case v.Record == "":
		return nil
	case v.Reason == spf.Syntax && v.Where != nil && v.Where.Domain == v.Domain:
		// Merge leaves malformed terms out.
		return changes(replaceTXT(v.Domain, v.Record, spf.WithAddress(spf.Merge([]string{v.Record}), ip)))
	case v.Reason == spf.IncludeNone && v.Where != nil && v.Where.Domain == v.Domain:
		return changes(replaceTXT(v.Domain, v.Record, spf.WithAddress(without(v.Record, v.Where.Term), ip)))
	case v.Result == spf.Permerror:
		return nil // an address in front would hide the fault, not mend it
	}
	return changes(replaceTXT(v.Domain, v.Record, spf.WithAddress(v.Record, ip)))
}

// without is a record less one term.
func without(record, term string) string {
	var keep []string
	for f := range strings.FieldsSeq(record) {
		if f != term {
			keep = append(keep, f)
		}
	}
	return strings.Join(keep, " ")
}

// passes proves a change: the same identity, over the changed world.
func passes(ctx context.Context, in *check.Input, domain string, c []dns.Change) bool {
	p := params(in)
	p.MailFrom, p.Domain = in.Session.MailFrom, domain
	return spf.Check(ctx, overlaid(in, c), p).Result == spf.Pass
}

// plusAllFix closes a record that lets everybody pass, naming the client where
// nothing else in the record does.
func plusAllFix(ctx context.Context, in *check.Input, v spf.Verdict, t spf.Term) finding.Fix {
	ip := in.Session.ClientIP
	p := finding.Params{"address": ip.String()}
	closed := v.Record[:t.At] + "~all" + v.Record[t.At+len(t.Text):]
	for _, record := range []string{closed, spf.WithAddress(closed, ip)} {
		if record != closed && !publishable(ip) {
			break
		}
		if c := changes(replaceTXT(v.Domain, v.Record, record)); passes(ctx, in, v.Domain, c) {
			return finding.Fix{DNS: c, Params: p}
		}
	}
	return finding.Fix{Params: p}
}
