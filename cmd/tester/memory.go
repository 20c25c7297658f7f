// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"runtime/debug"
)

// Receiving mail makes much short-lived memory on a small heap, which Go would
// collect very often. The server lets the heap grow more in between, but not
// past memoryTarget, from which on it collects as often as it takes. GOGC and
// GOMEMLIMIT in the environment win.
const (
	heapGrowth   = 300 // per cent; Go's own is 100
	memoryTarget = 120 << 20
)

func tuneMemory() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(heapGrowth)
		debug.SetMemoryLimit(memoryTarget)
	}
}
