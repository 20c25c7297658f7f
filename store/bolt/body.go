// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"mailproof/evidence"
	"mailproof/store"
)

// How the octets of a message are kept.
const (
	plain    = 0 // behind the record
	squeezed = 1 // behind the record, one zstd frame
	inFile   = 2 // in raw/, zstd frames
)

// A body is one delivery: what its recipients have in common.
type body struct {
	at       time.Time
	receiver string
	session  evidence.Session
	size     int64 // octets of the message
	sum      uint32
	form     uint64
	file     string // its name, if inFile
	data     []byte // else; as kept
}

// lengthSize is what the length of the record takes, behind it all.
const lengthSize = 4

// encodeBody appends record, data and the length of the record to buf, which is
// empty. Data has its own sum, so the record can be read without it.
func encodeBody(buf []byte, b *body) []byte {
	e := newEncoder(slices.Grow(buf, 512+sizeOfDialogue(&b.session)+len(b.data)))
	e.time(b.at)
	e.string(b.receiver)
	e.session(&b.session)
	e.int(b.size)
	e.uint(uint64(b.sum))
	e.uint(b.form)
	e.string(b.file)
	rec := e.sealed()
	return binary.BigEndian.AppendUint32(append(rec, b.data...), uint32(len(rec)))
}

func sizeOfDialogue(s *evidence.Session) (n int) {
	for i := range s.Dialogue {
		n += len(s.Dialogue[i].Text) + 8 // time, speaker, length
	}
	return n
}

// decodeBody reads the record; data is a copy.
func decodeBody(v []byte) (body, error) {
	b, err := decodeBodyRecord(v)
	b.data = bytes.Clone(b.data)
	return b, err
}

// decodeBodyRecord reads the record; data belongs to v.
func decodeBodyRecord(v []byte) (b body, err error) {
	all := len(v) - lengthSize
	if all < 0 || all > maxRecord {
		return b, fmt.Errorf("%w: delivery of %d octets", ErrCorrupt, len(v))
	}
	n := int64(binary.BigEndian.Uint32(v[all:]))
	if n > int64(all) || int64(all)-n > maxInline {
		return b, fmt.Errorf("%w: length of delivery", ErrCorrupt)
	}
	d, err := openRecord("delivery", v[:n])
	if err != nil {
		return b, err
	}
	b.at, b.receiver, b.session = d.time(), d.string(), d.session()
	b.size, b.sum = d.int(), uint32(d.uint())
	b.form, b.file = d.uint(), d.string()
	b.data = v[n:all]
	if b.form > inFile || b.size < 0 || (b.form == inFile) != fileName(b.file) {
		d.fail("form")
	}
	return b, d.close("delivery")
}

// open returns the octets of the message. Reading fails with ErrCorrupt at
// the end if they are not what was received.
func (s *Store) open(b *body) (io.ReadCloser, error) {
	v := &verifier{left: b.size, want: b.sum}
	switch b.form {
	case plain:
		v.r = bytes.NewReader(b.data)
		return v, nil
	case squeezed:
		v.r = bytes.NewReader(b.data)
	case inFile:
		f, err := os.Open(s.filePath(b.file))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, store.ErrNotFound // purged since the record was read
		} else if err != nil {
			return nil, err
		}
		v.r, v.file = f, f
	}
	z, err := zstd.NewReader(v.r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(chunkSize))
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	v.r, v.z = z, z
	return v, nil
}

// A verifier passes exactly left octets on and compares their sum.
type verifier struct {
	r    io.Reader
	z    *zstd.Decoder
	file *os.File
	left int64
	sum  uint32
	want uint32
}

func (v *verifier) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := v.r.Read(p)
	v.sum = crc32.Update(v.sum, castagnoli, p[:n])
	v.left -= int64(n)
	if v.left < 0 || err == io.EOF && (v.left > 0 || v.sum != v.want) {
		return n, fmt.Errorf("%w: message is not what was stored", ErrCorrupt)
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: message: %w", ErrCorrupt, err)
	}
	return n, err
}

func (v *verifier) Close() error {
	if v.z != nil {
		v.z.Close()
	}
	if v.file != nil {
		return v.file.Close()
	}
	return nil
}

// filePath is where the message file of this name lies.
func (s *Store) filePath(name string) string {
	return filepath.Join(s.dir, rawName, name[:2], name+".zst")
}

// corrupt is ErrCorrupt, which is a store.ErrDamaged.
type corrupt struct{}

func (corrupt) Error() string        { return "database is corrupt" }
func (corrupt) Is(target error) bool { return target == store.ErrDamaged }
