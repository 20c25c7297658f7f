// SPDX-License-Identifier: MIT

package dkim

import (
	"strings"
	"testing"

	"mailproof/dns"
)

// worldWith is signedWorld with the record of s1 replaced.
func worldWith(tb testing.TB, texts ...string) *world {
	w := signedWorld(tb)
	w.txt["s1._domainkey.example.com"] = texts
	return w
}

// Damaged, revoked, missing and unsuitable keys.
func TestKeys(t *testing.T) {
	t.Parallel()
	mail := signed(t, Relaxed, Relaxed)
	good := record(t, rsaKey(t, "rsa2048.txt").Public())
	p := strings.TrimPrefix(good, "v=DKIM1; k=rsa; p=")
	cases := []struct {
		name   string
		texts  []string
		result Result
		reason Reason
		sub    string
	}{
		{"good", []string{good}, Pass, "", ""},
		{"no v, no k", []string{"p=" + p}, Pass, "", ""},
		{"upper case k", []string{"k=RSA; p=" + p}, Pass, "", ""},
		{"v not first", []string{"k=rsa; v=DKIM1; p=" + p}, Pass, "", ""},
		{"folded p", []string{"k=rsa; p=" + p[:70] + " \t" + p[70:]}, Pass, "", ""},
		{"g and unknown", []string{"g=*; foo=bar; p=" + p}, Pass, "", ""},
		{"beside SPF", []string{"v=spf1 -all", good}, Pass, "", ""},
		{"two keys", []string{good, "p=" + p}, PermError, SeveralKeys, ""},
		{"nodata", []string{}, PermError, KeyMissing, "nodata"},
		{"only SPF", []string{"v=spf1 -all"}, PermError, KeySyntax, KeyVersion},
		{"revoked", []string{"v=DKIM1; p="}, PermError, KeyRevoked, ""},
		{"no p", []string{"v=DKIM1; k=rsa"}, PermError, KeySyntax, KeyNoKey},
		{"version", []string{"v=DKIM2; p=" + p}, PermError, KeySyntax, KeyVersion},
		{"version case", []string{"v=dkim1; p=" + p}, PermError, KeySyntax, KeyVersion},
		{"comma", []string{"v=DKIM1,p=" + p}, PermError, KeySyntax, KeyComma},
		{"comma later", []string{"v=DKIM1; k=rsa, p=" + p}, PermError, KeySyntax, KeyComma},
		{"semicolon missing", []string{"v=DKIM1 k=rsa; p=" + p}, PermError, KeySyntax, KeyNoSemicolon},
		{"semicolon missing later", []string{"v=DKIM1; k=rsa p=" + p}, PermError, KeySyntax, KeyNoSemicolon},
		{"quotes around", []string{"\"v=DKIM1; k=rsa; p=" + p + "\""}, PermError, KeySyntax, KeyQuotes},
		{"quotes inside", []string{"v=DKIM1; p=" + p[:60] + "\" \"" + p[60:]}, PermError, KeySyntax, KeyQuotes},
		{"backslash", []string{`v=DKIM1\; k=rsa\; p=` + p}, PermError, KeySyntax, KeyBackslash},
		{"hex", []string{"v=DKIM1; p=30820122300d06092a864886f70d01010105000382010f00"}, PermError, KeySyntax, KeyHex},
		{"pem", []string{"v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + p}, PermError, KeySyntax, KeyPEM},
		{"cut to a length that is none", []string{"v=DKIM1; p=" + p[:101]}, PermError, KeySyntax, Base64Length},
		{"padding gone", []string{"v=DKIM1; p=" + p[:102]}, PermError, KeySyntax, Base64Padding},
		{"cut", []string{"v=DKIM1; p=" + p[:100]}, PermError, KeySyntax, KeyDERCut},
		{"bad character", []string{"v=DKIM1; p=" + p[:50] + "*" + p[51:]}, PermError, KeySyntax, Base64Char},
		{"no DER", []string{"v=DKIM1; p=aGVsbG8gd29ybGQ="}, PermError, KeySyntax, KeyDER},
		{"duplicate", []string{good + "; k=rsa"}, PermError, KeySyntax, TagDuplicate},
		{"unknown type", []string{"k=dsa; p=" + p}, PermError, KeyType, ""},
		{"other type", []string{record(t, edKey().Public())}, PermError, KeyType, ""},
		{"hash", []string{"h=sha1; p=" + p}, PermError, KeyHash, ""},
		{"hash list", []string{"h=sha1 : SHA256; p=" + p}, Pass, "", ""},
		{"service", []string{"s=tlsrpt; p=" + p}, PermError, KeyService, ""},
		{"service email", []string{"s=Email:x; p=" + p}, Pass, "", ""},
		{"another key", []string{record(t, rsaKey(t, "rsa1024.txt").Public())}, Fail, BadSignature, ""},
	}
	for _, c := range cases {
		v := one(t, worldWith(t, c.texts...), mail, Options{})
		sub := ""
		if len(v.Problems) > 0 {
			sub = v.Problems[0].Sub
		}
		if v.Result != c.result || v.Reason != c.reason || sub != c.sub {
			t.Errorf("%s: %s %s %q, want %s %s %q", c.name, v.Result, v.Reason, sub, c.result, c.reason, c.sub)
		}
		if !v.BodyHashOK {
			t.Errorf("%s: body hash", c.name)
		}
	}
}

// Nobody knows is temperror; no such name is not.
func TestDNS(t *testing.T) {
	t.Parallel()
	mail := signed(t, Relaxed, Relaxed)
	cases := map[dns.RCode]struct {
		result Result
		reason Reason
	}{
		dns.Timeout: {TempError, DNSTimeout}, dns.ServFail: {TempError, DNSError}, dns.Refused: {TempError, DNSError},
		dns.OverBudget: {TempError, DNSError}, dns.NotRecorded: {TempError, DNSError}, dns.BadName: {PermError, KeyMissing},
	}
	for code, want := range cases {
		w := signedWorld(t)
		w.errs["s1._domainkey.example.com"] = code
		changed := strings.Replace(mail, "bye", "bye!", 1)
		if v := one(t, w, changed, Options{}); v.Result != want.result || v.Reason != want.reason || v.BodyHashOK {
			t.Errorf("%s: %s %s", code, v.Result, v.Reason)
		}
	}
	w := newWorld()
	if v := one(t, w, mail, Options{}); v.Reason != KeyMissing || v.Problems[0].Sub != "nxdomain" {
		t.Errorf("nxdomain: %s %v", v.Reason, v.Problems)
	}
}
