// SPDX-License-Identifier: MIT

package testaddr

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestMintedSecretsAreLongDistinctAndPlain(t *testing.T) {
	t.Parallel()
	bits := math.Log2(float64(len(alphabet)))
	if got := bits * localLen; got < 80 {
		t.Errorf("an address holds %.1f bits, want at least 80", got)
	}
	for _, mint := range []func() string{Mint, MintID} {
		seen := map[string]bool{}
		count := map[rune]int{}
		for range 2000 {
			s := mint()
			if seen[s] {
				t.Fatalf("%q was minted twice", s)
			}
			seen[s] = true
			for _, r := range s {
				count[r]++
			}
		}
		for r := range count {
			if !strings.ContainsRune(alphabet, r) {
				t.Errorf("%q is not in the alphabet", r)
			}
		}
		if len(count) != len(alphabet) {
			t.Errorf("%d of %d characters are used", len(count), len(alphabet))
		}
	}
	if strings.ContainsAny(alphabet, "01258oilzsbgqv9") {
		t.Error("the alphabet holds look-alikes")
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		recipient, want string
		err             error
	}{
		{"abc@test.example", "abc", nil},
		{"ABC@Test.Example", "abc", nil},
		{"abc+news@test.example", "abc", nil},
		{"abc+a+b@test.example.", "abc", nil},
		{"abc@other.example", "", ErrForeign},
		{"abc@sub.test.example", "", ErrForeign},
		{"abc@test.example@other.example", "", ErrForeign},
		{"abc@other.example@test.example", "abc@other.example", nil},
		{"a\u212a@test.example", "a\u212a", nil}, // the Kelvin sign is no k
		{"@test.example", "", ErrSyntax},
		{"+tag@test.example", "", ErrSyntax},
		{"abc@", "", ErrSyntax},
		{"abc", "", ErrSyntax},
		{"", "", ErrSyntax},
		{strings.Repeat("a", 1500) + "@test.example", "", ErrSyntax},
	}
	for _, tt := range tests {
		got, err := Local(tt.recipient, "test.EXAMPLE", "second.example")
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("Local(%q) = %q, %v; want %q, %v", tt.recipient, got, err, tt.want, tt.err)
		}
	}
	if got, err := Local("x@second.example", "test.example", "second.example"); got != "x" || err != nil {
		t.Errorf("second domain: %q, %v", got, err)
	}
}

func FuzzLocal(f *testing.F) {
	f.Add("abc+tag@test.example")
	f.Add("\"a@b\"@TEST.example.")
	f.Add("a\x00b@test.example")
	f.Fuzz(func(t *testing.T, recipient string) {
		local, err := Local(recipient, "test.example")
		if err != nil {
			if local != "" {
				t.Fatalf("error and %q", local)
			}
			return
		}
		if local == "" || strings.ContainsAny(local, "+ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Fatalf("%q is not folded and cut", local)
		}
		// Only the ends of an address may be changed by the reader: what is
		// found is found again, whatever its case and tag.
		for _, again := range []string{local + "@test.example", local + "+x@TEST.EXAMPLE"} {
			if len(again) > maxAddress {
				continue // the tag made it longer than an address may be
			}
			if l, err := Local(again, "test.example"); l != local || err != nil {
				t.Fatalf("Local(%q) = %q, %v; want %q", again, l, err, local)
			}
		}
		// What we did not mint never folds into what we did.
		if !strings.EqualFold(recipient[:len(local)], local) {
			t.Fatalf("%q does not begin with %q", recipient, local)
		}
	})
}
