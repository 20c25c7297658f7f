// SPDX-License-Identifier: MIT

package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// maxPath is the longest mail address that an envelope takes (RFC 5321 §4.5.3.1.3).
const maxPath = 254

// tlsVersions are the values of --tls and what they are called in a report.
var tlsVersions = map[string]string{
	"1.3": "TLS 1.3", "1.2": "TLS 1.2", "1.1": "TLS 1.1", "1.0": "TLS 1.0", "none": "",
}

// Validate says everything wrong with the envelope.
func (e *Envelope) Validate() error {
	var errs []error
	if e.ClientIP != "" {
		if a, err := netip.ParseAddr(e.ClientIP); err != nil || a.Zone() != "" {
			errs = append(errs, problem("client-ip", "%q is not an IP address", e.ClientIP))
		}
	}
	if e.Helo != "" && strings.ContainsFunc(e.Helo, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		errs = append(errs, problem("helo", "%q has spaces or control characters", e.Helo))
	}
	if e.MailFrom != nil && *e.MailFrom != "" {
		errs = append(errs, path("mail-from", *e.MailFrom))
	}
	if e.RcptTo != "" {
		errs = append(errs, path("rcpt-to", e.RcptTo))
	}
	if _, known := tlsVersions[e.TLS]; e.TLS != "" && !known {
		errs = append(errs, problem("tls", "%q is none of 1.3, 1.2, 1.1, 1.0, none", e.TLS))
	}
	return errors.Join(errs...)
}

// TLSVersion is the version as reports name it; empty: plain text. known is
// false when nothing was said.
func (e *Envelope) TLSVersion() (version string, known bool) {
	return tlsVersions[e.TLS], e.TLS != ""
}

func path(flag, s string) error {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > maxPath || strings.ContainsAny(s, "\r\n\x00<>") {
		return fmt.Errorf("--%s: %q is not a mail address", flag, s)
	}
	return nil
}
