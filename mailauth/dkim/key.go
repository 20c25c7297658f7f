// SPDX-License-Identifier: MIT

package dkim

import (
	"context"
	"errors"
	"strings"

	"mailproof/dns"
)

// MaxKeyRecords is how many TXT records at one name are looked at: one is
// right, and a hostile zone must not buy work with more.
const MaxKeyRecords = 64

// A Key is what the DNS says at the name of a key.
type Key struct {
	Name   string     // that was asked
	Answer dns.Answer // as it came: records with segments, CNAMEs
	Err    error      // an *dns.Error, or nil
	// Record is the key record that was used, or the one that came nearest;
	// nil if there is none.
	Record *KeyRecord
	// Index is the place of Record in Answer.Records, or -1.
	Index int
	// Problems are those of the key, most decisive first.
	Problems []Problem
	Notes    []Note
}

// LookupKey asks for the key at name (RFC 6376 §3.6.2) and reads it. Of
// several TXT records the only one that is a key is used and the others are
// noted; RFC 6376 §3.6.2.2 leaves that undefined.
func LookupKey(ctx context.Context, r dns.Resolver, name string) *Key {
	k := &Key{Name: name, Index: -1}
	k.Answer, k.Err = r.Lookup(ctx, name, dns.TypeTXT)
	if k.Err != nil {
		k.unknown()
		return k
	}
	var found []*KeyRecord
	at := make([]int, 0, 1)
	for i, rec := range k.Answer.Records {
		if rec.Type == dns.TypeTXT && len(found) < MaxKeyRecords {
			kr, _, _ := ParseKeyRecord(rec.Value)
			found, at = append(found, kr), append(at, i)
		}
	}
	k.choose(found, at)
	return k
}

// unknown records that nobody could tell. A name that may not be asked for
// cannot hold a key; all else may be different in a minute.
func (k *Key) unknown() {
	reason, code := DNSError, ""
	var e *dns.Error
	if errors.As(k.Err, &e) {
		code = strings.ToLower(string(e.Code))
		switch e.Code {
		case dns.Timeout:
			reason = DNSTimeout
		case dns.BadName:
			k.Problems = []Problem{{PermError, KeyMissing, code, "", -1, clip(k.Name)}}
			return
		}
	} else if errors.Is(k.Err, context.DeadlineExceeded) {
		reason = DNSTimeout
	}
	k.Problems = []Problem{{TempError, reason, code, "", -1, clip(k.Err.Error())}}
}

// choose takes the one record that is a key.
func (k *Key) choose(found []*KeyRecord, at []int) {
	if len(found) == 0 {
		sub := "nodata"
		if k.Answer.RCode == dns.NXDomain {
			sub = "nxdomain"
		}
		k.Problems = []Problem{{PermError, KeyMissing, sub, "", -1, clip(k.Name)}}
		return
	}
	best, keys := nearest(found)
	k.Record, k.Index = found[best], at[best]
	k.Problems, k.Notes = k.Record.problems, k.Record.notes
	if len(found) > 1 {
		k.Notes = append(k.Notes[:len(k.Notes):len(k.Notes)], Note{Code: NoteSeveralRecords, Pos: -1})
	}
	if keys > 1 {
		k.Problems = append([]Problem{{PermError, SeveralKeys, "", "", -1, clip(k.Name)}}, k.Problems...)
	}
}

// nearest returns the first record that is a key, else the first that has p=,
// else the first; and how many are keys.
func nearest(found []*KeyRecord) (best, keys int) {
	rank := -1
	for i, kr := range found {
		r := 0
		if _, ok := kr.Tags.Get("p"); ok || strings.HasPrefix(kr.Text, "v=DKIM") {
			r = 1
		}
		if kr.IsKey() {
			r = 2
			keys++
		}
		if r > rank {
			best, rank = i, r
		}
	}
	return best, keys
}
