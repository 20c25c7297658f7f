// SPDX-License-Identifier: MIT

// Package opinion asks go-msgauth what it makes of the signatures that
// mailauth/dkim has judged, so that a mistake of ours shows up.
package opinion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"

	"mailproof/dns"
	"mailproof/mailauth/dkim"

	msgauth "github.com/emersion/go-msgauth/dkim"
)

// What the other verifier can take. It hashes a body once for each signature
// (10 of 2 MB are 130 ms), and is quadratic in runs of line ends: runs of
// 64 KB still cost below a millisecond.
const (
	MaxOctets = 2 << 20
	MaxBlank  = 64 << 10
)

// SecondOpinion verifies the message with go-msgauth and compares, signature
// by signature, passed or not. Differences that Known explains are left out;
// the others are described in a line each, for the log. ran is false where
// the other verifier cannot be asked: no signature, too large, long runs of
// blank lines, or no blank line after the header. The resolver is asked
// again for the same names, so it should have a cache.
func SecondOpinion(ctx context.Context, r dns.Resolver, raw []byte, verdicts []dkim.Verdict) (ran bool, differences []string) {
	if len(verdicts) == 0 || len(raw) > MaxOctets || blankRun(raw) > MaxBlank {
		return false, nil
	}
	got, err := msgauth.VerifyWithOptions(bytes.NewReader(raw), &msgauth.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return lookupTXT(ctx, r, name) },
		MaxVerifications: dkim.DefaultMaxSignatures,
	})
	if err != nil && !errors.Is(err, msgauth.ErrTooManySignatures) {
		return false, nil
	}
	for i := 0; i < len(got) && i < len(verdicts); i++ {
		v := &verdicts[i]
		theirs := got[i].Err == nil
		if v.Result == dkim.Neutral || (v.Result == dkim.Pass) == theirs || Explain(raw, v, theirs) != "" {
			continue
		}
		differences = append(differences, fmt.Sprintf("signature %d: %s %s here, %v there", i, v.Result, v.Reason, got[i].Err))
	}
	return true, differences
}

// blankRun is the length in octets of the longest run of line ends.
func blankRun(raw []byte) int {
	longest, run := 0, 0
	for _, c := range raw {
		if c != '\r' && c != '\n' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// lookupTXT answers as net.LookupTXT would. go-msgauth looks at the error
// itself, never at what it wraps, so a *net.DNSError is returned bare.
func lookupTXT(ctx context.Context, r dns.Resolver, name string) ([]string, error) {
	a, err := r.Lookup(ctx, name, dns.TypeTXT)
	if err != nil {
		e := &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
		var de *dns.Error
		if errors.As(err, &de) {
			e.IsTimeout = de.Code == dns.Timeout
		}
		return nil, e
	}
	var texts []string
	for _, rec := range a.Records {
		if rec.Type == dns.TypeTXT {
			texts = append(texts, rec.Value)
		}
	}
	if len(texts) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return texts, nil
}
