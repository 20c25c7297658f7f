// SPDX-License-Identifier: MIT

package scoring

import "maps"

// Full is a perfect score, in tenths.
const Full = 100

// provisionalBelow is the coverage under which a score is provisional: less
// than that of the checks could be decided.
const provisionalBelow = 0.6

// A Policy says how much each part may cost.
type Policy struct {
	Sections []Limit        // in the order of a report
	Limits   map[string]int // of names inside a section, such as "rbl.medium", in tenths
	// Decisive are the checks that a verdict cannot do without: if all of
	// them are undecided, the score is provisional.
	Decisive []string
}

// A Limit is the most that a section may cost, in tenths.
type Limit struct {
	ID     string
	Tenths int
}

// DefaultPolicy is the contract's: the maxima of the sections, of the tiers of
// lists and of the bulk rules.
func DefaultPolicy() Policy {
	return Policy{
		Sections: []Limit{
			{"authentication", 50}, {"sender", 30}, {"dns", 15}, {"rbl", 40},
			{"message", 30}, {"content", 25}, {"filters", 30}, {"providers", 0},
		},
		Limits:   map[string]int{"rbl.medium": 25, "rbl.low": 6, "message.bulk": 10},
		Decisive: []string{"spf", "dkim", "dmarc"},
	}
}

// Clone returns a policy that can be changed.
func (p Policy) Clone() Policy {
	p.Limits = maps.Clone(p.Limits)
	return p
}
