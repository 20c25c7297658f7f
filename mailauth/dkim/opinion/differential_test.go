// SPDX-License-Identifier: MIT

package opinion

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailproof/dns"
	"mailproof/mailauth/dkim"

	msgauth "github.com/emersion/go-msgauth/dkim"
)

// zone answers the one key name with its texts.
type zone struct {
	texts []string
	code  dns.RCode
}

func (z zone) Lookup(_ context.Context, name string, t dns.Type) (dns.Answer, error) {
	if z.code != "" {
		return dns.Answer{}, &dns.Error{Name: name, Type: t, Code: z.code}
	}
	a := dns.Answer{RCode: dns.NoError}
	for _, s := range z.texts {
		a.Records = append(a.Records, dns.Record{Name: name, Type: t, Value: s})
	}
	return a, nil
}

const mail = "From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: Two  blanks\r\n\tfolded\r\n" +
	"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\nHello  Bob,\t\r\n\r\nbye\r\n \r\n\r\n"

// seeds are valid mails with their key records. They are signed in a bubble,
// where the clock begins at a fixed time, so they are the same in each run.
func seeds(t *testing.T) (mails, records []string) {
	synctest.Test(t, func(t *testing.T) { mails, records = signSeeds(t) })
	return mails, records
}

func signSeeds(t *testing.T) (mails, records []string) {
	text, err := os.ReadFile("../testdata/keys/rsa1024.txt")
	if err != nil {
		t.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	priv, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := x509.MarshalPKIXPublicKey(&priv.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	ed := ed25519.NewKeyFromSeed([]byte("an example of exactly 32 octets."))
	keys := []struct {
		s   crypto.Signer
		rec string
	}{
		{priv, "v=DKIM1; k=rsa; h=sha256; s=email; t=s; n=a note; p=" + base64.StdEncoding.EncodeToString(pub)},
		{ed, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(ed.Public().(ed25519.PublicKey))},
	}
	for _, k := range keys {
		for _, c := range []msgauth.Canonicalization{"simple", "relaxed"} {
			var out bytes.Buffer
			err := msgauth.Sign(&out, strings.NewReader(mail), &msgauth.SignOptions{Domain: "example.com", Selector: "s1", Signer: k.s,
				Identifier: "ann@example.com", HeaderCanonicalization: c, BodyCanonicalization: c,
				HeaderKeys: []string{"From", "Subject", "To", "Date", "From"}, Expiration: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			mails, records = append(mails, out.String()), append(records, k.rec)
		}
	}
	return mails, records
}

// bits are what mutations insert: the punctuation of tag lists and headers.
var bits = []string{" ", "\t", "\r\n", "\n", "\r", ";", "=", ":", ",", "\"", "\x00", "\x7f", "é", "A", "b=", "xb=1;", "l=5;",
	"t=y;", "\r\n\t", "From: x@y.example\r\n", "From:", "/", "relaxed", "rsa", "@", ".", "+", "z=b=1;", "v=1;", "t=s;", "From"}

// mutate changes s in one of the ways mail and records get changed.
func mutate(r *rand.Rand, s string) string {
	i := r.IntN(len(s))
	switch r.IntN(7) {
	case 0:
		return s[:i] + s[i+1:]
	case 1, 2:
		return s[:i] + bits[r.IntN(len(bits))] + s[i:]
	case 3:
		return s[:i] + flipCase(s[i:i+1]) + s[i+1:]
	case 4: // at a tag boundary, where it hurts most
		if j := strings.IndexByte(s[i:], ';'); j >= 0 {
			return s[:i+j+1] + bits[r.IntN(len(bits))] + s[i+j+1:]
		}
		return s
	case 5:
		j := min(len(s), i+r.IntN(12))
		return s[:i] + s[j:]
	default:
		j := min(len(s), i+r.IntN(20))
		return s[:j] + s[i:]
	}
}

// resigned changes what the signature says, and perhaps the key record, and
// signs it again, so that only the odd form can keep it from verifying.
func resigned(r *rand.Rand, raw, rec string, alsoRecord bool) (string, string) {
	raw = strings.Replace(raw, "rsa-sha256", "ed25519-sha256", 1)
	end := strings.Index(raw, "\r\nFrom")
	b := strings.LastIndex(raw[:end], "b=")
	const name = "DKIM-Signature:"
	for range 1 + r.IntN(2) {
		value := raw[len(name) : b+2]
		if r.IntN(2) == 0 { // one more tag, or a longer value
			at := []int{0, len(value) - 2}[r.IntN(2)]
			value = value[:at] + bits[r.IntN(len(bits))] + value[at:]
		} else {
			value = mutate(r, value)
		}
		raw, end, b = name+value+raw[end:], len(name)+len(value), len(name)+len(value)-2
	}
	key := ed25519.NewKeyFromSeed([]byte("an example of exactly 32 octets."))
	if !strings.Contains(rec, "ed25519") {
		rec = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	}
	if alsoRecord {
		rec = mutate(r, rec)
	}
	m := dkim.Prepare([]byte(raw))
	if len(m.Signatures()) == 0 {
		return raw, rec
	}
	s := m.Signatures()[0]
	digest := m.HeaderHash(0)
	tag, ok := s.Tags.Get("b")
	if !ok || digest == nil {
		return raw, rec
	}
	at := len(name) + tag.RawStart
	return raw[:at] + base64.StdEncoding.EncodeToString(ed25519.Sign(key, digest)) + raw[at:], rec
}

func flipCase(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}

// Each disagreement with go-msgauth is in Known, or this fails.
func TestDifferential(t *testing.T) {
	t.Parallel()
	const rounds = 8000
	r := rand.New(rand.NewPCG(6376, 8463))
	mails, records := seeds(t)
	ctx, agreed, known := context.Background(), 0, map[string]int{}
	for n := range rounds {
		i := n % len(mails)
		raw, rec := mails[i], records[i]
		if n%2 == 0 {
			raw, rec = resigned(r, raw, rec, n%3 == 0)
		}
		for range r.IntN(2) + n%2 {
			switch header := strings.Index(raw, "\r\nFrom"); {
			case r.IntN(3) == 0:
				rec = mutate(r, rec)
			case header > 0 && r.IntN(3) > 0:
				raw = "D" + mutate(r, raw[1:header]) + raw[header:]
			default:
				raw = mutate(r, raw)
			}
		}
		z := zone{texts: []string{rec}}
		if r.IntN(20) == 0 {
			z.texts = append(z.texts, "v=spf1 -all")
		}
		vs := dkim.Verify(ctx, z, []byte(raw), dkim.Options{Now: time.Now()})
		ran, diffs := SecondOpinion(ctx, z, []byte(raw), vs)
		if len(diffs) > 0 {
			t.Errorf("round %d: %v\n%q\n%q", n, diffs, raw, rec)
		}
		if ran && len(vs) > 0 {
			agreed++
			count(ctx, z, raw, vs, known)
		}
	}
	t.Logf("%d compared; known differences met: %v", agreed, known)
	if agreed < rounds/2 {
		t.Errorf("only %d of %d compared", agreed, rounds)
	}
}

// count notes which known differences were met.
func count(ctx context.Context, z zone, raw string, vs []dkim.Verdict, known map[string]int) {
	got, _ := msgauth.VerifyWithOptions(strings.NewReader(raw), &msgauth.VerifyOptions{
		LookupTXT: func(n string) ([]string, error) { return lookupTXT(ctx, z, n) }})
	for i := range min(len(got), len(vs)) {
		if pass := got[i].Err == nil; pass != (vs[i].Result == dkim.Pass) {
			known[Explain([]byte(raw), &vs[i], pass)]++
		}
	}
}

// A difference without name or reason, or twice, is no documentation.
func TestKnown(t *testing.T) {
	t.Parallel()
	var names []string
	for _, d := range Known {
		if d.Name == "" || d.Reason == "" || slices.Contains(names, d.Name) {
			t.Errorf("%+v", d)
		}
		names = append(names, d.Name)
	}
}

// What the other verifier cannot take is not given to it.
func TestNotRun(t *testing.T) {
	t.Parallel()
	mails, records := seeds(t)
	z := zone{texts: records[:1]}
	for name, raw := range map[string]string{
		"unsigned": mail,
		"large":    mails[0] + strings.Repeat("x", MaxOctets),
		"blank":    mails[0] + strings.Repeat("\r\n", MaxBlank),
		"cut":      mails[0][:strings.Index(mails[0], "\r\n\r\n")],
	} {
		vs := dkim.Verify(context.Background(), z, []byte(raw), dkim.Options{})
		if ran, diffs := SecondOpinion(context.Background(), z, []byte(raw), vs); ran || len(diffs) > 0 {
			t.Errorf("%s: ran %v, %v", name, ran, diffs)
		}
	}
}

// An unexplained difference is told: here our verdict is made wrong by hand.
func TestDifferenceTold(t *testing.T) {
	t.Parallel()
	mails, records := seeds(t)
	z := zone{texts: records[:1]}
	vs := dkim.Verify(context.Background(), z, []byte(mails[0]), dkim.Options{})
	if ran, diffs := SecondOpinion(context.Background(), z, []byte(mails[0]), vs); !ran || len(diffs) > 0 {
		t.Fatalf("ran %v, %v", ran, diffs)
	}
	vs[0].Result, vs[0].Reason = dkim.Fail, dkim.BadSignature
	if _, diffs := SecondOpinion(context.Background(), z, []byte(mails[0]), vs); len(diffs) != 1 {
		t.Errorf("told %v", diffs)
	}
	down := zone{code: dns.Timeout}
	vs = dkim.Verify(context.Background(), down, []byte(mails[0]), dkim.Options{})
	if ran, diffs := SecondOpinion(context.Background(), down, []byte(mails[0]), vs); !ran || len(diffs) > 0 || vs[0].Reason != dkim.DNSTimeout {
		t.Errorf("timeout: ran %v, %v, %s", ran, diffs, vs[0].Reason)
	}
}
