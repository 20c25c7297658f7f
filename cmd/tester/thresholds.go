// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"slices"

	"mailproof/config"
	"mailproof/finding"
	"mailproof/render"
)

// judge holds a report against the thresholds: nil, or a failure that says
// every one that does not hold.
func judge(d render.Document, t config.Thresholds) error {
	if d.Failed != "" {
		return exitWith(exitNoVerdict, "the analysis could not be done")
	}
	if !t.Asked() {
		return nil
	}
	if d.Provisional && !t.AllowProvisional {
		return exitWith(exitNoVerdict, "the report is provisional (%.0f %% of the checks could run), so no threshold can be judged", d.Coverage*100)
	}
	if errs := shortfalls(d, t); len(errs) > 0 {
		return &failure{exitThreshold, errors.Join(errs...)}
	}
	return nil
}

func shortfalls(d render.Document, t config.Thresholds) (errs []error) {
	// Compared in tenths: the score is a whole number of them.
	if t.MinScore != nil && float64(d.Score) < *t.MinScore*10-1e-9 {
		errs = append(errs, fmt.Errorf("score %s is below %v", d.Score, *t.MinScore))
	}
	if t.MinCoverage != nil && d.Coverage < *t.MinCoverage {
		errs = append(errs, fmt.Errorf("coverage %.2f is below %v", d.Coverage, *t.MinCoverage))
	}
	for _, s := range t.Require {
		if err := required(d, s); err != nil {
			errs = append(errs, err)
		}
	}
	for _, f := range d.Findings {
		if f.Status == finding.Fail && t.FailOn != "" || f.Status == finding.Warn && t.FailOn == "warn" {
			errs = append(errs, fmt.Errorf("%s: %s", f.ID, render.Visible(f.Title)))
		}
	}
	return errs
}

// required holds a report against one ID[=STATUS]. A finding has to be there,
// with the status if one is given. A check has to have said the status
// (without one: pass), and nothing worse.
func required(d render.Document, s string) error {
	want, err := config.ParseRequirement(s)
	if err != nil {
		return err
	}
	var of []finding.Status
	isCheck := false
	for _, f := range d.Findings {
		if string(f.ID) == want.ID || f.Check == want.ID {
			of = append(of, f.Status)
			isCheck = isCheck || f.Check == want.ID
		}
	}
	if len(of) == 0 {
		return fmt.Errorf("%s: not in the report", want.ID)
	}
	if want.Status == "" && !isCheck {
		return nil
	}
	status := finding.Status(want.Status)
	if status == "" {
		status = finding.Pass
	}
	worst := slices.MaxFunc(of, func(a, b finding.Status) int { return render.Severity(a) - render.Severity(b) })
	if !slices.Contains(of, status) || render.Severity(worst) > max(render.Severity(status), render.Severity(finding.Pass)) {
		return fmt.Errorf("%s is %s, not %s", want.ID, worst, status)
	}
	return nil
}
