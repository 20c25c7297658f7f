// SPDX-License-Identifier: MIT

// Package analysis takes evidence to a report, and works through the backlog
// of the store.
package analysis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strconv"
	"time"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/report"
	"mailproof/scoring"
)

// Timeout is how long one analysis may take. Slow or silent name servers of a
// hostile sender must not hold a worker for longer.
const Timeout = 30 * time.Second

// Options of an Analyzer.
type Options struct {
	Groups   []check.Group
	Policy   scoring.Policy
	Resolver dns.Resolver
	Version  string // of the program, shown in reports
	Log      *slog.Logger
	Clock    func() time.Time              // for analyzed_at and duration
	Timeout  time.Duration                 // of one analysis; zero: Timeout
	Crashed  func(where string, err error) // told of every panic in a check, may be nil
}

// An Analyzer turns evidence into reports. It is safe for concurrent use.
type Analyzer struct {
	Options
	runner check.Runner
}

// New returns an analyzer.
func New(o Options) *Analyzer {
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	return &Analyzer{Options: o, runner: check.Runner{Groups: o.Groups, Crashed: o.Crashed}}
}

// A Job is one evidence value and the world to judge it in.
type Job struct {
	Evidence evidence.Evidence
	Now      time.Time         // judge as at this time; zero: when it was received
	Changes  []dns.Change      // laid over the DNS
	Recorded []dns.Exchange    // the DNS of an earlier report; nil: the analyzer's resolver
	Progress func(check.Event) // may be nil
	What     bool              // a what-if: the report says hypothetical
}

// Analyze never fails: what could not be found out is unknown in the report.
// The same evidence and the same answers give the same report but for times.
func (a *Analyzer) Analyze(ctx context.Context, j Job) report.Report {
	start := a.Clock()
	ctx, cancel := context.WithTimeout(ctx, a.Timeout)
	defer cancel()
	v := a.visit(&j)
	trace := dns.NewTrace(a.world(j))
	res := a.runner.Run(ctx, v.job(dns.Cache(ctx, trace)), j.Progress)
	trace.Seal()
	rep := report.Report{
		ReceivedAt: j.Evidence.ReceivedAt, AnalyzedAt: start, Version: a.Version,
		Scoring: report.ScoringVersion, Hypothetical: j.What, Ran: res.Ran, DNS: trace.Exchanges(),
		Session: session(j.Evidence),
	}
	rep.Score, rep.Findings = scoring.Compute(a.Policy, res.Findings, res.Ran)
	res.Describe(ctx, &rep)
	rep.Plan = a.plan(ctx, v, rep, a.world(j))
	rep.ID = id(j.Evidence, start)
	rep.Duration = a.Clock().Sub(start)
	return rep
}

// world is the DNS that the job is judged in.
func (a *Analyzer) world(j Job) dns.Resolver {
	base := a.Resolver
	if j.Recorded != nil {
		base = dns.Recorded(j.Recorded, nil)
	}
	if len(j.Changes) > 0 {
		base = dns.Overlay(base, j.Changes)
	}
	return base
}

// A visit is one evidence value, parsed once for all runs over it.
type visit struct {
	evidence *evidence.Evidence
	msg      *evidence.Message
	now      time.Time
	log      *slog.Logger
	kept     *check.Kept
}

func (a *Analyzer) visit(j *Job) visit {
	now := j.Now
	if now.IsZero() {
		now = j.Evidence.ReceivedAt
	}
	return visit{evidence: &j.Evidence, msg: evidence.Parse(j.Evidence.Raw), now: now, log: a.Log, kept: &check.Kept{}}
}

func (v visit) job(world dns.Resolver) check.Job {
	return check.Job{Evidence: v.evidence, Msg: v.msg, DNS: world, Now: v.now, Log: v.log, Kept: v.kept}
}

// id names a report: no secret, and different for each analysis.
func id(ev evidence.Evidence, at time.Time) string {
	h := sha256.New()
	h.Write(ev.Raw)
	h.Write([]byte(ev.Session.RcptTo + strconv.FormatInt(ev.ReceivedAt.UnixNano(), 36) + "." + strconv.FormatInt(at.UnixNano(), 36)))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// session is the report's part of what was observed.
func session(ev evidence.Evidence) report.Session {
	s := ev.Session
	out := report.Session{
		ClientPort: int(s.ClientPort), Helo: s.Helo, EHLO: s.EHLO, RcptTo: s.RcptTo, TLSKnown: s.TLSKnown,
		SMTPUTF8: s.SMTPUTF8, BodyType: s.BodyType, Size: int64(len(ev.Raw)), Recovered: s.Recovered,
	}
	if s.ClientIP.IsValid() {
		out.ClientIP = s.ClientIP.String()
	}
	if s.HasMailFrom {
		out.MailFrom = &s.MailFrom
	}
	if s.TLS != nil {
		out.TLS = &report.TLS{Version: s.TLS.Version, Cipher: s.TLS.Cipher, SNI: s.TLS.SNI, ClientCert: s.TLS.ClientCert}
	}
	for _, l := range s.Dialogue {
		out.Dialogue = append(out.Dialogue, report.Line{AtMS: l.At.Milliseconds(), From: l.From, Line: l.Text})
	}
	return out
}
