// SPDX-License-Identifier: MIT

package dkim

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	msgauth "github.com/emersion/go-msgauth/dkim"
)

// benchMail is a signed mail with a body of about that many octets, relaxed,
// of lines as people write them: some with indentation, tabs, trailing blanks.
func benchMail(tb testing.TB, size int) []byte {
	var b strings.Builder
	b.WriteString(plainMail[:strings.Index(plainMail, "\r\n\r\n")+4])
	for i := 0; b.Len() < size; i++ {
		switch {
		case i%40 == 39:
			b.WriteString("\r\n")
		case i%16 == 15:
			b.WriteString("    - an indented point with  two blanks\tand a tab \r\n")
		default:
			fmt.Fprintf(&b, "The %d quick brown foxes jump over the lazy dogs, and nobody minds it.\r\n", i)
		}
	}
	return []byte(sign(tb, b.String(), msgauth.SignOptions{Signer: rsaKey(tb, "rsa2048.txt"),
		HeaderCanonicalization: "relaxed", BodyCanonicalization: "relaxed"}))
}

var benchSizes = []struct {
	name string
	size int
}{{"2KB", 2 << 10}, {"50KB", 50 << 10}, {"1MB", 1 << 20}}

func BenchmarkVerify(b *testing.B) {
	w := signedWorld(b)
	for _, s := range benchSizes {
		mail := benchMail(b, s.size)
		b.Run(s.name, func(b *testing.B) {
			b.SetBytes(int64(len(mail)))
			b.ReportAllocs()
			for b.Loop() {
				w.asked = w.asked[:0]
				if v := Verify(context.Background(), w, mail, Options{}); v[0].Result != Pass {
					b.Fatal(v[0].Reason)
				}
			}
		})
	}
}

func BenchmarkMsgauth(b *testing.B) {
	key := record(b, rsaKey(b, "rsa2048.txt").Public())
	o := &msgauth.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{key}, nil }}
	for _, s := range benchSizes {
		mail := benchMail(b, s.size)
		b.Run(s.name, func(b *testing.B) {
			b.SetBytes(int64(len(mail)))
			b.ReportAllocs()
			for b.Loop() {
				if v, err := msgauth.VerifyWithOptions(bytes.NewReader(mail), o); err != nil || v[0].Err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBlankLines(b *testing.B) {
	body := bytes.Repeat([]byte("\r\n"), 8<<20)
	for _, c := range []Canon{Simple, Relaxed} {
		b.Run(string(c), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				HashBody(body, c, 5, 1<<60)
			}
		})
	}
}
