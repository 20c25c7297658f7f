// SPDX-License-Identifier: MIT

package evidence

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
)

// Notes of DecodeHeader: what had to be tolerated.
const (
	WordMalformed  = "word.malformed" // an encoded word that cannot be decoded; kept as it is
	WordCharset    = "word.charset"   // its charset is not known, or its octets are not of it
	WordTooLong    = "word.too-long"  // more than 75 characters (RFC 2047 §2)
	WordSplit      = "word.split"     // a character is split between two words (RFC 2047 §5)
	RawUTF8        = "raw.utf-8"      // UTF-8 as it is (RFC 6532)
	RawDeclared    = "raw.declared"   // raw octets, read in the charset of the body
	RawGuessed     = "raw.gb18030"    // raw octets, taken for GB18030, the likeliest
	RawUnreadable  = "raw.unreadable" // raw octets that are none of these
	maxEncodedWord = 75               // RFC 2047 §2
	replacement    = string(rune(utf8.RuneError))
)

// DecodeHeader makes the value of an unstructured field readable: encoded
// words (RFC 2047) in any charset that is known, and raw octets, which are
// UTF-8, or of the declared charset of the body, or guessed. Notes say what
// was not as it should be. The text is always valid UTF-8.
func DecodeHeader(value, declared string) (text string, notes []string) {
	d := decoder{declared: declared}
	for len(value) > 0 {
		i := strings.Index(value, "=?")
		if i < 0 {
			d.plain(value)
			break
		}
		word, ok := cutWord(value[i:])
		if !ok {
			// No word begins here: go on behind the mark.
			d.plain(value[:i+2])
			value = value[i+2:]
			if word == noWordsLeft {
				d.plain(value)
				break
			}
			continue
		}
		d.plain(value[:i])
		d.word(word)
		value = value[i+len(word):]
	}
	d.flush()
	return d.out.String(), d.notes
}

type decoder struct {
	out      strings.Builder
	declared string
	notes    []string

	gap     string // white space since the last word, dropped if a word follows
	after   bool   // the last thing was a word
	raw     []byte // plain text not yet written: it is judged as a whole
	pending []byte // octets of adjacent words of one charset
	charset string
}

func (d *decoder) note(code string) {
	for _, n := range d.notes {
		if n == code {
			return
		}
	}
	d.notes = append(d.notes, code)
}

func (d *decoder) plain(s string) {
	if s == "" {
		return
	}
	if d.after && len(d.raw) == 0 && strings.Trim(s, " \t") == "" {
		d.gap += s
		return
	}
	d.flushWords()
	d.raw = append(append(d.raw, d.gap...), s...)
	d.gap, d.after = "", false
}

// word decodes one encoded word, which may go on in the next.
func (d *decoder) word(w string) {
	if len(w) > maxEncodedWord {
		d.note(WordTooLong)
	}
	f := strings.SplitN(w[2:len(w)-2], "?", 3)
	name, _, _ := strings.Cut(strings.ToLower(f[0]), "*") // language: RFC 2231 §5
	octets, ok := wordOctets(f[1], f[2])
	if !ok {
		d.note(WordMalformed)
		d.plain(w)
		return
	}
	d.flushRaw()
	if name != d.charset {
		d.flushWords()
	} else if r, n := utf8.DecodeLastRune(d.pending); name == "utf-8" && r == utf8.RuneError && n == 1 {
		d.note(WordSplit)
	}
	d.gap, d.charset, d.after = "", name, true
	d.pending = append(d.pending, octets...)
}

func (d *decoder) flush() {
	d.flushRaw()
	d.flushWords()
}

func (d *decoder) flushRaw() {
	if len(d.raw) > 0 {
		d.out.WriteString(d.readable(string(d.raw)))
	}
	d.raw = d.raw[:0]
}

func (d *decoder) flushWords() {
	if len(d.pending) > 0 {
		text, ok := convert(d.pending, d.charset)
		if !ok {
			d.note(WordCharset)
		}
		d.out.WriteString(text)
	}
	d.pending, d.charset = nil, ""
}

// readable makes UTF-8 of raw octets.
func (d *decoder) readable(s string) string {
	if isASCII(s) {
		return s
	}
	if utf8.ValidString(s) {
		d.note(RawUTF8)
		return s
	}
	for _, try := range []struct{ charset, note string }{{d.declared, RawDeclared}, {"gb18030", RawGuessed}} {
		if try.charset == "" || try.charset == "utf-8" || try.charset == "us-ascii" {
			continue
		}
		if text, ok := convert([]byte(s), try.charset); ok {
			d.note(try.note)
			return text
		}
	}
	d.note(RawUnreadable)
	return strings.ToValidUTF8(s, replacement)
}

// noWordsLeft tells that no encoded word can begin in the rest of the text.
const noWordsLeft = "\x00"

// cutWord returns the encoded word at the start of s, "=?charset?x?text?=".
func cutWord(s string) (word string, ok bool) {
	rest, n := s[2:], 2
	for i := range 3 {
		q := strings.IndexByte(rest, '?')
		if q < 0 {
			return noWordsLeft, false
		}
		if (i == 0 && (q == 0 || !isToken(rest[:q]))) || (i == 1 && q != 1) {
			return "", false
		}
		rest, n = rest[q+1:], n+q+1
	}
	if !strings.HasPrefix(rest, "=") {
		return "", false
	}
	return s[:n+1], true
}

// wordOctets undoes the B or Q encoding (RFC 2047 §4).
func wordOctets(encoding, text string) ([]byte, bool) {
	switch encoding {
	case "b", "B":
		text = strings.TrimRight(text, "=")
		out, err := base64.RawStdEncoding.DecodeString(text)
		return out, err == nil
	case "q", "Q":
		return qOctets(text)
	}
	return nil, false
}

func qOctets(text string) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '_':
			out = append(out, ' ')
		case '=':
			if i+2 >= len(text) {
				return nil, false
			}
			hi, lo := unhex(text[i+1]), unhex(text[i+2])
			if hi < 0 || lo < 0 {
				return nil, false
			}
			out = append(out, byte(hi<<4|lo))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out, true
}

// unhex is the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// superset names the charset that holds another and is what senders mean.
func superset(name string) string {
	switch name {
	case "gb2312", "gbk", "x-gbk", "cp936", "gb_2312-80":
		return "gb18030"
	case "":
		return "utf-8"
	}
	return name
}

// convert makes UTF-8 of octets; ok is false if the charset is not known or
// an octet is not of it.
func convert(octets []byte, name string) (text string, ok bool) {
	name = superset(strings.ToLower(name))
	if name == "utf-8" || name == "us-ascii" {
		if utf8.Valid(octets) {
			return string(octets), true
		}
		return strings.ToValidUTF8(string(octets), replacement), false
	}
	r, err := charset.Reader(name, bytes.NewReader(octets))
	if err != nil {
		return strings.ToValidUTF8(string(octets), replacement), false
	}
	out, err := io.ReadAll(r)
	text = strings.ToValidUTF8(string(out), replacement)
	return text, err == nil && !strings.Contains(text, replacement)
}

// toUTF8 is convert for those who take what they get.
func toUTF8(octets []byte, name string) string {
	text, _ := convert(octets, name)
	return text
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
