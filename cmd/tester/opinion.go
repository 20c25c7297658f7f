// SPDX-License-Identifier: MIT

package main

import (
	"mailproof/checks/auth"
	"mailproof/mailauth/dkim/opinion"
)

// secondOpinion lets another DKIM verifier judge beside ours; count is told of
// every difference. The report is never changed by it.
func secondOpinion(count func()) auth.Config {
	return auth.Config{Opinion: opinion.SecondOpinion, Differs: func(string) { count() }}
}
