// SPDX-License-Identifier: MIT

package dns

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// plainRecord is a Record as encoding/json sees it by itself.
type plainRecord Record

// recordJSON is a Record in JSON. Octets, in base64, hold the value, or the
// strings of a text, where these are no UTF-8 and JSON could not carry them: a
// recorded answer must be the answer that came.
type recordJSON struct {
	plainRecord
	Octets [][]byte `json:"octets,omitempty"`
}

// MarshalJSON writes r as its fields say, with all octets kept.
func (r Record) MarshalJSON() ([]byte, error) {
	j := recordJSON{plainRecord: plainRecord(r)}
	whole := utf8.ValidString(r.Value)
	for _, s := range r.Segments { // a cut may go through a character
		whole = whole && utf8.ValidString(s)
	}
	if !whole {
		if len(r.Segments) == 0 {
			j.Octets = [][]byte{[]byte(r.Value)}
		}
		for _, s := range r.Segments {
			j.Octets = append(j.Octets, []byte(s))
		}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Record) UnmarshalJSON(b []byte) error {
	var j recordJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*r = Record(j.plainRecord)
	if len(j.Octets) == 0 {
		return nil
	}
	segments := make([]string, len(j.Octets))
	for i, o := range j.Octets {
		segments[i] = string(o)
	}
	r.Value = strings.Join(segments, "")
	if len(r.Segments) > 0 {
		r.Segments = segments
	}
	return nil
}
