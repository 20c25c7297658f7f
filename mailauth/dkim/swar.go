// SPDX-License-Identifier: MIT

package dkim

import (
	"encoding/binary"
	"math/bits"
)

// Eight octets are looked at in one word; these repeat one octet in each lane.
const (
	lanes    = 0x0101010101010101
	highBits = 0x80 * lanes
	lowBits  = 0x7f * lanes
)

// zeroLanes sets the high bit of each lane of x that is zero, exactly.
func zeroLanes(x uint64) uint64 {
	return ^((x&lowBits + lowBits) | x | lowBits)
}

// upToSpace sets the high bit of each lane of x that is at most ' ', exactly.
func upToSpace(x uint64) uint64 {
	return ^(((x | highBits) - 0x21*lanes) | x) & highBits
}

// nextReduction returns the first i >= from at which relaxed canonicalization
// might change b: a TAB, or a SP before something not above SP (white space or
// a line end). It returns len(b) if there is none. A single SP between words,
// the usual case, is not one, so clean text passes at memory speed.
func nextReduction(b []byte, from int) int {
	i := from
	for ; i+9 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		next := binary.LittleEndian.Uint64(b[i+1:])
		hit := zeroLanes(x^('\t'*lanes)) | zeroLanes(x^(' '*lanes))&upToSpace(next)
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(b); i++ {
		if b[i] == '\t' || b[i] == ' ' && (i+1 == len(b) || b[i+1] <= ' ') {
			return i
		}
	}
	return len(b)
}
