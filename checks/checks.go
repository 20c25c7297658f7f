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
	"mailproof/checks/message"
	"mailproof/rbl"
)

// Config is what the operator decides about the checks.
type Config struct {
	Auth auth.Config
	RBL  rbl.Config
}

// All returns every group in the order in which a report shows them.
func All(c Config) []check.Group {
	return []check.Group{
		auth.Group(c.Auth),
		host.Group(),
		domain.Group(),
		rbl.Group(c.RBL),
		message.Group(),
		absent.Group("content"),
		absent.Group("filters"),
		absent.Group("providers"),
	}
}
