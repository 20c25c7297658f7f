// SPDX-License-Identifier: MIT

package dmarc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDeviations: each record with every deviation as "code@octet".
func TestDeviations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ record, want string }{
		{"v=DMARC1; p=none", ""},
		{"v=DMARC1;p=reject;", ""},
		{"v = DMARC1 ; p = Reject ; ", ""},
		{"v=DMARC1; p=none; rua=mailto:a@example.org, mailto:b@example.org", ""},
		{"v=DMARC1; p=reject; sp=none; np=quarantine; psd=n; t=y; adkim=s; aspf=R; fo=1:d:s", ""},
		{"V=DMARC1; P=none", "tag-case@0 tag-case@10"},
		{"v=dmarc1; p=none", "version-case@2"},
		{"v=DMARC2; p=none", "version-value@2"},
		{"v=DMARC1, p=none", "version-separator@8"},
		{"v=DMARC1 p=none", "version-separator@8"},
		{"v=DMARC10; p=none", "version-separator@8 not-a-tag@8"},
		{"p=none", "no-version@0"},
		{"DMARC1; p=none", "not-a-tag@0 no-version@0"},
		{"p=none; v=DMARC1", "version-not-first@8"},
		{" v=DMARC1; p=none", "leading-text@0"},
		{`"v=DMARC1; p=none"`, "leading-text@0"},
		{"v=DMARC1", "policy-missing@8"},
		{"v=DMARC1; rua=mailto:a@example.org", "policy-missing@34"},
		{"v=DMARC1; p=block", "policy-invalid@12"},
		{"v=DMARC1; p=", "policy-invalid@12"},
		{"v=DMARC1; p=none; sp=all", "policy-invalid@21"},
		{"v=DMARC1; rua=mailto:a@example.org; p=none", "policy-not-second@36"},
		{"v=DMARC1; p=none; p=reject", "duplicate@18"},
		{"v=DMARC1; p=none; v=DMARC1", "duplicate@18"},
		{"v=DMARC1; p=none; pct=5; rf=afrf; ri=86400", "removed-tag@18 removed-tag@25 removed-tag@34"},
		{"v=DMARC1; p=none; pct=500", "removed-tag@18 value-invalid@22"},
		{"v=DMARC1; p=none; x=y", "unknown-tag@18"},
		{"v=DMARC1; p=none; adkim=relaxed; psd=x; t=1; fo=2", "value-invalid@24 value-invalid@37 value-invalid@42 value-invalid@48"},
		{"v=DMARC1; p=none; nonsense", "not-a-tag@18"},
		{"v=DMARC1; p=none; rua=mailto:a@example.org!10m", "uri-size@22"},
		{"v=DMARC1; p=none; rua=a@example.org", "uri-no-scheme@22"},
		{"v=DMARC1; p=none; rua=https://example.org/r", "uri-scheme@22"},
		{"v=DMARC1; p=none; rua=mailto:nobody,,mailto:a@-,", "uri-invalid@22 uri-invalid@36 uri-invalid@48"},
		{"v=DMARC1; p=none; rua=mailto:", "uri-invalid@22"},
		{"v=DMARC1; p=none\u00a0", "bad-character@16 policy-invalid@12"},
	} {
		r := Parse(c.record)
		var got []string
		for _, d := range r.Deviations {
			got = append(got, fmt.Sprintf("%s@%d", d.Code, d.At))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.record, got, c.want)
		}
	}
}

func TestRepaired(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ record, want string }{
		{"v=DMARC1; p=none", "v=DMARC1; p=none"},
		{"v=DMARC1, p=reject; rua=a@example.org", "v=DMARC1; p=reject; rua=mailto:a@example.org"},
		{`"v=dmarc1; P=Quarantine; pct=5; ri=1; adkim=s"`, "v=DMARC1; p=quarantine; adkim=s"},
		{"p=none; v=DMARC1; sp=x; rua=mailto:a@example.org!10m", "v=DMARC1; p=none; rua=mailto:a@example.org"},
		{"v=DMARC1; rua=mailto:a%2Cb@example.org", "v=DMARC1; p=none; rua=mailto:a%2Cb@example.org"},
		{"DMARC1; p=reject", "v=DMARC1; p=reject"},
	} {
		r := Parse(c.record)
		if got := r.Repaired(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.record, got, c.want)
		}
	}
}

// FuzzParse: positions point at what they quote, and whatever the record, its
// repaired form is a record without fault that says the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"v=DMARC1; p=none", "v=DMARC1, p=reject; rua=a@b.c", `"v=dmarc1;p=x"`, "p=none;v=DMARC1", "v=DMARC1; rua=mailto:a!b@c.d!5k,https://x/",
		"v=DMARC1;;;p=;=;a=b=c; fo=0:1:2", "v=DMARC1\tp=none\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := Parse(s)
		for _, tag := range r.Tags {
			if !strings.HasPrefix(s[tag.At:], tag.Name) || !strings.HasPrefix(s[tag.ValueAt:], tag.Value) {
				t.Fatalf("tag %+v is not at its place", tag)
			}
		}
		for _, d := range r.Deviations {
			if d.At < 0 || d.At > len(s) {
				t.Fatalf("deviation %+v is outside", d)
			}
		}
		again := Parse(r.Repaired())
		if !again.Version || !again.Usable() || len(again.Deviations) > 0 {
			t.Fatalf("repaired %q still deviates: %+v", again.Raw, again.Deviations)
		}
		if again.Repaired() != again.Raw {
			t.Fatalf("repaired twice: %q, %q", again.Raw, again.Repaired())
		}
		if r.P != "" && r.P != again.P || r.SP != again.SP || r.NP != again.NP || r.Test != again.Test || r.PSD != again.PSD ||
			r.ADKIM != again.ADKIM || r.ASPF != again.ASPF || !slices.Equal(r.FO, again.FO) {
			t.Fatalf("%q means something else than %q", again.Raw, s)
		}
	})
}
