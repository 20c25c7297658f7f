// SPDX-License-Identifier: MIT

package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"
)

// The deliveries of one commit lie one behind the other in one value, a pack:
// one long write instead of a page or two for each. A pack comes before the
// places of its deliveries, because bbolt never splits a page that holds four
// entries or fewer: behind a long value short ones keep it from being written again
// with what comes next. A pack goes with the last of its places.

// maxPack is when a further pack is begun, in octets: deleting one of several
// deliveries writes what is left of its pack anew.
const maxPack = 256 << 10

// An address says where a delivery is: the pack, and from 1 which in it.
type address struct{ pack, i uint64 }

func (a address) key() []byte {
	return binary.BigEndian.AppendUint32(key64(a.pack), uint32(a.i))
}

// packKey is the key of the deliveries themselves.
func packKey(pack uint64) []byte { return address{pack, 0}.key() }

// A place is a part of a pack.
type place struct {
	off, size uint64
	messages  uint64 // that share the delivery
}

func encodePlace(p place) []byte {
	e := newEncoder(make([]byte, 0, 24))
	e.uint(p.off)
	e.uint(p.size)
	e.uint(p.messages)
	return e.sealed()
}

func decodePlace(b []byte) (p place, err error) {
	d, err := openRecord("place of delivery", b)
	if err != nil {
		return p, err
	}
	p.off, p.size, p.messages = d.uint(), d.uint(), d.uint()
	return p, d.close("place of delivery")
}

// of returns the part of the pack, which it belongs to.
func (p place) of(pack []byte) ([]byte, error) {
	n := uint64(len(pack))
	if p.off > n || p.size > n-p.off || n > maxRecord {
		return nil, fmt.Errorf("%w: delivery lies outside its pack", ErrCorrupt)
	}
	return pack[p.off : p.off+p.size], nil
}

// A packer fills the pack of a transaction. Its memory serves the next
// transaction too: bbolt copies values when it commits.
type packer struct {
	last address // 0, 0: none yet
	buf  []byte
}

// pack adds a delivery that so many messages share.
func (t *txn) pack(rec []byte, messages int) (address, error) {
	p := &t.packer
	if p.last.pack != 0 && len(p.buf)+len(rec) > maxPack {
		if err := t.endPack(); err != nil {
			return address{}, err
		}
		p.buf = nil
	}
	if p.last.pack == 0 {
		n, err := t.next(bPacks)
		if err != nil {
			return address{}, err
		}
		p.last.pack = n
	}
	p.last.i++
	at := place{uint64(len(p.buf)), uint64(len(rec)), uint64(messages)}
	p.buf = append(p.buf, rec...)
	return p.last, t.push(bPacks, p.last.key(), encodePlace(at))
}

// endPack stores the pack; it is called before the commit.
func (t *txn) endPack() error {
	p := &t.packer
	if p.last.pack == 0 {
		return nil
	}
	key := packKey(p.last.pack)
	p.last = address{}
	t.s.packing = p.buf[:0]
	return t.push(bPacks, key, p.buf)
}

// unpack returns a delivery; it belongs to the transaction.
func unpack(tx *bbolt.Tx, a address) ([]byte, error) {
	packs := tx.Bucket(bPacks)
	v := packs.Get(a.key())
	if v == nil {
		return nil, fmt.Errorf("%w: delivery %d of pack %d is missing", ErrCorrupt, a.i, a.pack)
	}
	p, err := decodePlace(v)
	if err != nil {
		return nil, err
	}
	return p.of(packs.Get(packKey(a.pack)))
}

// body removes a delivery, unless other messages share it.
func (r *remover) body(a address) error {
	v := r.get(bPacks, a.key())
	if v == nil {
		return nil
	}
	p, err := decodePlace(v)
	if err != nil {
		return err
	}
	if p.messages > 1 {
		p.messages--
		return r.put(bPacks, a.key(), encodePlace(p))
	}
	rec, err := unpack(r.tx, a)
	if err != nil {
		return err
	}
	b, err := decodeBodyRecord(rec)
	if err != nil {
		return err
	}
	if b.form == inFile {
		r.files = append(r.files, b.file)
		if err := r.drop(bFiles, []byte(b.file)); err != nil {
			return err
		}
	}
	if r.gone == nil {
		r.gone = map[uint64][]place{}
	}
	r.gone[a.pack] = append(r.gone[a.pack], p)
	return r.drop(bPacks, a.key())
}

// packs removes the packs that have lost all their deliveries, and overwrites
// what others have lost: deleted is deleted.
func (r *remover) packs() error {
	for _, n := range slices.Sorted(maps.Keys(r.gone)) {
		prefix := key64(n)
		c := r.tx.Bucket(bPacks).Cursor()
		_, v := c.Seek(packKey(n))
		if next, _ := c.Next(); !bytes.HasPrefix(next, prefix) {
			if err := r.drop(bPacks, packKey(n)); err != nil {
				return err
			}
			continue
		}
		rest := bytes.Clone(v)
		for _, p := range r.gone[n] {
			part, err := p.of(rest)
			if err != nil {
				return err
			}
			clear(part)
		}
		if err := r.put(bPacks, packKey(n), rest); err != nil {
			return err
		}
	}
	return nil
}
