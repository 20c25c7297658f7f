// SPDX-License-Identifier: MIT

package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// problem is one thing wrong, named by its flag.
func problem(flag, format string, args ...any) error {
	return fmt.Errorf("--"+flag+": "+format, args...)
}

// hostName is a host name of the kind that can be greeted with (RFC 1123 §2.1).
var hostName = regexp.MustCompile(`^(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Validate says everything wrong with the configuration, or returns nil.
func (s *Serve) Validate() error {
	var errs []error
	check := func(flag string, err error) {
		if err != nil {
			errs = append(errs, problem(flag, "%w", err))
		}
	}
	check("smtp-addr", hostPort(s.SMTPAddr))
	check("http-addr", hostPort(s.HTTPAddr))
	check("domain", name(s.Domain))
	check("hostname", optional(s.Hostname, name))
	check("base-url", optional(s.BaseURL, webURL))
	check("resolver", each(s.Resolver, hostPort))
	check("proxy-from", each(s.ProxyFrom, isCIDR))
	check("trusted-proxy", each(s.TrustedProxy, isCIDR))
	_, err := Size(s.MaxMessageSize)
	check("max-message-size", err)
	_, err = Duration(s.Retention)
	check("retention", err)
	if (s.TLSCert == "") != (s.TLSKey == "") {
		errs = append(errs, problem("tls-cert", "needs --tls-key, and the other way round"))
	}
	if s.Data == "" {
		errs = append(errs, problem("data", "is empty"))
	}
	for _, n := range []struct {
		flag  string
		value int
	}{
		{"max-sessions", s.MaxSessions}, {"max-sessions-per-client", s.MaxSessionsPerClient},
		{"max-messages-per-test", s.MaxMessagesPerTest}, {"max-tests-per-client", s.MaxTestsPerClient},
	} {
		if n.value < 1 {
			errs = append(errs, problem(n.flag, "must be at least 1, not %d", n.value))
		}
	}
	check("spamd", notYet(s.Spamd))
	check("rspamd", notYet(s.Rspamd))
	check("rbl-config", notYet(s.RBLConfig))
	return errors.Join(errs...)
}

// Validate says everything wrong with the flags of an analysis.
func (a *Analysis) Validate() error {
	var errs []error
	check := func(flag string, err error) {
		if err != nil {
			errs = append(errs, problem(flag, "%w", err))
		}
	}
	check("resolver", each(a.Resolver, hostPort))
	check("receiver", optional(a.Receiver, name))
	check("rbl-config", notYet(a.RBLConfig))
	_, err := a.At()
	check("now", err)
	if len(a.Zone) > 0 && len(a.Resolver) > 0 {
		errs = append(errs, problem("zone", "answers all of the DNS, so --resolver cannot be given as well"))
	}
	return errors.Join(errors.Join(errs...), a.Reading.Validate())
}

// Validate says everything wrong with how the report is to be read.
func (r *Reading) Validate() error {
	errs := r.Thresholds.validate()
	if err := format(r.Format); err != nil {
		errs = append(errs, problem("format", "%w", err))
	}
	if r.Timeout <= 0 {
		errs = append(errs, problem("timeout", "must be more than nothing"))
	}
	return errors.Join(errs...)
}

func (t *Thresholds) validate() (errs []error) {
	if t.MinScore != nil && !(*t.MinScore >= 0 && *t.MinScore <= 10) {
		errs = append(errs, problem("min-score", "must be from 0 to 10, not %v", *t.MinScore))
	}
	if t.MinCoverage != nil && !(*t.MinCoverage >= 0 && *t.MinCoverage <= 1) {
		errs = append(errs, problem("min-coverage", "must be from 0 to 1, not %v", *t.MinCoverage))
	}
	if t.FailOn != "" && t.FailOn != "warn" && t.FailOn != "fail" {
		errs = append(errs, problem("fail-on", "must be warn or fail, not %q", t.FailOn))
	}
	for _, r := range t.Require {
		if _, err := ParseRequirement(r); err != nil {
			errs = append(errs, problem("require", "%w", err))
		}
	}
	return errs
}

// Asked reports whether any threshold was given.
func (t *Thresholds) Asked() bool {
	return t.MinScore != nil || t.MinCoverage != nil || len(t.Require) > 0 || t.FailOn != ""
}

// At is the time to judge at; zero if none was given.
func (a *Analysis) At() (time.Time, error) {
	if a.Now == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, a.Now)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time like 2026-11-21T09:00:00Z", a.Now)
	}
	return t, nil
}

// A Requirement is one --require.
type Requirement struct{ ID, Status string }

var requirementID = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9-]+)*$`)

// ParseRequirement reads ID or ID=STATUS.
func ParseRequirement(s string) (Requirement, error) {
	id, status, given := strings.Cut(s, "=")
	if !requirementID.MatchString(id) {
		return Requirement{}, fmt.Errorf("%q is not the id of a finding or check, such as spf or dkim.pass", id)
	}
	if given {
		switch status {
		case "pass", "info", "warn", "fail", "unknown", "skipped":
		default:
			return Requirement{}, fmt.Errorf("%q is not a status: pass, info, warn, fail, unknown or skipped", status)
		}
	}
	return Requirement{ID: id, Status: status}, nil
}

func format(f string) error {
	switch f {
	case "text", "json":
		return nil
	case "junit", "sarif", "markdown":
		return fmt.Errorf("%s is not available yet; text and json are", f)
	}
	return fmt.Errorf("%q is none of text, json", f)
}

func notYet(s string) error {
	if s != "" {
		return errors.New("is not available yet")
	}
	return nil
}

func optional(s string, valid func(string) error) error {
	if s == "" {
		return nil
	}
	return valid(s)
}

func each(list []string, valid func(string) error) error {
	var errs []error
	for _, s := range list {
		errs = append(errs, valid(s))
	}
	return errors.Join(errs...)
}

func hostPort(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT", s)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return fmt.Errorf("%q has no port between 0 and 65535", s)
	}
	return nil
}

func name(s string) error {
	if len(s) > 253 || !hostName.MatchString(strings.ToLower(s)) {
		return fmt.Errorf("%q is not a host name", s)
	}
	return nil
}

func webURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("%q is not a URL like https://mailproof.example.org", s)
	}
	return nil
}

func isCIDR(s string) error { _, err := CIDR(s); return err }

// CIDR reads a network, or a single address.
func CIDR(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither a network like 10.0.0.0/8 nor an address", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// Size reads a number of octets with an optional unit: 35MiB, 10MB, 4096.
func Size(s string) (int64, error) {
	number := strings.TrimRight(s, "BKMGiabkmg ")
	factor, known := map[string]int64{
		"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1000_000, "g": 1 << 30, "gib": 1 << 30, "gb": 1000_000_000,
	}[strings.ToLower(strings.TrimSpace(s[len(number):]))]
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !known || n < 1 || n > (1<<40)/factor {
		return 0, fmt.Errorf("%q is not a size like 35MiB", s)
	}
	return n * factor, nil
}

// Duration reads a duration, with d for days: 7d, 36h, 90m.
func Duration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 && n <= 36500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q is not a duration like 7d or 36h", s)
}
