// SPDX-License-Identifier: MIT

package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"os"
)

// The format of a bbolt file, as far as it must hold before it is mapped:
// a page that is not there would be a SIGBUS, a wrong page number a panic.
const (
	pageHeader   = 16 // id 8, flags 2, count 2, overflow 4
	metaSize     = 64 // magic 4, version 4, page size 4, flags 4, root 16, freelist 8, pages 8, txid 8, sum 8
	elementSize  = 16 // of a branch: pos 4, key 4, page 8; of a leaf: flags 4, pos 4, key 4, value 4
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10
	flagBucket   = 0x01 // of a leaf element

	minPage  = 1 << 10
	maxPage  = 1 << 24 // what bbolt itself tries
	maxDepth = 32      // far more than a tree that fits on a disk
)

type boltMeta struct {
	pageSize             int64
	root, freelist, high uint64
	txid                 uint64
}

// vet checks the file: a valid meta page, a file as long as that page says,
// and page numbers of freelist and branch pages that lie inside. Leaf pages
// are not read, so it takes a hundredth of reading the database; damage there
// becomes an error of the read that meets it.
func vet(f *os.File, log *slog.Logger) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	m, valid, err := readMeta(f, info.Size())
	if err != nil {
		return err
	}
	if valid < 2 {
		log.Warn("one of two meta pages is damaged, using the other", "file", f.Name(), "txid", m.txid)
	}
	if want := int64(m.high) * m.pageSize; info.Size() < want {
		return fmt.Errorf("%w: it has %d octets, its meta page says %d", ErrTruncated, info.Size(), want)
	}
	v := vetter{f: f, m: m, seen: map[uint64]bool{}}
	if err := v.freelist(); err != nil {
		return err
	}
	return v.tree(m.root, 0, true)
}

// readMeta returns the newer of the valid meta pages and how many are valid.
func readMeta(f *os.File, size int64) (best boltMeta, valid int, err error) {
	if size < 2*minPage {
		return best, 0, fmt.Errorf("%w: it has %d octets, too few for a database", ErrTruncated, size)
	}
	m0, ok0 := metaAt(f, 0)
	if ok0 {
		best, valid = m0, 1
	}
	for at := int64(minPage); at <= maxPage && at < size; at <<= 1 {
		if ok0 && at != m0.pageSize {
			continue
		}
		m, ok := metaAt(f, at)
		if !ok || m.pageSize != at {
			continue
		}
		if valid++; valid == 1 || m.txid > best.txid {
			best = m
		}
		break
	}
	if valid == 0 {
		return best, 0, fmt.Errorf("%w: neither meta page is valid", ErrCorrupt)
	}
	return best, valid, nil
}

func metaAt(f *os.File, at int64) (m boltMeta, ok bool) {
	var b [metaSize]byte
	if _, err := f.ReadAt(b[:], at+pageHeader); err != nil {
		return m, false
	}
	e := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(b[:56])
	if e.Uint32(b[0:]) != boltMagic || e.Uint32(b[4:]) != boltVersion || e.Uint64(b[56:]) != sum.Sum64() {
		return m, false
	}
	m = boltMeta{
		pageSize: int64(e.Uint32(b[8:])), root: e.Uint64(b[16:]),
		freelist: e.Uint64(b[32:]), high: e.Uint64(b[40:]), txid: e.Uint64(b[48:]),
	}
	ok = m.pageSize >= minPage && m.pageSize <= maxPage && m.high < 1<<40
	return m, ok
}

type vetter struct {
	f    *os.File
	m    boltMeta
	seen map[uint64]bool // branch pages, to notice a loop
}

type boltPage struct {
	id       uint64
	flags    uint16
	count    int
	overflow uint64
	data     []byte // elements and what follows, if asked for
}

// page reads page id; with data, all of it.
func (v *vetter) page(id uint64, data bool) (boltPage, error) {
	bad := func(what string) (boltPage, error) {
		return boltPage{}, fmt.Errorf("%w: page %d %s", ErrCorrupt, id, what)
	}
	if id < 2 || id >= v.m.high {
		return bad("is outside the file")
	}
	var h [pageHeader]byte
	at := int64(id) * v.m.pageSize
	if _, err := v.f.ReadAt(h[:], at); err != nil {
		return boltPage{}, fmt.Errorf("page %d: %w", id, err)
	}
	e := binary.NativeEndian
	p := boltPage{id: e.Uint64(h[0:]), flags: e.Uint16(h[8:]), count: int(e.Uint16(h[10:])), overflow: uint64(e.Uint32(h[12:]))}
	if p.id != id {
		return bad(fmt.Sprintf("calls itself %d", p.id))
	}
	if id+p.overflow >= v.m.high {
		return bad("ends outside the file")
	}
	if !data {
		return p, nil
	}
	p.data = make([]byte, int64(p.overflow+1)*v.m.pageSize-pageHeader)
	if _, err := io.ReadFull(io.NewSectionReader(v.f, at+pageHeader, int64(len(p.data))), p.data); err != nil {
		return boltPage{}, fmt.Errorf("page %d: %w", id, err)
	}
	if p.flags != flagFreelist && p.count*elementSize > len(p.data) {
		return bad("has more elements than room")
	}
	return p, nil
}

// freelist checks that the free pages are pages of the file.
func (v *vetter) freelist() error {
	p, err := v.page(v.m.freelist, true)
	if err != nil {
		return fmt.Errorf("list of free pages: %w", err)
	}
	if p.flags != flagFreelist {
		return fmt.Errorf("%w: page %d is not the list of free pages", ErrCorrupt, p.id)
	}
	n, b := uint64(p.count), p.data
	if p.count == 0xFFFF { // then the true count comes first
		n, b = binary.NativeEndian.Uint64(b), b[8:]
	}
	if n > uint64(len(b))/8 {
		return fmt.Errorf("%w: list of free pages is longer than its page", ErrCorrupt)
	}
	for i := range n {
		if id := binary.NativeEndian.Uint64(b[8*i:]); id < 2 || id >= v.m.high {
			return fmt.Errorf("%w: free page %d is outside the file", ErrCorrupt, id)
		}
	}
	return nil
}

// tree checks the branch pages below id. In the root tree, whose leaves name
// the buckets, it goes on into those.
func (v *vetter) tree(id uint64, depth int, root bool) error {
	p, err := v.page(id, true)
	if err != nil {
		return err
	}
	switch {
	case p.flags == flagLeaf && root:
		return v.buckets(p)
	case p.flags == flagLeaf:
		return nil
	case p.flags != flagBranch || p.count == 0:
		return fmt.Errorf("%w: page %d is not part of a tree", ErrCorrupt, id)
	case v.seen[id] || depth > maxDepth:
		return fmt.Errorf("%w: pages from %d on form a loop", ErrCorrupt, id)
	}
	v.seen[id] = true
	return v.children(p, depth, root)
}

// children checks the pages that a branch names. A tree is equally deep
// everywhere: if the first child is a leaf, all are, and are not read.
func (v *vetter) children(p boltPage, depth int, root bool) error {
	leaves := false
	for i := range p.count {
		child := binary.NativeEndian.Uint64(p.data[i*elementSize+8:])
		if i == 0 {
			first, err := v.page(child, false)
			if err != nil {
				return err
			}
			leaves = first.flags == flagLeaf && !root
		}
		if !leaves {
			if err := v.tree(child, depth+1, root); err != nil {
				return err
			}
		} else if child < 2 || child >= v.m.high {
			return fmt.Errorf("%w: page %d is outside the file", ErrCorrupt, child)
		}
	}
	return nil
}

// buckets checks the trees of the buckets in a leaf of the root tree.
func (v *vetter) buckets(p boltPage) error {
	e := binary.NativeEndian
	for i := range p.count {
		el := p.data[i*elementSize:]
		pos, k, val := uint64(e.Uint32(el[4:])), uint64(e.Uint32(el[8:])), uint64(e.Uint32(el[12:]))
		if pos+k+val > uint64(len(el)) {
			return fmt.Errorf("%w: element %d of page %d ends outside it", ErrCorrupt, i, p.id)
		}
		if e.Uint32(el)&flagBucket == 0 {
			continue
		}
		if val < 16 {
			return fmt.Errorf("%w: bucket %d of page %d has no root", ErrCorrupt, i, p.id)
		}
		if id := e.Uint64(el[pos+k:]); id != 0 { // 0: the bucket lies in this page
			if err := v.tree(id, 0, false); err != nil {
				return err
			}
		}
	}
	return nil
}
