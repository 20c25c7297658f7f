// SPDX-License-Identifier: MIT

package auth

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/netip"
	"os"
	"strings"
	"testing"

	msgauth "github.com/emersion/go-msgauth/dkim"

	"mailproof/check"
	"mailproof/check/checktest"
	"mailproof/evidence"
)

func groups() []check.Group { return []check.Group{Group(Config{})} }

func key(t testing.TB, bits string) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile("../../mailauth/dkim/testdata/keys/rsa" + bits + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	k, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// public is the p= of a key record.
func public(t testing.TB, bits string) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key(t, bits).Public())
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// keyLine is the zone line of a key record; pre is what stands before p=.
func keyLine(t testing.TB, domain, bits, pre string) string {
	t.Helper()
	text := pre + "p=" + public(t, bits)
	return "s._domainkey." + domain + ". TXT \"" + text[:200] + "\" \"" + text[200:] + "\"\n"
}

const letter = "From: Ann <ann@example.org>\nTo: bob@receiver.example\nSubject: Lunch\nDate: Sat, 21 Nov 2026 08:59:00 +0000\nMessage-ID: <1@example.org>\n\nAt noon?\n"

// signed is the letter signed by domains, each with selector s and one key.
func signed(t testing.TB, bits string, domains ...string) []byte {
	t.Helper()
	raw := checktest.CRLF(letter)
	for _, d := range domains {
		var out bytes.Buffer
		err := msgauth.Sign(&out, bytes.NewReader(raw), &msgauth.SignOptions{
			Domain: d, Selector: "s", Signer: key(t, bits),
			HeaderCanonicalization: msgauth.CanonicalizationRelaxed, BodyCanonicalization: msgauth.CanonicalizationRelaxed,
			HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID"},
		})
		if err != nil {
			t.Fatal(err)
		}
		raw = out.Bytes()
	}
	return raw
}

func session(mailFrom string) evidence.Session {
	return evidence.Session{
		ClientIP: netip.MustParseAddr("198.51.100.7"), ClientPort: 4711, Helo: "mail.example.org", EHLO: true,
		MailFrom: mailFrom, HasMailFrom: true, RcptTo: "bob@receiver.example",
	}
}

// Pieces of zones.
const (
	zoneMX    = "example.org. MX 10 mail.example.org.\nmail.example.org. A 198.51.100.7\n"
	zoneSPF   = "example.org. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
	zoneDMARC = "_dmarc.example.org. TXT \"v=DMARC1; p=none; rua=mailto:d@example.org\"\n"
)

// perfect is a mail with nothing to find fault with.
func perfect(t testing.TB) checktest.Case {
	return checktest.Case{
		Zone: zoneMX + zoneSPF + zoneDMARC + keyLine(t, "example.org", "2048", "v=DKIM1; "),
		Raw:  signed(t, "2048", "example.org"), Session: session("ann@example.org"),
	}
}

func mustIP(s string) netip.Addr { return netip.MustParseAddr(s) }
