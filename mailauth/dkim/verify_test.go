// SPDX-License-Identifier: MIT

package dkim

import (
	"context"
	"crypto"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"
	"time"

	msgauth "github.com/emersion/go-msgauth/dkim"
)

// Every kind of damage under all four canonicalizations: which of them survive it.
func TestDamage(t *testing.T) {
	t.Parallel()
	both := []string{"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"}
	cases := []struct {
		name, old, new string
		survive        string // space-separated c= values
		reason         Reason // of the others
	}{
		{"nothing", "", "", strings.Join(both, " "), ""},
		{"body word", "bye", "bye!", "", BodyHash},
		{"body trailing space", "bye\r\n", "bye \r\n", "simple/relaxed relaxed/relaxed", BodyHash},
		{"body run of blanks", "Hello  Bob", "Hello Bob", "simple/relaxed relaxed/relaxed", BodyHash},
		{"body tab", "Hello  Bob", "Hello\tBob", "simple/relaxed relaxed/relaxed", BodyHash},
		{"body indentation gone", "  indented", "indented", "", BodyHash},
		{"body trailing lines", "bye\r\n \r\n\r\n\r\n", "bye\r\n", "simple/relaxed relaxed/relaxed", BodyHash},
		{"body only empty lines cut", "\r\n \r\n\r\n\r\n", "\r\n \r\n", strings.Join(both, " "), ""},
		{"body footer", "bye\r\n", "bye\r\n-- \r\nlist\r\n", "", BodyHash},
		{"body bare lf", "Bob,\t\r\n", "Bob,\t\n", "", BodyHash},
		{"subject prefix", "Subject: Two", "Subject: [EXT] Two", "", BadSignature},
		{"subject case of name", "Subject: Two", "SUBJECT: Two", "relaxed/simple relaxed/relaxed", BadSignature},
		{"subject unfolded", "tab,\r\n\tfolded", "tab, folded", "relaxed/simple relaxed/relaxed", BadSignature},
		{"space before colon", "Subject: Two", "Subject : Two", "relaxed/simple relaxed/relaxed", BadSignature},
		{"second From above", "From: Ann", "From: Eve <eve@evil.example>\r\nFrom: Ann", "", BadSignature},
		{"second To above", "To: bob", "To: eve@evil.example\r\nTo: bob", strings.Join(both, " "), ""},
		{"second To below", "\r\nDate: ", "\r\nTo: eve@evil.example\r\nDate: ", "", BadSignature},
		{"field added", "Subject: Two", "X-New: 1\r\nSubject: Two", strings.Join(both, " "), ""},
		{"field removed", "Message-ID: <1@example.com>\r\n", "", "", BadSignature},
	}
	w := signedWorld(t)
	for _, canon := range both {
		h, b, _ := strings.Cut(canon, "/")
		mail := signed(t, Canon(h), Canon(b))
		for _, c := range cases {
			changed := strings.Replace(mail, c.old, c.new, 1)
			v := one(t, w, changed, Options{})
			want, reason := Fail, c.reason
			if strings.Contains(" "+c.survive+" ", " "+canon+" ") {
				want, reason = Pass, ""
			}
			if v.Result != want || v.Reason != reason {
				t.Errorf("%s, %s: %s %s, want %s %s", canon, c.name, v.Result, v.Reason, want, reason)
			}
			if wantBody := reason != BodyHash; v.BodyHashOK != wantBody || !v.HeaderChecked || v.HeaderHashOK != (reason != BadSignature) {
				t.Errorf("%s, %s: body %v, header %v", canon, c.name, v.BodyHashOK, v.HeaderHashOK)
			}
		}
	}
}

// RFC 8301: weak, however right the digests are.
func TestWeak(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{512, 1024, 2048, 4096} {
		key := rsaKey(t, fmt.Sprintf("rsa%d.txt", bits))
		mail := own(t, key, "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=From; ")
		v := one(t, worldWith(t, record(t, key.Public())), mail, Options{})
		want := Pass
		if bits < MinRSABits {
			want = Policy
		}
		if v.Result != want || v.KeyBits != bits || !v.HeaderHashOK || !v.BodyHashOK {
			t.Errorf("%d bits: %s %s, %d bits, %v %v", bits, v.Result, v.Reason, v.KeyBits, v.BodyHashOK, v.HeaderHashOK)
		}
	}
	key := rsaKey(t, "rsa2048.txt")
	mail := own(t, key, "v=1; a=rsa-sha1; d=example.com; s=s1; h=From; ")
	v := one(t, worldWith(t, record(t, key.Public())), mail, Options{})
	if v.Result != Policy || v.Reason != SHA1 || !v.HeaderHashOK || !v.BodyHashOK {
		t.Errorf("sha1: %s %s %v %v", v.Result, v.Reason, v.BodyHashOK, v.HeaderHashOK)
	}
	digest, h, ok := RecoverDigest(&key.PublicKey, v.SignatureData)
	if !ok || h != crypto.SHA1 || string(digest) != string(v.HeaderDigest) {
		t.Errorf("recovered %x %v %v", digest, h, ok)
	}
	if _, _, ok := RecoverDigest(&rsaKey(t, "rsa4096.txt").PublicKey, v.SignatureData); ok {
		t.Error("recovered with another key")
	}
}

// own signs plainMail with a field of exactly these tags, as go-msgauth would not.
func own(tb testing.TB, key *rsa.PrivateKey, tags string) string {
	tb.Helper()
	s, _, _ := ParseSignature(tags)
	sum := Prepare([]byte(plainMail)).BodyHash(s.BodyCanon, s.Hash(), s.BodyLength)
	field := "DKIM-Signature: " + tags + "bh=" + b64(sum.Digest) + "; b="
	digest := Prepare([]byte(field + "\r\n" + plainMail)).HeaderHash(0)
	var sig []byte
	var err error
	if key.N.BitLen() < MinRSABits {
		sig = rawSign(key, digest)
	} else {
		sig, err = rsa.SignPKCS1v15(nil, key, s.Hash(), digest)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return field + b64(sig) + "\r\n" + plainMail
}

// What the tags of a signature say.
func TestSignatureTags(t *testing.T) {
	t.Parallel()
	key := rsaKey(t, "rsa2048.txt")
	w := signedWorld(t)
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	const base = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=From:To; "
	re := func(old, new string) string { return strings.Replace(base, old, new, 1) }
	cases := []struct {
		tags   string
		result Result
		reason Reason
	}{
		{base, Pass, ""},
		{base + "xb=1; z=From:b=x; foo=;", Pass, ""},
		{base + "i=ann@News.EXAMPLE.com; ", Pass, ""},
		{base + "i=@example.org; ", PermError, DomainMismatch},
		{base + "i=@badexample.com; ", PermError, DomainMismatch},
		{base + "i=ann; ", PermError, TagSyntax},
		{base + "t=1795000000; x=1900000000; ", Pass, ""},
		{base + "x=1795000000; ", Fail, Expired},
		{base + "t=1900000000; x=1900000000; ", PermError, ExpiresFirst},
		{base + "t=1900000000; ", Pass, ""},
		{base + "t=-5; ", PermError, TagSyntax},
		{base + "l=20; ", Pass, ""},
		{base + "l=0; ", Pass, ""},
		{base + "l=99999; ", Fail, BodyLength},
		{base + "l=9999999999999999999999999; ", Fail, BodyLength},
		{base + "q=dns/txt:other; ", Pass, ""},
		{base + "q=ldap; ", PermError, QueryMethod},
		{base + "s=s1; ", PermError, TagSyntax},
		{base + "junk; ", PermError, TagSyntax},
		{base + "n=a\x00b; ", PermError, TagSyntax},
		{re("v=1", "v=2"), PermError, Version},
		{re("v=1; ", ""), PermError, TagSyntax},
		{re("rsa-sha256", "RSA-SHA256"), Pass, ""},
		{re("rsa-sha256", "rsa-md5"), PermError, BadAlgorithm},
		{re("relaxed/relaxed", "Relaxed/RELAXED"), Pass, ""},
		{re("relaxed/relaxed", "relaxed"), Pass, ""},
		{re("relaxed/relaxed", "nowsp"), PermError, BadCanon},
		{re("From:To", "To:Subject"), PermError, FromUnsigned},
		{re("From:To", "From::To"), PermError, TagSyntax},
		{re("From:To", "FROM : to"), Pass, ""},
		{re("d=example.com", "d=EXAMPLE.com"), Pass, ""},
		{re("d=example.com", "d=example.com(.evil.example)"), PermError, DomainSyntax},
		{re("d=example.com", "d=com"), PermError, DomainSyntax},
		{re("s=s1", "s=s1."), PermError, SelectorSyntax},
	}
	for _, c := range cases {
		tags := c.tags
		v := one(t, w, own2(t, key, tags), Options{Now: now})
		if v.Result != c.result || v.Reason != c.reason {
			t.Errorf("%s: %s %s %v, want %s %s", tags, v.Result, v.Reason, v.Problems, c.result, c.reason)
		}
	}
}

// What is kept beside the verdict.
func TestKept(t *testing.T) {
	t.Parallel()
	key := rsaKey(t, "rsa2048.txt")
	mail := own(t, key, "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=From:From:To; l=10; t=1900000000; ")
	w := worldWith(t, strings.Replace(record(t, key.Public()), "k=rsa", "k=rsa; t=y; n=old=20key", 1))
	w.cnames["s1._domainkey.example.com"] = []string{"s1.vendor.example"}
	v := one(t, w, mail, Options{Now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
	if v.Result != Pass || v.Body.Covered != 10 || v.Body.Total <= 10 || !v.Testing || v.KeyNotes != "old key" {
		t.Errorf("%s %+v %v %q", v.Result, v.Body, v.Testing, v.KeyNotes)
	}
	for _, n := range []NoteCode{NoteLength, NotePartialBody, NoteFuture, NoteTesting} {
		if !hasNote(v, n) {
			t.Errorf("no note %s in %v", n, v.Notes)
		}
	}
	if got := strings.Join(v.Oversigned(), " "); got != "from" || !v.FromOversigned() {
		t.Errorf("over-signed %q", got)
	}
	if got := strings.Join(v.Unsigned(), " "); got != "subject date message-id" {
		t.Errorf("unsigned %q", got)
	}
	if len(v.Key.Answer.CNAMEs) != 1 || v.Key.Index != 0 || v.Key.Answer.Records[0].Segments == nil {
		t.Errorf("key %+v", v.Key)
	}
	strict := worldWith(t, "t=s; "+record(t, key.Public())[len("v=DKIM1; "):])
	sub := own(t, key, "v=1; a=rsa-sha256; d=example.com; s=s1; h=From; i=@news.example.com; ")
	if v := one(t, strict, sub, Options{}); v.Reason != StrictIdentity || !v.HeaderHashOK {
		t.Errorf("t=s: %s %s", v.Result, v.Reason)
	}
}

// Line ends as received, and what they would be with CRLF.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	w := signedWorld(t)
	mail := signed(t, Relaxed, Relaxed)
	v := one(t, w, strings.ReplaceAll(mail, "\r\n", "\n"), Options{})
	if v.Result != Fail || !v.NormalizedLF || !hasNote(v, NoteBareLF) {
		t.Errorf("bare LF: %s, normalized %v", v.Result, v.NormalizedLF)
	}
	broken := strings.Replace(mail, "bye", "bye!", 1)
	if v := one(t, w, strings.ReplaceAll(broken, "\r\n", "\n"), Options{}); v.NormalizedLF {
		t.Error("a changed body is not a matter of line ends")
	}
	empty := signMail(t, "From: Ann <ann@example.com>\r\n\r\n")
	for _, cut := range []string{"\r\n", "\r\n\r\n"} {
		if v := one(t, w, strings.TrimSuffix(empty, cut), Options{}); v.Result != Pass {
			t.Errorf("without %q at the end: %s %s", cut, v.Result, v.Reason)
		}
	}
}

func signMail(tb testing.TB, mail string) string {
	return sign(tb, mail, msgauth.SignOptions{Signer: rsaKey(tb, "rsa2048.txt"),
		HeaderCanonicalization: "relaxed", BodyCanonicalization: "relaxed"})
}

// Ten signatures are verified, each name asked for once, the rest named.
func TestManySignatures(t *testing.T) {
	t.Parallel()
	w := signedWorld(t)
	mail := plainMail
	for range 12 {
		mail = signMail(t, mail)
	}
	mail = sign(t, mail, msgauth.SignOptions{Signer: edKey(), Selector: "ed", HeaderCanonicalization: "relaxed"})
	m := Prepare([]byte(mail))
	vs := m.Verify(context.Background(), w, Options{})
	for i, v := range vs {
		want, reason := Pass, Reason("")
		if i >= DefaultMaxSignatures {
			want, reason = Neutral, TooManySignatures
		}
		if v.Result != want || v.Reason != reason || v.Domain != "example.com" {
			t.Errorf("%d: %s %s %s", i, v.Result, v.Reason, v.Domain)
		}
	}
	if len(vs) != 13 || len(w.asked) != 2 || len(m.bodies) != 2 {
		t.Errorf("%d verdicts, %d questions, %d body hashes", len(vs), len(w.asked), len(m.bodies))
	}
	again := m.Verify(context.Background(), newWorld(), Options{MaxSignatures: 1})
	if again[0].Reason != KeyMissing || again[1].Result != Neutral || len(m.bodies) != 2 {
		t.Errorf("again: %s %s", again[0].Reason, again[1].Result)
	}
}

// RFC 3492 §7.1 and RFC 8616: U-labels are asked for as A-labels.
func TestNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Example.com": "Example.com", "bücher.example": "xn--bcher-kva.example", "他们为什么不说中文.cn": "xn--ihqwcrb4cv8a8dqg056pqjye.cn",
		"": "", "a..b": "", "a b.c": "", "a\x00.b": "", strings.Repeat("a", 64) + ".b": "", "../x": "", "a.b.": "",
	} {
		if got, ok := asciiName(in, 1); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v", in, got, ok)
		}
	}
}
