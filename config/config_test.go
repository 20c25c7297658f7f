// SPDX-License-Identifier: MIT

package config

import (
	"strings"
	"testing"
	"time"
)

func valid() Serve {
	return Serve{
		SMTPAddr: "127.0.0.1:0", HTTPAddr: "[::1]:8080", Domain: "mailproof.localhost", Data: "d",
		MaxMessageSize: "35MiB", MaxSessions: 1, MaxSessionsPerClient: 1, MaxMessagesPerTest: 1,
		MaxTestsPerClient: 1, Retention: "7d",
	}
}

func TestValidServe(t *testing.T) {
	t.Parallel()
	s := valid()
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
}

// All errors come at once, and each names its flag.
func TestEveryErrorNamesItsFlag(t *testing.T) {
	t.Parallel()
	s := valid()
	s.SMTPAddr, s.HTTPAddr, s.Domain, s.Hostname = "nowhere", "a:99999", "exa mple", "-x"
	s.BaseURL, s.Resolver, s.ProxyFrom, s.TrustedProxy = "ftp://x", []string{"8.8.8.8"}, []string{"10/8"}, []string{"x"}
	s.MaxMessageSize, s.Retention, s.TLSCert, s.Data = "much", "soon", "cert.pem", ""
	s.MaxSessions, s.MaxTestsPerClient, s.Spamd = 0, -1, "127.0.0.1:783"
	err := s.Validate()
	for _, flag := range []string{"smtp-addr", "http-addr", "domain", "hostname", "base-url", "resolver", "proxy-from",
		"trusted-proxy", "max-message-size", "retention", "tls-cert", "data", "max-sessions", "max-tests-per-client", "spamd"} {
		if err == nil || !strings.Contains(err.Error(), "--"+flag+":") {
			t.Errorf("nothing about --%s in %v", flag, err)
		}
	}
}

func TestAnalysisErrors(t *testing.T) {
	t.Parallel()
	low := -1.0
	a := Analysis{Now: "today", Reading: Reading{Format: "sarif", Thresholds: Thresholds{
		MinScore: &low, MinCoverage: &low, Require: []string{"SPF", "spf=good"}, FailOn: "unknown"}}}
	a.Zone, a.Resolver = []string{"z"}, []string{"127.0.0.1:53"}
	err := a.Validate()
	for _, flag := range []string{"now", "format", "timeout", "zone", "min-score", "min-coverage", "require", "fail-on"} {
		if err == nil || !strings.Contains(err.Error(), "--"+flag+":") {
			t.Errorf("nothing about --%s in %v", flag, err)
		}
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	null, bad := "", "nobody"
	good := Envelope{ClientIP: "2001:db8::1", Helo: "[192.0.2.1]", MailFrom: &null, TLS: "none"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	wrong := Envelope{ClientIP: "1.2.3", Helo: "a b", MailFrom: &bad, RcptTo: "x@", TLS: "3"}
	err := wrong.Validate()
	for _, flag := range []string{"client-ip", "helo", "mail-from", "rcpt-to", "tls"} {
		if err == nil || !strings.Contains(err.Error(), "--"+flag+":") {
			t.Errorf("nothing about --%s in %v", flag, err)
		}
	}
}

func TestSizesAndDurations(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{"35MiB": 35 << 20, "1k": 1024, "10MB": 10_000_000, "4096": 4096} {
		if n, err := Size(s); err != nil || n != want {
			t.Errorf("Size(%q) = %d, %v", s, n, err)
		}
	}
	for s, want := range map[string]time.Duration{"7d": 168 * time.Hour, "90m": 90 * time.Minute} {
		if d, err := Duration(s); err != nil || d != want {
			t.Errorf("Duration(%q) = %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "x", "0", "-1", "1TiB", "99999999GiB"} {
		if _, err := Size(s); err == nil {
			t.Errorf("Size(%q) is accepted", s)
		}
	}
	for _, s := range []string{"", "0d", "-1h", "d", "7"} {
		if _, err := Duration(s); err == nil {
			t.Errorf("Duration(%q) is accepted", s)
		}
	}
}
