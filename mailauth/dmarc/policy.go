// SPDX-License-Identifier: MIT

package dmarc

import "strings"

// A Policy is what the domain owner asks of receivers (RFC 9989 §4.7).
type Policy string

// The policies; an empty one means that none applies.
const (
	PolicyNone       Policy = "none"
	PolicyQuarantine Policy = "quarantine"
	PolicyReject     Policy = "reject"
)

// parsePolicy reads a keyword, in any case; empty if it is none.
func parsePolicy(s string) Policy {
	switch p := Policy(strings.ToLower(s)); p {
	case PolicyNone, PolicyQuarantine, PolicyReject:
		return p
	}
	return ""
}

// level orders policies from harmless to strict.
func (p Policy) level() int {
	switch p {
	case PolicyReject:
		return 2
	case PolicyQuarantine:
		return 1
	}
	return 0
}

// lowered is the policy one level less strict: what t=y asks for.
func (p Policy) lowered() Policy {
	switch p {
	case PolicyReject:
		return PolicyQuarantine
	case PolicyQuarantine:
		return PolicyNone
	}
	return p
}

// A Place says where a policy record was found, seen from the author domain.
type Place string

// The places in the order of preference (RFC 9989 §4.10.1).
const (
	AtAuthor Place = "author"
	AtOrg    Place = "organizational"
	AtPSD    Place = "public-suffix"
)

// policyAt is the policy that a usable record asks for at a place, and the tag
// that says so. np falls back to sp and sp to p. A record without a valid p,
// or with a wrong sp or np, is read as p=none (RFC 9989 §4.10.1).
func (r *Record) policyAt(place Place, exists Tri) (Policy, string) {
	if r.PolicyInvalid {
		return PolicyNone, "p"
	}
	if place != AtAuthor {
		if exists == No && r.NP != "" {
			return r.NP, "np"
		}
		if r.SP != "" {
			return r.SP, "sp"
		}
	}
	return r.P, "p"
}
