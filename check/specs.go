// SPDX-License-Identifier: MIT

package check

import "mailproof/finding"

// What the runner says for a check that could not speak for itself. Their
// texts are those of "run.*" with the name of the check in them.

func notObserved(c Check) finding.Spec {
	return finding.Spec{ID: finding.ID(c.ID + ".not-observed"), Status: finding.Unknown}
}

func doesNotApply(c Check) finding.Spec {
	return finding.Spec{ID: finding.ID(c.ID + ".does-not-apply"), Status: finding.Skipped}
}

func noAnswer(c Check) finding.Spec {
	return finding.Spec{ID: finding.ID(c.ID + ".no-answer"), Status: finding.Unknown}
}

func crashedSpec(c Check) finding.Spec {
	return finding.Spec{ID: finding.ID(c.ID + ".crashed"), Status: finding.Unknown}
}
