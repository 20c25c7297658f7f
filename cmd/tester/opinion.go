// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"time"

	"mailproof/checks/auth"
	"mailproof/dns"
	"mailproof/mailauth/dkim"
	"mailproof/mailauth/dkim/opinion"
)

// secondOpinion lets another DKIM verifier judge beside ours; count is told of
// every difference. The report is never changed by it.
func secondOpinion(count func()) auth.Config {
	return auth.Config{
		Opinion: func(ctx context.Context, r dns.Resolver, raw []byte, _ time.Time, ours []dkim.Verdict) []string {
			_, differences := opinion.SecondOpinion(ctx, r, raw, ours)
			return differences
		},
		Differs: func(string) { count() },
	}
}
