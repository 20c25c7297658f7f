// SPDX-License-Identifier: MIT

// Package checks lists every group of checks. Reading All is reading what the
// product examines.
package checks

import (
	"mailproof/check"
	"mailproof/checks/absent"
	"mailproof/checks/auth"
	"mailproof/checks/domain"
	"mailproof/checks/host"
)

// Config is what the operator decides about the checks.
type Config struct {
	Auth auth.Config
	// ClosedWorld: DNS is a zone file, in which lists are not to be expected.
	ClosedWorld bool
}

// All returns every group in the order in which a report shows them.
func All(c Config) []check.Group {
	return []check.Group{
		auth.Group(c.Auth),
		host.Group(),
		domain.Group(),
		absent.Group("content"),
		absent.Group("filters"),
		absent.Group("providers"),
	}
}
