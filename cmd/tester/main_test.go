// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// suite removes what the tests built, once they have run.
type suite struct{ *testing.M }

func (s suite) Run() int {
	defer os.RemoveAll(buildDir())
	return s.M.Run()
}

// TestMain makes the test binary double as the program, for the scripts, and
// as the program that their "tester run" starts.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"tester": main, "sendfile": sendFile})
}

var buildDir = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "mailproof-build-")
	if err != nil {
		panic(err)
	}
	return dir
})

// build compiles the program as people run it: without the race detector, the
// memory of which would drown what is measured here.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir(), "tester")
	out, err := exec.Command("go", "build", "-trimpath", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// binary is the path of the compiled program.
func binary(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// tool is the path of a program that the test cannot do without.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	path = filepath.Join("/usr/sbin", name) // where Debian keeps servers, not in everybody's PATH
	if _, err := os.Stat(path); err != nil {
		missing(t, name)
	}
	return path
}

// root skips a test that needs to be the superuser.
func root(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root")
	}
}
