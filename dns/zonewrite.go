// SPDX-License-Identifier: MIT

package dns

import (
	"fmt"
	"io"
	"strings"
)

// WriteTo writes the zone as a master file that ParseZone reads back to the
// same zone, sorted, one record a line.
func (z *Zone) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, z.String())
	return int64(n), err
}

// String is the zone as a master file; see WriteTo.
func (z *Zone) String() string {
	var b strings.Builder
	if z.elsewhere {
		b.WriteString("; unknown-elsewhere\n")
	}
	words := map[RCode]string{ServFail: "servfail", Timeout: "timeout", Refused: "refused"}
	for _, name := range sortedKeys(z.failing) {
		fmt.Fprintf(&b, "; %s %s\n", words[z.failing[name]], PresentName(name))
	}
	for _, name := range sortedKeys(z.secure) {
		fmt.Fprintf(&b, "; secure %s\n", PresentName(name))
	}
	for _, name := range sortedKeys(z.nodes) {
		sets := z.nodes[name].sets
		for _, t := range sortedKeys(sets) {
			for _, r := range sets[t] {
				fmt.Fprintf(&b, "%s %d IN %s %s\n", PresentName(r.Name), r.TTL, t, presentRData(r))
			}
		}
	}
	return b.String()
}
