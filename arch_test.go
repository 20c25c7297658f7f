// SPDX-License-Identifier: MIT

package mailproof

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "mailproof"

// arrows says what each package may import of ours, tests aside. A folder that
// is not named here may import nothing; "checks/*" are the packages in checks.
var arrows = map[string][]string{
	"cmd/tester":            {"*"},
	"cmd/tester/testdata/*": {"*"},
	"webui":                 {"report", "render", "text", "store", "testaddr", "finding", "dns", "scoring"},
	"render":                {"report", "text", "finding", "dns", "scoring"},
	"smtpd":                 {"evidence", "testaddr"},
	"analysis":              {"check", "scoring", "report", "store", "evidence", "dns", "safehttp", "finding"},
	"store/bolt":            {"store", "report", "evidence"},
	"store/storetest":       {"store", "report", "evidence", "scoring", "finding", "dns"},
	"store":                 {"report", "evidence"},
	"report":                {"scoring", "finding", "dns"},
	"scoring":               {"finding"},
	"checks":                {"checks/*", "rbl", "check"},
	"checks/*":              {"check", "finding", "evidence", "dns", "mailauth/*", "report"},
	"rbl":                   {"check", "finding", "evidence", "dns", "report"},
	"mailauth/*":            {"dns"},
	"mailauth/dkim/opinion": {"dns", "mailauth/dkim"},
	"check":                 {"finding", "evidence", "dns", "report", "scoring"},
	"check/checktest":       {"check", "finding", "evidence", "dns", "scoring", "text"},
	"finding":               {"dns"},
	"dns/live":              {"dns"},
	"dns/zoned":             {"dns"},
	"fixtures":              {"dns", "evidence", "mailauth/dkim"},
}

// wire are the only packages that may import the DNS wire library.
var wire = []string{"dns/live", "dns/zoned"}

func TestImportsFollowTheArrows(t *testing.T) {
	t.Parallel()
	checked := 0
	for file, imports := range sources(t) {
		from := path.Dir(file)
		for _, imp := range imports {
			checked++
			if imp == "github.com/miekg/dns" && !slices.Contains(wire, from) {
				t.Errorf("%s imports the wire library; only %v may", file, wire)
			}
			to, ours := strings.CutPrefix(imp, module+"/")
			if ours && !mayImport(from, to) {
				t.Errorf("%s: %s may not import %s", file, from, to)
			}
		}
	}
	if checked < 100 {
		t.Fatalf("only %d imports seen: are these the sources?", checked)
	}
}

func mayImport(from, to string) bool {
	allowed, known := arrows[from]
	if !known {
		allowed = arrows[path.Dir(from)+"/*"]
	}
	return slices.Contains(allowed, "*") || slices.Contains(allowed, to) || slices.Contains(allowed, path.Dir(to)+"/*")
}

// sources are the imports of every Go file but tests.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && p != "." {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || p == "doc.go" {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(p)] = nil
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			out[filepath.ToSlash(p)] = append(out[filepath.ToSlash(p)], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Rules of style that a machine can hold: a licence line first, a sentence for
// every package, no init and no file that does two things.
func TestStyle(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for file := range sources(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(src), "// SPDX-License-Identifier: MIT\n") {
			t.Errorf("%s: no SPDX line first", file)
		}
		if n := strings.Count(string(src), "\n"); n > 300 {
			t.Errorf("%s: %d lines; what are the two things in it?", file, n)
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(file)
		documented[dir] = documented[dir] || f.Doc != nil
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: has an init", file)
			}
		}
	}
	for dir, has := range documented {
		if !has {
			t.Errorf("package %s has no sentence of its own", dir)
		}
	}
}
