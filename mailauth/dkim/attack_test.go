// SPDX-License-Identifier: MIT

package dkim

import (
	"context"
	"strings"
	"testing"
)

// TestAttackEndlessHeader: a mail of ordinary size that is all header. What is
// beyond the caps is not taken apart, and since nobody knows what stands there
// no signature passes.
func TestAttackEndlessHeader(t *testing.T) {
	t.Parallel()
	good := "From: a@example.com\r\nSubject: x\r\n"
	sig := "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=from; bh=AAAA; b=AAAA\r\n"
	for name, c := range map[string]struct {
		header string
		cut    bool
	}{
		"a million fields":     {sig + good + strings.Repeat("X:\r\n", 1<<20), true},
		"a million signatures": {sig + strings.Repeat("DKIM-Signature:x\r\n", 1<<20) + good, true},
		"a million tags":       {sig + good + "DKIM-Signature: " + strings.Repeat("a=b;", 1<<20) + "\r\n", true},
		"a million folds":      {sig + good + "X: a\r\n" + strings.Repeat(" b\r\n", 1<<20), true},
		"many fields":          {sig + good + strings.Repeat("X:\r\n", MaxFields-3), false},
	} {
		raw := []byte(c.header + "\r\nbody\r\n")
		m := Prepare(raw)
		if m.Cut != c.cut || len(m.Fields) > MaxFields+1 || string(m.Body) != "body\r\n" || !m.Blank {
			t.Errorf("%s: cut %v, %d fields, body %q", name, m.Cut, len(m.Fields), m.Body)
		}
		v := m.Verify(context.Background(), nil, Options{})[0]
		if tooLarge := v.Reason == HeaderTooLarge; tooLarge != c.cut || v.Result == Pass {
			t.Errorf("%s: %s %s", name, v.Result, v.Reason)
		}
	}
}
