// SPDX-License-Identifier: MIT

package dns

import "cmp"

// A question is what tells two lookups apart.
type question struct {
	name string // lower case, without a last dot
	t    Type
}

// questionOf takes names that may not be asked for as well, as they are.
func questionOf(name string, t Type) question {
	return question{Lower(bare(name)), t}
}

func compareQuestions(a, b question) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.t, b.t))
}
