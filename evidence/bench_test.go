// SPDX-License-Identifier: MIT

package evidence

import (
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	raw := crlf("From: a@b\nTo: c@d\nSubject: =?utf-8?B?5Lit5Zu9?=\nDate: Sat, 21 Nov 2026 09:00:00 +0800\n" +
		"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n" + strings.Repeat("some text of a line\n", 50) +
		"--b\nContent-Type: text/html\n\n" + strings.Repeat("some text of a line\n", 50) + "--b--\n")
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		Parse(raw)
	}
}
