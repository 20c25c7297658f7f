// SPDX-License-Identifier: MIT

package dns_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"mailproof/dns"
)

func TestParseChangesBothForms(t *testing.T) {
	t.Parallel()
	text := `
; a comment
$ORIGIN example.org.
@ 60 TXT "v=spf1 mx" " -all"
; replace s._domainkey CNAME Old
s._domainkey CNAME new.example.net.
; delete example.org MX 10 mail
; delete www A
; delete @ TXT "quoted \"x\""
`
	want := []dns.Change{
		{Action: dns.Add, Name: "example.org", Type: "TXT", TTL: 60, Value: "v=spf1 mx -all"},
		{Action: dns.Replace, Name: "s._domainkey.example.org", Type: "CNAME", TTL: 60, Old: "Old.example.org", Value: "new.example.net"},
		{Action: dns.Remove, Name: "example.org", Type: "MX", Old: "10 mail.example.org"},
		{Action: dns.Remove, Name: "www.example.org", Type: "A"},
		{Action: dns.Remove, Name: "example.org", Type: "TXT", Old: `quoted "x"`},
	}
	array, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(text)
	for _, form := range [][]byte{[]byte(text), array, quoted} {
		if got, err := dns.ParseChanges(form); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
		}
	}
}

func TestParseOverlayErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"; replace a TXT x\n":                         "overlay:1: no record follows",
		"; replace a TXT x\n\na TXT y\n":              "overlay:3: the line after",
		"; replace a TXT x\nb TXT y\n":                "overlay:2: the line after",
		"; replace a TXT x\na A 1.2.3.4\n":            "overlay:2: the line after",
		"; replace a TXT x\n; delete a TXT\n":         "overlay:2: a directive where",
		"; replace a TXT\na TXT y\n":                  "overlay:1: the directive replace takes",
		"; delete a\n":                                "overlay:1: the directive delete takes",
		"; delete a CAA\n":                            "overlay:1: unknown record type",
		"; delete a A x\n":                            "overlay:1: \"x\" is not an IPv4",
		"; servfail a\n":                              "overlay:1: the directive servfail belongs",
		"a CAA 0 issue x\n":                           "overlay:1: type CAA cannot",
		strings.Repeat("a TXT x\n", 1001):             "overlay:1001: more than 1000",
		`[{"action":"add","name":"a","type":"A"}]`:    "overlay: [0]: change of a A: no data",
		`[{"action":"tell","name":"a","type":"TXT"}]`: "overlay: [0]: change of a TXT: unknown action",
		`[{"action":"add","name":"a..b","type":"A"}]`: "overlay: [0]: change of a..b A: empty label",
		`[{`: "overlay: ",
	} {
		if _, err := dns.ParseChanges([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
}

// TestOverlayOfARecording: a hypothetical report asks recorded answers only.
func TestOverlayOfARecording(t *testing.T) {
	t.Parallel()
	tr := dns.NewTrace(zone(t, before))
	for _, n := range []string{"example.org", "lonely.example.org", "_dmarc.example.org", "s1._domainkey.example.org", "none.example.org"} {
		_, _ = tr.Lookup(t.Context(), n, "TXT")
	}
	changes, err := dns.ParseChanges([]byte("new._domainkey.example.org. TXT k\n; delete lonely.example.org TXT\n; delete _dmarc.example.org TXT\ns1.example.net. TXT more\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := dns.Overlay(dns.Cache(t.Context(), dns.Recorded(tr.Seal(), nil)), changes)
	for name, want := range map[string]string{
		"new._domainkey.example.org": "NOERROR [k] overlay",
		"lonely.example.org":         "NXDOMAIN overlay",
		"_dmarc.example.org":         "NXDOMAIN overlay",
		"none.example.org":           "NXDOMAIN",
		"never.example.org":          "NOT-RECORDED",
		"s1._domainkey.example.org":  "NOERROR >s1.example.net [v=DKIM1; p=old] [more] overlay",
	} {
		if got := ask(t, o, name, "TXT"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// FuzzOverlay: adding a record and deleting it again changes no answer; and a
// text that is an overlay means the same as the JSON made of it.
func FuzzOverlay(f *testing.F) {
	f.Add(" ", "lonely.example.org") // no changes at all
	f.Add("example.org. TXT x", "example.org")
	f.Add("a.b.new. CNAME mail.example.org.", "b.new")
	f.Add("; replace s1.example.net TXT \"v=DKIM1; p=old\"\ns1.example.net. TXT y", "s1._domainkey.example.org")
	f.Add("*.wild.example.org. MX 0 .\n; delete mail.example.org A", "x.wild.example.org")
	f.Add("h.cname.example.org. TXT v=spf1\nlonely.example.org. CNAME loop.example.org.", "h.cname.example.org")
	f.Fuzz(func(t *testing.T, text, name string) {
		changes, err := dns.ParseOverlay(strings.NewReader(text), "overlay")
		if err != nil {
			return
		}
		z := zone(t, before)
		ctx := context.Background()
		var undone []dns.Change
		for _, c := range changes {
			if set, err := z.Lookup(ctx, c.Name, c.Type); c.Action == dns.Add && err == nil && len(set.Records) == 0 {
				undone = append(undone, c, dns.Change{Action: dns.Remove, Name: c.Name, Type: c.Type, Old: c.Value})
			}
		}
		array, err := json.Marshal(changes)
		if err != nil {
			t.Fatal(err)
		}
		again, err := dns.ParseChanges(array)
		if err != nil {
			t.Fatalf("%s: %v", array, err)
		}
		for _, typ := range []dns.Type{"TXT", "A", "MX", "CNAME"} {
			if a, b := show(z.Lookup(ctx, name, typ)), show(dns.Overlay(z, undone).Lookup(ctx, name, typ)); a != b {
				t.Errorf("%s %s\nwas %s\nis  %s", name, typ, a, b)
			}
			a, b := show(dns.Overlay(z, changes).Lookup(ctx, name, typ)), show(dns.Overlay(z, again).Lookup(ctx, name, typ))
			if a != b && !strings.Contains(string(array), `\ufffd`) {
				t.Errorf("%s %s\ntext %s\nJSON %s", name, typ, a, b)
			}
		}
	})
}
