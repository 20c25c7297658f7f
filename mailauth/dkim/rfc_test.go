// SPDX-License-Identifier: MIT

package dkim

import (
	"context"
	"os"
	"strings"
	"testing"
)

// The examples of RFC 6376 appendix A and C, and of RFC 8463 appendix A.
func TestRFCExamples(t *testing.T) {
	t.Parallel()
	w := newWorld()
	text, err := os.ReadFile("testdata/rfc/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, rec, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			w.txt[name] = []string{rec}
		}
	}
	cases := []struct {
		file string
		want []string // algorithms, in order
	}{
		{"rfc6376-a2.eml", []string{"rsa-sha256"}},
		{"rfc8463-a3.eml", []string{"ed25519-sha256", "rsa-sha256"}},
	}
	for _, c := range cases {
		raw, err := os.ReadFile("testdata/rfc/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		vs := Verify(context.Background(), w, raw, Options{})
		if len(vs) != len(c.want) {
			t.Fatalf("%s: %d verdicts, want %d", c.file, len(vs), len(c.want))
		}
		for i, v := range vs {
			if v.Result != Pass || v.Algorithm != c.want[i] {
				t.Errorf("%s %d: %s %s %s %+v", c.file, i, v.Result, v.Algorithm, v.Reason, v.Problems)
			}
		}
		if changed := strings.Replace(string(raw), "hungry", "thirsty", 1); one0(t, w, changed).Reason != BodyHash {
			t.Errorf("%s: changed body not noticed", c.file)
		}
	}
}

func one0(t *testing.T, w *world, mail string) Verdict {
	t.Helper()
	return Verify(context.Background(), w, []byte(mail), Options{})[0]
}
