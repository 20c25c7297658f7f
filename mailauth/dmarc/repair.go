// SPDX-License-Identifier: MIT

package dmarc

import "strings"

// Repaired is the record as it was meant, in the form that every receiver
// reads: version first, then the policy, without tags that have no effect and
// values that are none. What cannot be guessed is left out; a policy that
// cannot becomes "none", which asks for nothing that the owner did not.
func (r *Record) Repaired() string {
	p := r.P
	if p == "" {
		p = PolicyNone
	}
	out := []string{"v=" + version, "p=" + string(p)}
	add := func(tag, value string) {
		if value != "" {
			out = append(out, tag+"="+value)
		}
	}
	add("sp", string(r.SP))
	add("np", string(r.NP))
	if r.PSD != "u" {
		add("psd", r.PSD)
	}
	if r.Test {
		add("t", "y")
	}
	add("adkim", letter(r.ADKIM))
	add("aspf", letter(r.ASPF))
	add("rua", repairedURIs(r.RUA))
	add("ruf", repairedURIs(r.RUF))
	add("fo", strings.Join(r.FO, ":"))
	return strings.Join(out, "; ")
}

// letter is the value of a mode; the default needs none.
func letter(m Mode) string {
	if m == Strict {
		return "s"
	}
	return ""
}

func repairedURIs(uris []URI) string {
	var out []string
	for _, u := range uris {
		if u.Address != "" && (u.Valid || u.Scheme == "") {
			out = append(out, "mailto:"+escapeAddress(u.Address))
		}
	}
	return strings.Join(out, ",")
}

// escapeAddress writes an address for a mailto URI inside a record, where ","
// and "!" separate (RFC 9989 §4.8, RFC 6068 §2).
func escapeAddress(address string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(address) {
		if isLDH(c) || strings.IndexByte("@.+~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
