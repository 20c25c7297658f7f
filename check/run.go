// SPDX-License-Identifier: MIT

package check

// run is one run of all checks: memo and trace belong to it.
type run struct{}
