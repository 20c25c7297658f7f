// SPDX-License-Identifier: MIT

//go:build !unix

package bolt

import (
	"os"
	"syscall"
)

// lockFile leaves the lock to bbolt, whose lock is mandatory on this system.
func lockFile(*os.File) error { return nil }

// fullErrnos are what a system call says when there is no room.
var fullErrnos = []error{syscall.ENOSPC}
