// SPDX-License-Identifier: MIT

package dmarc

import (
	"strconv"
	"strings"
)

// tagRules says how the value of each tag is read; false: not a value of it.
// nil: the tag was removed by RFC 9989.
func tagRule(name string) (read func(*Record, Tag) bool, known bool) {
	read, known = map[string]func(*Record, Tag) bool{
		"p":     func(r *Record, t Tag) bool { return r.readPolicy(&r.P, t) },
		"sp":    func(r *Record, t Tag) bool { return r.readPolicy(&r.SP, t) },
		"np":    func(r *Record, t Tag) bool { return r.readPolicy(&r.NP, t) },
		"adkim": func(r *Record, t Tag) bool { return readMode(&r.ADKIM, t) },
		"aspf":  func(r *Record, t Tag) bool { return readMode(&r.ASPF, t) },
		"psd":   func(r *Record, t Tag) bool { return readLetter(&r.PSD, t, "y", "n", "u") },
		"t":     (*Record).readTest,
		"rua":   func(r *Record, t Tag) bool { r.RUA = r.readURIs("rua", t); return true },
		"ruf":   func(r *Record, t Tag) bool { r.RUF = r.readURIs("ruf", t); return true },
		"fo":    (*Record).readFO,
		"pct":   (*Record).readPct,
		"rf":    func(*Record, Tag) bool { return true },
		"ri":    func(*Record, Tag) bool { return true },
	}[name]
	return read, known
}

// removed are the tags that RFC 9989 took away: receivers ignore them.
func removed(name string) bool { return name == "pct" || name == "rf" || name == "ri" }

func (r *Record) readTag(name string, t Tag, again bool) {
	read, known := tagRule(name)
	if again {
		r.deviate(Deviation{Duplicate, Ignores, name, t.At, t.Name})
		return
	}
	if !known {
		r.deviate(Deviation{UnknownTag, Ignores, name, t.At, t.Name})
		return
	}
	if name != t.Name {
		r.deviate(Deviation{TagCase, Tolerates, name, t.At, t.Name})
	}
	if removed(name) {
		r.deviate(Deviation{RemovedTag, Ignores, name, t.At, t.Name})
	}
	if read(r, t) {
		return
	}
	if name == "p" || name == "sp" || name == "np" {
		r.PolicyInvalid = true
		r.deviate(Deviation{PolicyWrong, Voids, name, t.ValueAt, t.Value})
		return
	}
	r.deviate(Deviation{ValueInvalid, Ignores, name, t.ValueAt, t.Value})
}

func (r *Record) readPolicy(to *Policy, t Tag) bool {
	*to = parsePolicy(t.Value)
	return *to != ""
}

func readMode(to *Mode, t Tag) bool {
	switch strings.ToLower(t.Value) {
	case "r":
		*to = Relaxed
	case "s":
		*to = Strict
	default:
		return false
	}
	return true
}

func readLetter(to *string, t Tag, allowed ...string) bool {
	for _, a := range allowed {
		if strings.EqualFold(a, t.Value) {
			*to = a
			return true
		}
	}
	return false
}

func (r *Record) readTest(t Tag) bool {
	letter := ""
	ok := readLetter(&letter, t, "y", "n")
	r.Test = letter == "y"
	return ok
}

// readFO: colon-separated 0, 1, d, s (RFC 9989 §4.7).
func (r *Record) readFO(t Tag) bool {
	ok := true
	for opt := range strings.SplitSeq(strings.ToLower(t.Value), ":") {
		switch opt = strings.TrimSpace(opt); opt {
		case "0", "1", "d", "s":
			r.FO = append(r.FO, opt)
		default:
			ok = false
		}
	}
	return ok
}

func (r *Record) readPct(t Tag) bool {
	n, err := strconv.Atoi(t.Value)
	if err != nil || n < 0 || n > 100 {
		return false
	}
	r.Pct = n
	return true
}
