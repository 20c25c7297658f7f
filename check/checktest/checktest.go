// SPDX-License-Identifier: MIT

// Package checktest is what the tests of checks import: a case is a zone, a
// message and a session; out come findings. It also holds the properties that
// every check must have.
package checktest

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"mailproof/check"
	"mailproof/dns"
	"mailproof/evidence"
	"mailproof/finding"
)

// Now is the moment at which cases are judged, unless they say otherwise.
var Now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// A Case is a world and one delivery in it.
type Case struct {
	Zone     string           // RFC 1035 text with the directives of zone files
	Message  string           // line ends become CRLF
	Raw      []byte           // instead of Message, octet for octet
	Session  evidence.Session // what was observed
	Now      time.Time        // zero: Now
	Receiver string           // empty: mx.receiver.example
}

// Evidence is the delivery of the case.
func (c Case) Evidence() *evidence.Evidence {
	raw := c.Raw
	if raw == nil && c.Message != "" {
		raw = []byte(strings.ReplaceAll(strings.ReplaceAll(c.Message, "\r\n", "\n"), "\n", "\r\n"))
	}
	now, receiver := c.Now, c.Receiver
	if now.IsZero() {
		now = Now
	}
	if receiver == "" {
		receiver = "mx.receiver.example"
	}
	return &evidence.Evidence{Raw: raw, Session: c.Session, ReceivedAt: now, Receiver: receiver}
}

// Resolver answers from the case's zone.
func (c Case) Resolver(t testing.TB) dns.Resolver {
	t.Helper()
	z, err := dns.ParseZone(strings.NewReader(c.Zone), "case.zone")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Run runs the groups over the case; a crash fails the test.
func Run(t testing.TB, groups []check.Group, c Case) *check.Result {
	t.Helper()
	return RunWith(t, groups, c, c.Resolver(t))
}

// RunWith is Run with another world.
func RunWith(t testing.TB, groups []check.Group, c Case, world dns.Resolver) *check.Result {
	t.Helper()
	ev := c.Evidence()
	job := check.Job{
		Evidence: ev, Msg: evidence.Parse(ev.Raw), DNS: dns.Cache(context.Background(), world), Now: ev.ReceivedAt,
		Log: slog.New(slog.DiscardHandler),
	}
	r := check.Runner{Groups: groups, Crashed: func(where string, err error) { t.Errorf("%s: %v", where, err) }}
	res := r.Run(context.Background(), job, nil)
	declared(t, groups, res.Findings)
	return res
}

// declared fails for a finding that no spec of its check declares.
func declared(t testing.TB, groups []check.Group, found []finding.Finding) {
	t.Helper()
	specs := map[finding.ID]finding.Spec{}
	for _, g := range groups {
		for _, c := range g.Checks {
			for _, s := range c.Specs {
				specs[s.ID] = s
			}
		}
	}
	for _, f := range found {
		if isRunners(f) {
			continue
		}
		s, ok := specs[f.ID]
		if !ok || s.Status != f.Status || f.Weight > s.Weight {
			t.Errorf("%s %q: not what its spec declares", f.ID, f.Subject)
		}
		for name := range f.Params {
			if !slices.Contains(s.Params, name) {
				t.Errorf("%s: parameter %q is not declared", f.ID, name)
			}
		}
	}
}

func isRunners(f finding.Finding) bool {
	return slices.ContainsFunc([]string{".not-observed", ".does-not-apply", ".no-answer", ".crashed"},
		func(s string) bool { return string(f.ID) == f.Check+s })
}

// Want fails unless the findings of one check are exactly the given lines,
// each "id subject", or "id" where the subject is empty.
func Want(t testing.TB, res *check.Result, checkID string, want ...string) {
	t.Helper()
	var got []string
	for _, f := range res.Findings {
		if f.Check == checkID {
			got = append(got, line(f))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("check %s\n got %s\nwant %s", checkID, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// Find returns the finding with the id, and fails if there is none.
func Find(t testing.TB, res *check.Result, id finding.ID) finding.Finding {
	t.Helper()
	for _, f := range res.Findings {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("no finding %s", id)
	return finding.Finding{}
}

func line(f finding.Finding) string {
	return strings.TrimSpace(string(f.ID) + " " + f.Subject)
}

// troubles are the findings that can cost points.
func troubles(found []finding.Finding) map[string]finding.Finding {
	m := map[string]finding.Finding{}
	for _, f := range found {
		if f.Status == finding.Warn || f.Status == finding.Fail {
			m[line(f)] = f
		}
	}
	return m
}

// CRLF is text with network line ends.
func CRLF(s string) []byte {
	return bytes.ReplaceAll([]byte(s), []byte("\n"), []byte("\r\n"))
}
