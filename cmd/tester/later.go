// SPDX-License-Identifier: MIT

package main

// laterCmd is a command whose name is settled and whose work is not done yet:
// it is refused with a clear message.
type laterCmd struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

func (laterCmd) Run() error { return exitWith(exitUsage, "this command is not available yet") }
