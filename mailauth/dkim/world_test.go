// SPDX-License-Identifier: MIT

package dkim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"

	"mailproof/dns"

	msgauth "github.com/emersion/go-msgauth/dkim"
)

// world is a closed DNS: TXT records by name, errors by name.
type world struct {
	txt    map[string][]string
	errs   map[string]dns.RCode
	cnames map[string][]string

	mu    sync.Mutex
	asked []string
}

func newWorld() *world {
	return &world{txt: map[string][]string{}, errs: map[string]dns.RCode{}, cnames: map[string][]string{}}
}

func (w *world) Lookup(ctx context.Context, name string, t dns.Type) (dns.Answer, error) {
	w.mu.Lock()
	w.asked = append(w.asked, name)
	w.mu.Unlock()
	name = strings.ToLower(name)
	if code := w.errs[name]; code != "" {
		return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: code}
	}
	texts, ok := w.txt[name]
	if !ok {
		return dns.Answer{RCode: dns.NXDomain}, nil
	}
	a := dns.Answer{RCode: dns.NoError, CNAMEs: w.cnames[name]}
	for _, s := range texts {
		a.Records = append(a.Records, dns.Record{Name: name, Type: dns.TypeTXT, TTL: 60, Value: s, Segments: []string{s}})
	}
	return a, nil
}

const testKeys = "testdata/keys/"

func rsaKey(tb testing.TB, file string) *rsa.PrivateKey {
	tb.Helper()
	text, err := os.ReadFile(testKeys + file)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(stripFWS(string(text)))
	if err != nil {
		tb.Fatal(err)
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func edKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte("an example of exactly 32 octets."))
}

// record is the key record of a public key.
func record(tb testing.TB, pub crypto.PublicKey) string {
	tb.Helper()
	switch k := pub.(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k)
	default:
		der, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			tb.Fatal(err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	}
}

const plainMail = "From: Ann <ann@example.com>\r\n" +
	"To: bob@example.net\r\n" +
	"Subject: Two  blanks\tand a tab,\r\n\tfolded \r\n" +
	"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n" +
	"Message-ID: <1@example.com>\r\n" +
	"\r\n" +
	"Hello  Bob,\t\r\n" +
	"  indented \r\n" +
	"\r\n" +
	"bye\r\n" +
	" \r\n\r\n\r\n"

// sign lets go-msgauth sign, so that we do not verify our own handwriting.
func sign(tb testing.TB, mail string, o msgauth.SignOptions) string {
	tb.Helper()
	if o.Domain == "" {
		o.Domain = "example.com"
	}
	if o.Selector == "" {
		o.Selector = "s1"
	}
	var out bytes.Buffer
	if err := msgauth.Sign(&out, strings.NewReader(mail), &o); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// signed is plainMail signed with the RSA key of s1.
func signed(tb testing.TB, h, b Canon) string {
	return sign(tb, plainMail, msgauth.SignOptions{Signer: rsaKey(tb, "rsa2048.txt"),
		HeaderCanonicalization: msgauth.Canonicalization(h), BodyCanonicalization: msgauth.Canonicalization(b),
		HeaderKeys: []string{"From", "From", "To", "Subject", "Date", "Message-ID"}})
}

// signedWorld publishes the keys that signed uses.
func signedWorld(tb testing.TB) *world {
	w := newWorld()
	w.txt["s1._domainkey.example.com"] = []string{record(tb, rsaKey(tb, "rsa2048.txt").Public())}
	w.txt["ed._domainkey.example.com"] = []string{record(tb, edKey().Public())}
	return w
}

// one verifies a mail that has one signature.
func one(tb testing.TB, w *world, mail string, o Options) Verdict {
	tb.Helper()
	vs := Verify(context.Background(), w, []byte(mail), o)
	if len(vs) != 1 {
		tb.Fatalf("%d verdicts, want 1", len(vs))
	}
	return vs[0]
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// rawSign signs by hand, since crypto/rsa refuses short keys.
func rawSign(key *rsa.PrivateKey, digest []byte) []byte {
	t := append(bytes.Clone(digestInfo[crypto.SHA256]), digest...)
	em := bytes.Repeat([]byte{0xff}, key.Size())
	em[0], em[1], em[len(em)-len(t)-1] = 0, 1, 0
	copy(em[len(em)-len(t):], t)
	return new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N).FillBytes(make([]byte, key.Size()))
}

// own2 is own for tags that may not allow a digest: then any signature will do.
func own2(tb testing.TB, key *rsa.PrivateKey, tags string) string {
	tb.Helper()
	s, _, _ := ParseSignature(tags)
	if s.Hash() != 0 && Prepare([]byte("DKIM-Signature: "+tags+"\r\n"+plainMail)).HeaderHash(0) != nil {
		return own(tb, key, tags)
	}
	return "DKIM-Signature: " + tags + "bh=" + b64(make([]byte, 32)) + "; b=AAAA\r\n" + plainMail
}

func hasNote(v Verdict, code NoteCode) bool {
	for _, n := range v.Notes {
		if n.Code == code {
			return true
		}
	}
	return false
}
