// SPDX-License-Identifier: MIT

//go:build unix

package bolt

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the lock that bbolt will take again on the same open file. It
// is taken first because a database that another process is writing cannot be
// checked.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}

// fullErrnos are what a system call says when there is no room.
var fullErrnos = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
