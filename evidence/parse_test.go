// SPDX-License-Identifier: MIT

package evidence

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func codes(m *Message) []string {
	var list []string
	for _, p := range m.Problems {
		list = append(list, fmt.Sprintf("%s@%d*%d", p.Code, p.Offset, p.Count))
	}
	return list
}

func TestParseHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw    string
		fields []string // "name=value"
		blank  bool
		body   string
		want   []string
	}{
		"plain":     {"A: 1\r\nB: 2\r\n\r\nx\r\n", []string{"A=1", "B=2"}, true, "x\r\n", nil},
		"folded":    {"A: 1\r\n \t2 \r\n\r\n", []string{"A=1 \t2"}, true, "", nil},
		"empty":     {"", nil, false, "", nil},
		"no body":   {"A: 1\r\n", []string{"A=1"}, false, "", nil},
		"no end":    {"A: 1", []string{"A=1"}, false, "", nil},
		"body only": {"\r\nx", nil, true, "x", nil},
		"no colon": {"A: 1\r\nhello\r\nB: 2\r\n\r\n", []string{"A=1", "=hello", "B=2"}, true, "",
			[]string{"header.no-colon@6*1"}},
		"space before colon": {"A : 1\r\n\r\n", []string{"A=1"}, true, "", []string{"header.space-before-colon@0*1"}},
		"eight-bit name":     {"\xe4: 1\r\n\r\n", []string{"\xe4=1"}, true, "", []string{"header.eight-bit-name@0*1"}},
		"bad name":           {"A B: 1\r\n: 2\r\n\r\n", []string{"A B=1", "=2"}, true, "", []string{"header.bad-name@0*2"}},
		"empty fold":         {"A: 1\r\n \r\n 2\r\n\r\n", []string{"A=1  2"}, true, "", []string{"header.empty-fold@6*1"}},
		"leading fold":       {" x\r\nA: 1\r\n\r\n", []string{"=x", "A=1"}, true, "", []string{"header.leading-fold@0*1"}},
		"mbox":               {"From a@b Mon\r\nA: 1\r\n\r\n", []string{"=From a@b Mon", "A=1"}, true, "", []string{"header.mbox-from@0*1"}},
		"bare LF":            {"A: 1\n\nx\ny\r\n", []string{"A=1"}, true, "x\ny\r\n", []string{"line.bare-lf@4*3"}},
		"bare CR, NUL":       {"A: 1\r\n\r\na\rb\x00\r\n", []string{"A=1"}, true, "a\rb\x00\r\n", []string{"line.bare-cr@9*1", "line.nul@11*1"}},
	} {
		m := Parse([]byte(c.raw))
		var fields []string
		for _, f := range m.Fields {
			fields = append(fields, f.Name+"="+f.Value)
		}
		if !slices.Equal(fields, c.fields) || m.Blank != c.blank || string(m.Body) != c.body || !slices.Equal(codes(m), c.want) {
			t.Errorf("%s: fields %q blank %v body %q problems %v", name, fields, m.Blank, m.Body, codes(m))
		}
		checkHeader(t, []byte(c.raw), m)
	}
}

// checkHeader: the fields are exactly the octets of the header.
func checkHeader(t *testing.T, raw []byte, m *Message) {
	t.Helper()
	var all []byte
	for _, f := range m.Fields {
		if f.Offset != len(all) {
			t.Fatalf("%q: offset %d, but %d octets before it", f.Name, f.Offset, len(all))
		}
		all = append(all, f.Raw...)
	}
	rest, ok := bytes.CutPrefix(m.Header, all)
	if !ok || m.Blank != isBlank(rest) || !m.Blank && len(rest) > 0 {
		t.Fatalf("fields %q are not header %q", all, m.Header)
	}
	if !bytes.Equal(append(slices.Clone(m.Header), m.Body...), raw) {
		t.Fatalf("header and body are not the message")
	}
	if len(m.Fields) > MaxFields {
		t.Fatalf("%d fields", len(m.Fields))
	}
}

func TestLongLine(t *testing.T) {
	t.Parallel()
	m := Parse([]byte("A: 1\r\n\r\n" + strings.Repeat("x", 998) + "\r\n" + strings.Repeat("y", 999) + "\r\n"))
	if got := codes(m); !slices.Equal(got, []string{"line.too-long@1008*1"}) {
		t.Errorf("problems %v", got)
	}
}

func TestHeaderCaps(t *testing.T) {
	t.Parallel()
	for code, raw := range map[string]string{
		TooManyFields: strings.Repeat("A: 1\r\n", 5000) + "\r\nbody",
		TooLarge:      strings.Repeat("A: "+strings.Repeat("x", 900)+"\r\n", 400) + "\r\nbody",
	} {
		m := Parse([]byte(raw))
		if _, ok := m.Find(code); !ok || string(m.Body) != "body" || !m.Blank {
			t.Errorf("%s: problems %v, body of %d", code, codes(m), len(m.Body))
		}
		checkHeader(t, []byte(raw), m)
	}
}

// shape writes a structure as "type[part part]".
func shape(p *Part) string {
	s := p.ContentType
	if len(p.Parts) == 0 {
		return s + fmt.Sprintf("%q", p.Raw)
	}
	var in []string
	for _, q := range p.Parts {
		in = append(in, shape(q))
	}
	return s + "[" + strings.Join(in, " ") + "]"
}

func TestParseMIME(t *testing.T) {
	t.Parallel()
	mixed := "Content-Type: multipart/mixed; boundary=\"o o\"\n\n"
	for name, c := range map[string]struct {
		raw, shape string
		want       []string
	}{
		"no type": {"A: 1\n\nx\n", `text/plain"x\r\n"`, nil},
		"mixed": {mixed + "pre\n--o o\n\na\n--o o \nContent-Type: text/HTML; charset=\"GBK\"\n\nb\n\n--o o--\nafter\n",
			`multipart/mixed[text/plain"a" text/html"b\r\n"]`, nil},
		"nested, inner not closed": {mixed + "--o o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\na\n--o o\n\nb\n--o o--\n",
			`multipart/mixed[multipart/alternative[text/plain"a"] text/plain"b"]`, []string{"mime.boundary-unclosed@107*1"}},
		"not closed":         {mixed + "--o o\n\na\n", `multipart/mixed[text/plain"a\r\n"]`, []string{"mime.boundary-unclosed@49*1"}},
		"never used":         {mixed + "a\n", `multipart/mixed"a\r\n"`, []string{"mime.boundary-unused@49*1"}},
		"no boundary":        {"Content-Type: multipart/mixed\n\na\n", `multipart/mixed"a\r\n"`, []string{"mime.boundary-missing@33*1"}},
		"part with no blank": {mixed + "--o o\nA: 1\n--o o--\n", `multipart/mixed[text/plain""]`, nil},
		"enclosed":           {"Content-Type: message/rfc822\n\nContent-Type: text/html\n\nx", `message/rfc822[text/html"x"]`, nil},
		"digest": {"Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: x\n\ny\n--d--\n",
			`multipart/digest[message/rfc822[text/plain"y"]]`, nil},
		"bad type": {"Content-Type: text; charset=x\n\ny", `text/plain"y"`, []string{"mime.content-type@0*1"}},
		"same boundary": {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b\n\ny\n--b--\n",
			`multipart/mixed[multipart/mixed[text/plain"x"] text/plain"y"]`, []string{"mime.boundary-duplicate@95*1"}},
	} {
		m := Parse(crlf(c.raw))
		if got := shape(m.Root); got != c.shape || !slices.Equal(codes(m), c.want) {
			t.Errorf("%s:\n got %s %v\nwant %s %v", name, got, codes(m), c.shape, c.want)
		}
	}
}

func TestFilename(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		`attachment; filename="a b.txt"`:                                            "a b.txt",
		`attachment; filename=a\b.txt`:                                              `a\b.txt`,
		`attachment; filename="=?gbk?B?1tC5+i50eHQ=?="`:                             "中国.txt",
		`attachment; filename*=gbk''%D6%D0%B9%FA.txt`:                               "中国.txt",
		`attachment; filename*0*=UTF-8''%E4%B8; filename*1*=%AD; filename*2=".txt"`: "中.txt",
		`attachment (; no) ; filename="x;y.txt"`:                                    "x;y.txt",
	} {
		m := Parse([]byte("Content-Disposition: " + field + "\r\n\r\n"))
		if m.Root.Filename != want || m.Root.Disposition != "attachment" {
			t.Errorf("%s: %q %s", field, m.Root.Filename, m.Root.Disposition)
		}
	}
}

// Finding 11: parsers that look for each boundary in turn need a power of the
// depth; ours must do a hundred times the text in about that time.
func TestNestingIsLinear(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=b0\r\n\r\n")
	for i := range 30000 {
		fmt.Fprintf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	start := time.Now()
	m := Parse([]byte(b.String()))
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("%d octets took %v", b.Len(), took)
	}
	if _, ok := m.Find(MIMEDepth); !ok {
		t.Errorf("problems %v", codes(m))
	}
}

func TestManyParts(t *testing.T) {
	t.Parallel()
	raw := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 20000) + "--b--\r\n"
	m := Parse([]byte(raw))
	if _, ok := m.Find(MIMEParts); !ok || len(m.Root.Parts) != MaxParts-1 {
		t.Errorf("%d parts, problems %v", len(m.Root.Parts), codes(m))
	}
}

func TestDecodeHeader(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"plain text":                                  "plain text",
		"=?utf-8?B?5Lit5Zu9?=":                        "中国",
		"=?gb2312?B?1tC5+g==?= x":                     "中国 x",
		"=?GB18030?Q?=D6=D0?= =?GB18030?Q?=B9=FA?=":   "中国",
		"=?big5?B?pKSw6g==?=":                         "中國",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=":          "日本",
		"a =?utf-8?q?b_c?= d":                         "a b c d",
		"=?utf-8?B?5Lit5Q==?= =?utf-8?B?m70=?=":       "中国 [word.split]",
		"=?nosuch?B?YQ==?=":                           "a [word.charset]",
		"=?utf-8?B?***?=":                             "=?utf-8?B?***?= [word.malformed]",
		"=?utf-8?Q?=4?=":                              "=?utf-8?Q?=4?= [word.malformed]",
		"=?=?utf-8?q?x?=":                             "=?x",
		"\xd6\xd0\xb9\xfa":                            "中国 [raw.gb18030]",
		"中国":                                          "中国 [raw.utf-8]",
		"\xff":                                        "\uFFFD [raw.unreadable]",
		"=?utf-8?q?" + strings.Repeat("a", 70) + "?=": strings.Repeat("a", 70) + " [word.too-long]",
	} {
		text, notes := DecodeHeader(value, "")
		if len(notes) > 0 {
			text += " [" + strings.Join(notes, " ") + "]"
		}
		if text != want {
			t.Errorf("%q: %q, want %q", value, text, want)
		}
	}
	if text, notes := DecodeHeader("\xa4\xa4\xb0\xea", "big5"); text != "中國" || !slices.Equal(notes, []string{RawDeclared}) {
		t.Errorf("declared: %q %v", text, notes)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("A: 1\r\n b\r\nno colon\r\n\r\nbody\n\x00"))
	f.Add(crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: =?gbk?B?1tA=?=\n\na\n--b--\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(raw)
		checkHeader(t, raw, m)
		count := 0
		var walk func(p *Part, depth int)
		walk = func(p *Part, depth int) {
			if count++; depth > MaxDepth || count > MaxParts {
				t.Fatalf("depth %d, part %d", depth, count)
			}
			for _, q := range p.Parts {
				walk(q, depth+1)
			}
		}
		walk(m.Root, 1)
	})
}
