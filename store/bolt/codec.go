// SPDX-License-Identifier: MIT

package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// Records are a version octet, fields in a fixed order, and a CRC-32C of all
// that: small and quick to write, and damage shows when it is read.

const (
	recordVersion = 1
	crcSize       = 4

	// maxRecord bounds what is believed to be a record: the length comes from
	// a page, and that of a damaged one may reach far beyond the file.
	maxRecord = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An encoder appends fields to buf.
type encoder struct{ buf []byte }

func newEncoder(buf []byte) *encoder { return &encoder{append(buf, recordVersion)} }

func (e *encoder) uint(v uint64) { e.buf = binary.AppendUvarint(e.buf, v) }
func (e *encoder) int(v int64)   { e.buf = binary.AppendVarint(e.buf, v) }
func (e *encoder) string(v string) {
	e.uint(uint64(len(v)))
	e.buf = append(e.buf, v...)
}

func (e *encoder) bytes(v []byte) {
	e.uint(uint64(len(v)))
	e.buf = append(e.buf, v...)
}

// time keeps the instant to the nanosecond, in any year; not the zone.
func (e *encoder) time(t time.Time) {
	e.int(t.Unix())
	e.uint(uint64(t.Nanosecond()))
}

func (e *encoder) flags(v ...bool) {
	var n uint64
	for i, set := range v {
		if set {
			n |= 1 << i
		}
	}
	e.uint(n)
}

func (e *encoder) strings(v []string) {
	e.uint(uint64(len(v)))
	for _, s := range v {
		e.string(s)
	}
}

// sealed returns the record with its sum.
func (e *encoder) sealed() []byte {
	return binary.BigEndian.AppendUint32(e.buf, crc32.Checksum(e.buf, castagnoli))
}

// A decoder reads what an encoder wrote. It remembers that something was
// wrong and goes on with zero values; err is asked for at the end.
type decoder struct {
	buf []byte
	bad string
}

// openRecord checks sum and version. what names the record in errors.
func openRecord(what string, b []byte) (*decoder, error) {
	if len(b) < 1+crcSize || len(b) > maxRecord {
		return nil, fmt.Errorf("%w: %s of %d octets", ErrCorrupt, what, len(b))
	}
	body, sum := b[:len(b)-crcSize], b[len(b)-crcSize:]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(sum) {
		return nil, fmt.Errorf("%w: checksum of %s", ErrCorrupt, what)
	}
	if body[0] != recordVersion {
		return nil, fmt.Errorf("%w: %s of version %d", ErrCorrupt, what, body[0])
	}
	return &decoder{buf: body[1:]}, nil
}

func (d *decoder) fail(why string) {
	if d.bad == "" {
		d.bad = why
	}
	d.buf = nil
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.buf)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.buf)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

// raw returns the next octets; they belong to the input.
func (d *decoder) raw() []byte {
	n := d.uint()
	if n > uint64(len(d.buf)) {
		d.fail("length")
		return nil
	}
	v := d.buf[:n]
	d.buf = d.buf[n:]
	return v
}

func (d *decoder) string() string { return string(d.raw()) }

func (d *decoder) time() time.Time {
	sec, ns := d.int(), d.uint()
	if d.bad != "" {
		return time.Time{}
	}
	if ns >= 1e9 {
		d.fail("time")
		return time.Time{}
	}
	return time.Unix(sec, int64(ns)).UTC()
}

// flags reads into v what encoder.flags wrote.
func (d *decoder) flags(v ...*bool) {
	n := d.uint()
	for i, p := range v {
		*p = n&(1<<i) != 0
	}
}

// count reads how many elements follow; each takes at least one octet, so a
// damaged count cannot ask for more memory than the record has.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.buf)) {
		d.fail("count")
		return 0
	}
	return int(n)
}

func (d *decoder) strings() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	v := make([]string, n)
	for i := range v {
		v[i] = d.string()
	}
	return v
}

// close reports what was wrong, octets left over included.
func (d *decoder) close(what string) error {
	if d.bad == "" && len(d.buf) > 0 {
		d.bad = "more than it should hold"
	}
	if d.bad != "" {
		return fmt.Errorf("%w: %s: %s", ErrCorrupt, what, d.bad)
	}
	return nil
}
