// SPDX-License-Identifier: MIT

package spf_test

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"mailproof/dns"
	"mailproof/mailauth/spf"
)

// suite is one document of the test suites that SPF libraries share.
type suite struct {
	Description string
	Tests       map[string]suiteTest
	ZoneData    map[string][]yaml.Node `yaml:"zonedata"`
}

type suiteTest struct {
	Helo, Host  string
	MailFrom    string `yaml:"mailfrom"`
	Receiver    string
	Result      oneOrMore
	Explanation *string
}

type oneOrMore []string

func (l *oneOrMore) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]string)(l))
	}
	*l = []string{n.Value}
	return nil
}

// moduleFile finds a file of a module in the module cache.
func moduleFile(t testing.TB, module, path string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	file := filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(path))
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("test suite not found: %v", err)
	}
	return file
}

func readSuites(t testing.TB, file string) []suite {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []suite
	for dec := yaml.NewDecoder(f); ; {
		var s suite
		err := dec.Decode(&s)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, s)
	}
}

// zoneOf builds the DNS of a document. Its SPF records stand for TXT unless
// the name has TXT records of its own ("NONE" for none at all).
func zoneOf(t testing.TB, s suite, rename func(string) string) *zone {
	t.Helper()
	z := newZone()
	for name, nodes := range s.ZoneData {
		name = strings.ToLower(rename(name))
		z.records[name] = map[dns.Type][]string{}
		var old []string
		ownTXT := false
		for i := range nodes {
			n := &nodes[i]
			if n.Kind == yaml.ScalarNode {
				z.fails[name] = dns.Timeout // - TIMEOUT
				continue
			}
			kind, value := n.Content[0].Value, n.Content[1]
			switch kind {
			case "TIMEOUT":
				z.fails[name] = dns.Timeout
			case "SERVFAIL":
				z.fails[name] = dns.ServFail
			case "CNAMELOOP":
				z.fails[name] = dns.BadAnswer
			case "CNAME":
				z.cnames[name] = strings.ToLower(rename(strings.TrimSuffix(value.Value, ".")))
			case "MX":
				z.add(name, dns.TypeMX, value.Content[0].Value+" "+renameHost(rename, value.Content[1].Value))
			case "SPF":
				old = append(old, joined(value))
			case "TXT":
				ownTXT = true
				if v := joined(value); v != "NONE" {
					z.add(name, dns.TypeTXT, v)
				}
			case "PTR":
				z.add(name, dns.TypePTR, renameHost(rename, value.Value))
			default:
				z.add(name, dns.Type(kind), value.Value)
			}
		}
		for _, txt := range old {
			if !ownTXT {
				z.add(name, dns.TypeTXT, txt)
			}
		}
	}
	return z
}

func joined(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return octets(n.Value)
	}
	var b strings.Builder
	for _, c := range n.Content {
		b.WriteString(octets(c.Value))
	}
	return b.String()
}

// octets: "\x96" in the suites is one octet, in YAML it is U+0096.
func octets(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func renameHost(rename func(string) string, s string) string {
	if s == "" {
		return "."
	}
	return rename(strings.TrimSuffix(s, "."))
}

func same(s string) string { return s }

func runSuite(t *testing.T, file string, rename func(string) string, edit func(*suite)) (tests, explanations int) {
	for _, s := range readSuites(t, file) {
		if edit != nil {
			edit(&s)
		}
		z := zoneOf(t, s, rename)
		for name, c := range s.Tests {
			tests++
			v := spf.Check(t.Context(), z, paramsOf(c))
			if want, ok := onPurpose[name]; ok {
				c.Result = oneOrMore{string(want)}
			}
			if !slices.Contains(c.Result, string(v.Result)) {
				t.Errorf("%s/%s: %s (%s, %+v), want %v", s.Description, name, v.Result, v.Reason, v.Where, c.Result)
			}
			if c.Explanation != nil {
				explanations++
				want := *c.Explanation
				if want == "DEFAULT" {
					want = "" // the receiver's own words: the domain gave none
				}
				if v.Explanation != want {
					t.Errorf("%s/%s: explanation %q, want %q", s.Description, name, v.Explanation, want)
				}
			}
			consistent(t, name, v)
		}
	}
	return tests, explanations
}

func paramsOf(c suiteTest) spf.Params {
	return spf.Params{IP: netip.MustParseAddr(c.Host), MailFrom: c.MailFrom, Helo: c.Helo, Receiver: c.Receiver}
}

// consistent checks what every verdict promises.
func consistent(t testing.TB, name string, v spf.Verdict) {
	t.Helper()
	failed := v.Result == spf.Permerror || v.Result == spf.Temperror
	if (v.Reason != "") != (failed || v.Result == spf.None) {
		t.Errorf("%s: result %s with reason %q", name, v.Result, v.Reason)
	}
	if failed != (v.Where != nil) {
		t.Errorf("%s: result %s, where %v", name, v.Result, v.Where)
	}
	if (v.DNS != nil) != (v.Result == spf.Temperror) {
		t.Errorf("%s: result %s, dns %v", name, v.Result, v.DNS)
	}
	if v.Trace == nil {
		return
	}
	if v.Trace.Result != v.Result {
		t.Errorf("%s: result %s, trace %s", name, v.Result, v.Trace.Result)
	}
	checkTrace(t, name, v.Trace)
}

func checkTrace(t testing.TB, name string, tr *spf.Trace) {
	t.Helper()
	if tr.Result == "" {
		t.Errorf("%s: record of %s without result", name, tr.Domain)
	}
	for _, s := range tr.Steps {
		if got := tr.Record()[s.Term.At : s.Term.At+len(s.Term.Text)]; got != s.Term.Text {
			t.Errorf("%s: term %q at %d is %q", name, s.Term.Text, s.Term.At, got)
		}
		if s.Outcome == "" {
			t.Errorf("%s: %q without outcome", name, s.Term.Text)
		}
		if s.Child != nil {
			checkTrace(t, name, s.Child)
		}
	}
}

func TestRFC7208Suite(t *testing.T) {
	t.Parallel()
	file := moduleFile(t, "blitiri.com.ar/go/spf", "testdata/rfc7208-tests.yml")
	tests, explanations := runSuite(t, file, same, nil)
	if tests != 203 || explanations != 22 {
		t.Errorf("%d tests with %d explanations, want 203 with 22", tests, explanations)
	}
}

func TestRFC7208SuiteOfWttw(t *testing.T) {
	t.Parallel()
	file := moduleFile(t, "github.com/wttw/spf", "testdata/openspf/rfc7208-tests.yml")
	if tests, _ := runSuite(t, file, same, nil); tests != 200 {
		t.Errorf("%d tests, want 200", tests)
	}
}

// onPurpose are tests whose expectation is not that of RFC 7208: pyspf's own
// modes "lax" and "harsh" act on default=, an unknown modifier that §6 ignores.
// The library from whose copy they come skips them too.
var onPurpose = map[string]spf.Result{
	"default-modifier":       spf.Neutral,
	"default-modifier-harsh": spf.Neutral,
}

func TestPyspfSuites(t *testing.T) {
	t.Parallel()
	for module, want := range map[string]int{
		"blitiri.com.ar/go/spf testdata/pyspf-tests.yml":       16,
		"github.com/wttw/spf testdata/openspf/pyspf-tests.yml": 13,
	} {
		module, path, _ := strings.Cut(module, " ")
		if tests, _ := runSuite(t, moduleFile(t, module, path), same, nil); tests != want {
			t.Errorf("%s: %d tests, want %d", module, tests, want)
		}
	}
}

// TestBlitiriSuite runs that library's own tests. They use names of one label,
// for which RFC 7208 §4.3 gives none: such names get a second label.
func TestBlitiriSuite(t *testing.T) {
	t.Parallel()
	file := moduleFile(t, "blitiri.com.ar/go/spf", "testdata/blitirispf-tests.yml")
	tests, _ := runSuite(t, file, secondLabel, secondLabels)
	if tests != 83 {
		t.Errorf("%d tests, want 83", tests)
	}
}

func secondLabel(name string) string {
	if name == "" || strings.Contains(name, ".") {
		return name
	}
	return name + ".example"
}

func secondLabels(s *suite) {
	for name, c := range s.Tests {
		if local, domain, ok := strings.Cut(c.MailFrom, "@"); ok {
			c.MailFrom = local + "@" + secondLabel(domain)
		}
		s.Tests[name] = c
	}
	for _, nodes := range s.ZoneData {
		for i := range nodes {
			if nodes[i].Kind == yaml.MappingNode && nodes[i].Content[0].Value == "SPF" {
				v := nodes[i].Content[1]
				v.Value = secondLabelsIn(v.Value)
			}
		}
	}
}

func secondLabelsIn(record string) string {
	terms := strings.Fields(record)
	for i, t := range terms {
		for _, name := range []string{"include:", "a:", "mx:", "exists:", "redirect=", "ptr:"} {
			if rest, ok := strings.CutPrefix(t, name); ok && !strings.ContainsAny(rest, "%/") {
				terms[i] = name + secondLabel(rest)
			}
		}
	}
	return strings.Join(terms, " ")
}

func ExampleParseRecord() {
	rec, errs := spf.ParseRecord("v=spf1 ip4:192.0.2.0/24 a:192.0.2.1 ~all")
	fmt.Println(len(rec.Terms), errs[0].Code, errs[0].At)
	// Output: 3 address-as-domain 26
}
