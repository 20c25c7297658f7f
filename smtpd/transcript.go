// SPDX-License-Identifier: MIT

package smtpd

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"mailproof/evidence"
)

const (
	// maxLines holds a message for 100 recipients with its replies.
	maxLines = 300
	// maxTranscript bounds what a session keeps in memory of its dialogue.
	maxTranscript = 64 << 10
	// maxLineText is enough for every command that is accepted.
	maxLineText = 1024
)

// A transcript records the dialogue. What belongs to the connection (greeting,
// EHLO, TLS) stays for every message; the lines of a delivered message make
// room for those of the next.
type transcript struct {
	began   time.Time
	text    []byte
	marks   []mark
	prelude int // marks that belong to the connection
	earlier int // messages delivered before
	left    int // lines that found no room
}

type mark struct {
	at     time.Duration
	end    int // of its text
	client bool
}

// client records what the client said.
func (t *transcript) client(line []byte) {
	if t.room(len(line)) {
		t.text = appendVisible(t.text, line)
		t.mark(true)
	}
}

// server records a reply of one line.
func (t *transcript) server(r reply) {
	if t.room(len(r)) {
		t.text = append(t.text, r...)
		t.mark(false)
	}
}

// note records a line of our own in place of what the client sent, however
// full the transcript is.
func (t *transcript) note(format string, args ...any) {
	t.text = fmt.Appendf(t.text, format, args...)
	t.mark(true)
}

// body stands for the text of a message.
func (t *transcript) body(size int64) { t.note("(message of %d octets)", size) }

func (t *transcript) room(n int) bool {
	if len(t.marks) >= maxLines || len(t.text)+min(n, maxLineText) > maxTranscript {
		t.left++
		return false
	}
	return true
}

func (t *transcript) mark(client bool) {
	t.marks = append(t.marks, mark{at: time.Since(t.began), end: len(t.text), client: client})
}

// settle makes everything so far part of the connection.
func (t *transcript) settle() { t.prelude = len(t.marks) }

// next forgets the lines of the message just delivered.
func (t *transcript) next() {
	t.marks = t.marks[:t.prelude]
	end := 0
	if t.prelude > 0 {
		end = t.marks[t.prelude-1].end
	}
	t.text = t.text[:end]
	t.earlier++
	t.left = 0
}

// lines is the dialogue so far, and last, a reply that is about to be sent.
func (t *transcript) lines(last reply) []evidence.Line {
	out := make([]evidence.Line, 0, len(t.marks)+3)
	text, from := string(t.text), 0
	for i, m := range t.marks {
		if i == t.prelude && t.earlier > 0 {
			out = append(out, t.gap(m.at, "(earlier messages on this connection left out: %d)", t.earlier))
		}
		who := "server"
		if m.client {
			who = "client"
		}
		out = append(out, evidence.Line{At: m.at, From: who, Text: text[from:m.end]})
		from = m.end
	}
	now := time.Since(t.began)
	if t.left > 0 {
		out = append(out, t.gap(now, "(lines left out: %d)", t.left))
	}
	if last != "" {
		out = append(out, evidence.Line{At: now, From: "server", Text: string(last)})
	}
	return out
}

func (t *transcript) gap(at time.Duration, format string, n int) evidence.Line {
	return evidence.Line{At: at, From: "server", Text: fmt.Sprintf(format, n)}
}

// appendVisible appends a line with control characters and octets that are no
// UTF-8 written as \xNN, cut at maxLineText.
func appendVisible(dst, line []byte) []byte {
	if len(line) > maxLineText {
		line = line[:maxLineText]
	}
	for i := 0; i < len(line); {
		if c := line[i]; ' ' <= c && c < 0x7f {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError || unicode.IsControl(r) {
			for _, c := range line[i : i+n] {
				dst = fmt.Appendf(dst, `\x%02x`, c)
			}
		} else {
			dst = append(dst, line[i:i+n]...)
		}
		i += n
	}
	return dst
}
