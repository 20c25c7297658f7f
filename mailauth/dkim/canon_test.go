// SPDX-License-Identifier: MIT

package dkim

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func canonBody(body string, c Canon) string {
	var b bytes.Buffer
	bc := NewBodyCanonicalizer(&b, c)
	bc.Write([]byte(body))
	bc.Close()
	if bc.Octets() != int64(b.Len()) {
		panic("octets miscounted")
	}
	return b.String()
}

// RFC 6376 §3.4.3 to §3.4.5, and bare CR and LF as ordinary octets.
func TestBody(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, simple, relaxed string }{
		{"", "\r\n", ""},
		{"\r\n", "\r\n", ""},
		{"\r\n\r\n\r\n", "\r\n", ""},
		{" ", " \r\n", ""},
		{" \r\n\t\r\n", " \r\n\t\r\n", ""},
		{" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
		{"a", "a\r\n", "a\r\n"},
		{"a\r\n \r\nb\t\r\n", "a\r\n \r\nb\t\r\n", "a\r\n\r\nb\r\n"},
		{"a\n \n", "a\n \n\r\n", "a\n \n\r\n"},
		{"a \rb\r", "a \rb\r\r\n", "a \rb\r\r\n"},
		{"a\t\tb", "a\t\tb\r\n", "a b\r\n"},
		{"a\r\r\n\r\n", "a\r\r\n", "a\r\r\n"},
		{"\r\n\r\nx", "\r\n\r\nx\r\n", "\r\n\r\nx\r\n"},
		{"a\x00 \x00 \r\n", "a\x00 \x00 \r\n", "a\x00 \x00\r\n"},
		{"é  ü \r\n", "é  ü \r\n", "é ü\r\n"},
	}
	for _, c := range cases {
		if got := canonBody(c.in, Simple); got != c.simple {
			t.Errorf("simple %q: %q, want %q", c.in, got, c.simple)
		}
		if got := canonBody(c.in, Relaxed); got != c.relaxed {
			t.Errorf("relaxed %q: %q, want %q", c.in, got, c.relaxed)
		}
	}
}

// RFC 6376 §3.4.1, §3.4.2.
func TestHeader(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, relaxed string }{
		{"A: X\r\n", "a:X\r\n"},
		{"B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
		{"Subject:\r\n  folded \r\n first\r\n", "subject:folded first\r\n"},
		{"X:\r\n", "x:\r\n"},
		{"X: a\nb\r\n", "x:a\nb\r\n"},
		{"X: a\rb \r\n", "x:a\rb\r\n"},
		{"no colon \r\n", "no colon\r\n"},
		{"X: last line", "x:last line\r\n"},
	}
	for _, c := range cases {
		if got := string(AppendHeader(nil, []byte(c.in), Relaxed)); got != c.relaxed {
			t.Errorf("%q: %q, want %q", c.in, got, c.relaxed)
		}
		want := strings.TrimSuffix(c.in, "\r\n") + "\r\n"
		if got := string(AppendHeader(nil, []byte(c.in), Simple)); got != want {
			t.Errorf("simple %q: %q", c.in, got)
		}
	}
}

// countingWriter counts what the canonicalizer does, so that the test of
// linear work does not depend on a clock.
type countingWriter struct{ octets, writes int64 }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.octets += int64(len(p))
	w.writes++
	return len(p), nil
}

// Runs of line ends and white space are the classic quadratic trap.
func TestLinearWork(t *testing.T) { // not parallel: it counts allocations
	const size = 16 << 20
	bodies := map[string][]byte{
		"crlf":         bytes.Repeat([]byte("\r\n"), size/2),
		"crlf then x":  append(bytes.Repeat([]byte("\r\n"), size/2), 'x'),
		"spaces":       bytes.Repeat([]byte(" "), size),
		"blank spaces": bytes.Repeat([]byte(" \r\n"), size/3),
		"cr":           bytes.Repeat([]byte("\r"), size),
		"tabs and x":   bytes.Repeat([]byte("\tx"), size/2),
	}
	for name, body := range bodies {
		for _, c := range []Canon{Simple, Relaxed} {
			for _, chunk := range []int{len(body), 4096, 7} {
				body := body
				if chunk == 7 { // as many steps as octets: a part is enough
					body = body[:1<<20]
				}
				var w countingWriter
				allocs := testing.AllocsPerRun(1, func() {
					w = countingWriter{}
					bc := NewBodyCanonicalizer(&w, c)
					for p := range chunks(body, chunk) {
						bc.Write(p)
					}
					bc.Close()
				})
				if w.octets > int64(len(body))+2 || w.writes > w.octets/(bodyBuffer-256)+int64(len(body)/directWrite)+2 {
					t.Errorf("%s %s by %d: %d octets in %d writes", name, c, chunk, w.octets, w.writes)
				}
				if allocs > 8 {
					t.Errorf("%s %s by %d: %v allocations", name, c, chunk, allocs)
				}
			}
		}
	}
}

func chunks(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			k := min(n, len(b))
			if !yield(b[:k]) {
				return
			}
			b = b[k:]
		}
	}
}

// The canonical form is its own canonical form, and chunks do not matter.
func FuzzBody(f *testing.F) {
	for _, s := range []string{"", " \r\n", "a  b \r\n\r\n", "\r\r\n\n \t", "x\r", "0123456 \t\r\n", "1234567  89abcdef \r\nx"} {
		f.Add([]byte(s), uint64(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		for _, c := range []Canon{Simple, Relaxed} {
			whole := canonBody(string(body), c)
			if again := canonBody(whole, c); again != whole {
				t.Fatalf("%s: not idempotent: %q %q", c, whole, again)
			}
			var b bytes.Buffer
			bc := NewBodyCanonicalizer(&b, c)
			r := rand.New(rand.NewPCG(seed, 1))
			for rest := body; len(rest) > 0; {
				n := 1 + r.IntN(len(rest))
				bc.Write(rest[:n])
				rest = rest[n:]
			}
			bc.Close()
			if b.String() != whole {
				t.Fatalf("%s: in chunks %q, whole %q", c, b.String(), whole)
			}
			if c == Relaxed && whole != slowRelaxed(string(body)) {
				t.Fatalf("%q: %q, by the letter %q", body, whole, slowRelaxed(string(body)))
			}
		}
	})
}

// slowRelaxed is RFC 6376 §3.4.4 word for word, line by line.
func slowRelaxed(body string) string {
	lines := strings.Split(body, "\r\n")
	for i, l := range lines {
		l = strings.TrimRight(l, " \t")
		var b strings.Builder
		for j := 0; j < len(l); j++ {
			if wsp := l[j] == ' ' || l[j] == '\t'; !wsp {
				b.WriteByte(l[j])
			} else if j == 0 || l[j-1] != ' ' && l[j-1] != '\t' {
				b.WriteByte(' ')
			}
		}
		lines[i] = b.String()
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

func FuzzHeader(f *testing.F) {
	for _, s := range []string{"A: b\r\n", "A : \r\n b \r\n", "\r\r\n \n:x", "x", "a:b\r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		fields, body, _, _ := splitHeader(raw)
		total := 0
		for _, field := range fields {
			total += len(field.Raw)
			once := AppendHeader(nil, field.Raw, Relaxed)
			if again := AppendHeader(nil, once, Relaxed); !bytes.Equal(once, again) {
				t.Fatalf("%q: %q then %q", field.Raw, once, again)
			}
			if !bytes.HasSuffix(once, crlf) {
				t.Fatalf("%q: no CRLF", once)
			}
		}
		if blank := body - total; blank < 0 || blank > 2 {
			t.Fatalf("%q: fields have %d octets, header %d", raw, total, body)
		}
	})
}

func FuzzTags(f *testing.F) {
	for _, s := range []string{"v=1; a=b", ";;", "v=DKIM1,p=", "b = \r\n x ;b=", "a=b=c;;=", "é=1;n=é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tags, errs, notes := ParseTags(s)
		last := 0
		for _, tag := range tags {
			if tag.Start < last || s[tag.Start:tag.Start+len(tag.Name)] != tag.Name ||
				s[tag.ValueStart:tag.ValueEnd] != tag.Value || s[tag.RawStart-1] != '=' ||
				tag.RawEnd < len(s) && s[tag.RawEnd] != ';' {
				t.Fatalf("%q: positions of %+v", s, tag)
			}
			last = tag.RawEnd
		}
		for _, e := range errs {
			if e.Pos < 0 || e.Pos >= len(s) {
				t.Fatalf("%q: %+v", s, e)
			}
		}
		for _, n := range notes {
			if n.Pos < 0 || n.Pos > len(s) {
				t.Fatalf("%q: %+v", s, n)
			}
		}
		for _, p := range mustProblems(ParseSignature(s)) {
			if p.Pos > len(s) || p.Result != PermError {
				t.Fatalf("%q: %+v", s, p)
			}
		}
	})
}

func mustProblems[T any](_ T, p []Problem, _ []Note) []Problem { return p }

func FuzzKeyRecord(f *testing.F) {
	for _, s := range []string{"v=DKIM1; p=", "v=DKIM1,p=AAAA", "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "p=00ff00ff00ff00ff00ff00ff00ff00ff00ff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, problems, _ := ParseKeyRecord(s)
		for _, p := range problems {
			if p.Pos < -1 || p.Pos > len(s) {
				t.Fatalf("%q: %+v", s, p)
			}
		}
		if len(problems) == 0 && (k.Public == nil || k.Bits == 0 || k.Revoked) {
			t.Fatalf("%q: no problem and no key", s)
		}
		if again, _, _ := ParseKeyRecord(s + ";"); k.IsKey() && !again.IsKey() {
			t.Fatalf("%q: a final semicolon breaks it", s)
		}
	})
}
