// SPDX-License-Identifier: MIT

package opinion

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"mailproof/mailauth/dkim"
)

// Each known difference that mutation seldom meets, met on purpose: the two
// verifiers do differ, and the difference goes by its name.
func TestKnownMet(t *testing.T) {
	t.Parallel()
	key := ed25519.NewKeyFromSeed([]byte("an example of exactly 32 octets."))
	p := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	const base = "v=1; a=ed25519-sha256; d=example.com; s=s1; h=From:Subject; c=relaxed/relaxed; "
	const rec = "v=DKIM1; k=ed25519; p="
	cases := []struct{ name, tags, record string }{
		{"l-tag", base + "l=5; ", rec + p},
		{"strict-identity", base + "i=@sub.example.com; ", "t=s; k=ed25519; p=" + p},
		{"expires-first", base + "t=7258118400; x=7258118300; ", rec + p},
		{"identity-case", base + "i=@Example.COM; ", rec + p},
		{"identity-coded", base + "i=a=20b@example.co=6d; ", rec + p},
		{"b-elsewhere", base + "xb=1; ", rec + p},
		{"b-elsewhere", base + "z=From:b=ann; ", rec + p},
		{"self-in-h", strings.Replace(base, "Subject", "DKIM-Signature", 1), rec + p},
		{"value-case", strings.Replace(base, "relaxed", "Relaxed", 2), rec + p},
		{"value-case", base, "k=Ed25519; p=" + p},
		{"key-white-space", base, rec + p[:8] + "\t" + p[8:]},
		{"number", base + "t=+5; ", rec + p},
		{"domain-syntax", strings.Replace(base, "example.com", "localhost", 1), rec + p},
		{"value-form", strings.Replace(base, "c=relaxed", "c=", 1), rec + p},
	}
	for _, c := range cases {
		raw := signTags(key, c.tags)
		z := zone{texts: []string{c.record}}
		vs := dkim.Verify(context.Background(), z, []byte(raw), dkim.Options{Now: time.Now()})
		met := map[string]int{}
		count(context.Background(), z, raw, vs, met)
		if met[c.name] != 1 {
			t.Errorf("%s: %s %s, met %v", c.name, vs[0].Result, vs[0].Reason, met)
		}
		if ran, diffs := SecondOpinion(context.Background(), z, []byte(raw), vs); !ran || len(diffs) > 0 {
			t.Errorf("%s: ran %v, %v", c.name, ran, diffs)
		}
	}
}

// signTags signs a mail with a field of exactly these tags; bh= and b= are added.
func signTags(key ed25519.PrivateKey, tags string) string {
	body := dkim.Prepare([]byte(mail))
	unsigned := dkim.Prepare([]byte("DKIM-Signature: " + tags + "bh=; b=\r\n" + mail)).Signatures()[0]
	sum := body.BodyHash(unsigned.BodyCanon, unsigned.Hash(), unsigned.BodyLength)
	tags += "bh=" + base64.StdEncoding.EncodeToString(sum.Digest) + "; b="
	m := dkim.Prepare([]byte("DKIM-Signature: " + tags + "\r\n" + mail))
	digest := m.HeaderHash(0)
	if digest == nil { // a= or c= that we refuse: as relaxed/simple would be
		var fields [][]byte
		for _, i := range m.SignedFields(0) {
			fields = append(fields, m.Fields[i].Raw)
		}
		digest = dkim.Digest(unsigned.Hash(), m.HeaderInput(0, dkim.Simple, fields))
	}
	return "DKIM-Signature: " + tags + base64.StdEncoding.EncodeToString(ed25519.Sign(key, digest)) + "\r\n" + mail
}
