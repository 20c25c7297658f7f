// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"mailproof/report"
)

type versionCmd struct{}

func (versionCmd) Run(s *std) error {
	version, commit := buildVersion()
	_, err := fmt.Fprintf(s.out, "mailproof %s\ncommit %s\n%s %s/%s\nscoring %s\n",
		version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, report.ScoringVersion)
	return err
}

// buildVersion is what the Go toolchain stamped into the binary.
func buildVersion() (version, commit string) {
	version, commit = "devel", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, commit
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = s.Value
		}
	}
	return version, commit
}
