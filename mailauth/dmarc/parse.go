// SPDX-License-Identifier: MIT

package dmarc

import (
	"strings"
)

const version = "DMARC1"

// Parse reads a TXT record as a DMARC record. It takes any text.
func Parse(txt string) Record {
	r := Record{Raw: txt, ADKIM: Relaxed, ASPF: Relaxed, PSD: "u", Pct: 100}
	r.splitTags()
	r.readVersion()
	r.checkCharacters()
	seen := map[string]bool{"v": true}
	for i, t := range r.Tags {
		name := strings.ToLower(t.Name)
		if name == "v" && i == r.versionIndex() {
			continue
		}
		r.readTag(name, t, seen[name])
		seen[name] = true
	}
	r.checkPolicy()
	return r
}

// splitTags cuts the text at semicolons into name=value. Where the version is
// followed by something else than a semicolon, the tag behind it is found too.
func (r *Record) splitTags() {
	at := 0
	for part := range strings.SplitSeq(r.Raw, ";") {
		r.addTag(part, at)
		at += len(part) + 1
	}
}

// outside is what may surround tags: white space, and the quotes that get into
// records through forms that add their own.
const outside = " \t\r\n\"'\\"

func (r *Record) addTag(part string, at int) {
	trimmed := strings.TrimLeft(part, outside)
	at += len(part) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, outside)
	if trimmed == "" {
		return // RFC 9989 §4.8 allows a final separator, and an empty tag harms nobody
	}
	name, value, found := strings.Cut(trimmed, "=")
	if !found {
		r.deviate(Deviation{NotATag, Ignores, "", at, trimmed})
		return
	}
	valueAt := at + len(name) + 1
	left := strings.TrimLeft(value, " \t")
	valueAt += len(value) - len(left)
	t := Tag{Name: strings.TrimRight(name, " \t"), Value: left, At: at, ValueAt: valueAt}
	if len(r.Tags) == 0 && strings.EqualFold(t.Name, "v") && len(left) > len(version) && strings.EqualFold(left[:len(version)], version) {
		r.splitVersion(t)
		return
	}
	r.Tags = append(r.Tags, t)
}

// splitVersion parts "DMARC1, p=none" where the semicolon was forgotten.
func (r *Record) splitVersion(t Tag) {
	rest := t.Value[len(version):]
	t.Value = t.Value[:len(version)]
	r.Tags = append(r.Tags, t)
	at := t.ValueAt + len(version)
	r.deviate(Deviation{VersionSeparator, Discards, "v", at, rest})
	tail := strings.TrimLeft(rest, " \t,:.|/")
	r.addTag(tail, at+len(rest)-len(tail))
}

// versionIndex is the tag that holds the version; -1 if none does.
func (r *Record) versionIndex() int {
	for i, t := range r.Tags {
		if strings.EqualFold(t.Name, "v") {
			return i
		}
	}
	return -1
}

// readVersion decides whether receivers see a DMARC record at all
// (RFC 9989 §4.8: dmarc-version = "v" *WSP "=" *WSP %s"DMARC1", first).
func (r *Record) readVersion() {
	i := r.versionIndex()
	switch {
	case i < 0:
		r.deviate(Deviation{NoVersion, Discards, "v", 0, ""})
		return
	case i > 0 || r.Tags[0].At > 0 && r.Deviates(NotATag):
		r.deviate(Deviation{VersionNotFirst, Discards, "v", r.Tags[i].At, r.Tags[i].Value})
		return
	}
	t := r.Tags[0]
	switch {
	case t.At > 0:
		r.deviate(Deviation{LeadingText, Discards, "v", 0, r.Raw[:t.At]})
	case t.Value == version:
		r.Version = !r.Deviates(VersionSeparator)
		if t.Name != "v" {
			r.deviate(Deviation{TagCase, Tolerates, "v", t.At, t.Name})
		}
	case strings.EqualFold(t.Value, version):
		r.deviate(Deviation{VersionCase, Discards, "v", t.ValueAt, t.Value})
	default:
		r.deviate(Deviation{VersionValue, Discards, "v", t.ValueAt, t.Value})
	}
}

// checkCharacters: RFC 9989 §4.8 allows printable ASCII.
func (r *Record) checkCharacters() {
	for i := range len(r.Raw) {
		if c := r.Raw[i]; c != '\t' && (c < ' ' || c > '~') {
			r.deviate(Deviation{BadCharacter, Tolerates, "", i, r.Raw[i : i+1]})
			return // one is enough to look for the others
		}
	}
}

// checkPolicy is about p as a whole, once all tags are known.
func (r *Record) checkPolicy() {
	p := r.Tag("p")
	switch {
	case p == nil:
		r.PolicyInvalid = true
		r.deviate(Deviation{PolicyMissing, Voids, "p", len(r.Raw), ""})
	case r.Version && (len(r.Tags) < 2 || !strings.EqualFold(r.Tags[1].Name, "p")):
		r.deviate(Deviation{PolicyNotSecond, Tolerates, "p", p.At, p.Name})
	}
}
