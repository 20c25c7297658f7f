// SPDX-License-Identifier: MIT

package bolt

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"mailproof/store"
)

// maxInline is the largest message that is kept in the database.
const maxInline = 64 << 10

// firstBuffer is what a spool asks for at first: most mails fit.
const firstBuffer = 4 << 10

var errSpoolOver = errors.New("message was delivered or discarded already")

// spoolPool lends the memory of messages.
type spoolPool struct {
	small, chunks, scratch sync.Pool
	open                   atomic.Int64 // spools that are neither delivered nor discarded
}

// busy reports whether so many messages arrive at once that compressing small
// ones would take more from their senders than the disk gives back.
func (p *spoolPool) busy() bool { return p.open.Load() > 2*int64(runtime.GOMAXPROCS(0)) }

func newSpoolPool() *spoolPool {
	p := &spoolPool{}
	p.small.New = func() any { b := make([]byte, frameHead, firstBuffer); return &b }
	p.chunks.New = func() any { b := make([]byte, frameHead, frameHead+chunkSize); return &b }
	p.scratch.New = func() any { b := make([]byte, 0, chunkSize+chunkSize/8); return &b }
	return p
}

// A spool is one arriving message. buf begins with room for a frame's head.
type spool struct {
	s    *Store
	buf  []byte
	lent *[]byte // whose memory buf is: of small, or of chunks once there is a file
	size int64
	sum  uint32
	file *os.File // once it is large
	name string   // of the message file
	used int64    // octets in the file, counted in s.rawUsed
	kept bool     // the file belongs to the store now
	over bool
}

// NewSpool implements store.Store.
func (s *Store) NewSpool(ctx context.Context) (store.Spool, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.isClosing() {
		return nil, store.ErrClosed
	}
	if err := s.roomFor(0); err != nil {
		return nil, err
	}
	s.spooling.open.Add(1)
	return &spool{s: s}, nil
}

// roomFor says ErrFull when n more octets would pass the quota.
func (s *Store) roomFor(n int64) error {
	if s.opt.MaxSize > 0 && s.dbUsed.Load()+s.rawUsed.Load()+n > s.opt.MaxSize {
		return fmt.Errorf("%w: the quota of %d octets is used up", store.ErrFull, s.opt.MaxSize)
	}
	return nil
}

func (p *spool) Size() int64 { return p.size }

func (p *spool) Write(b []byte) (n int, err error) {
	if p.over {
		return 0, errSpoolOver
	}
	for len(b) > 0 {
		if err := p.grow(len(b)); err != nil {
			return n, err
		}
		k := min(len(b), frameHead+chunkSize-len(p.buf))
		p.buf = append(p.buf, b[:k]...)
		p.sum = crc32.Update(p.sum, castagnoli, b[:k])
		p.size += int64(k)
		n, b = n+k, b[k:]
	}
	return n, nil
}

// grow makes room for some of n octets: more memory, or a file.
func (p *spool) grow(n int) error {
	if p.buf == nil {
		p.lent = p.s.spooling.small.Get().(*[]byte)
		p.buf = slices.Grow((*p.lent)[:frameHead], min(n, maxInline))
	}
	if p.file == nil && p.size+int64(n) > maxInline {
		if err := p.s.roomFor(p.size + int64(n)); err != nil {
			return err
		}
		if err := p.openFile(); err != nil {
			return fmt.Errorf("spool: %w", explain(err))
		}
	}
	if len(p.buf) == frameHead+chunkSize {
		return p.flush()
	}
	return nil
}

func (p *spool) openFile() (err error) {
	var id [16]byte
	rand.Read(id[:]) // never fails
	p.name = hex.EncodeToString(id[:])
	if p.file, err = os.OpenFile(p.tempPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	chunk := p.s.spooling.chunks.Get().(*[]byte)
	large := append((*chunk)[:frameHead], p.buf[frameHead:]...)
	p.giveBack(&p.s.spooling.small)
	p.lent, p.buf = chunk, large
	return nil
}

func (p *spool) tempPath() string {
	return filepath.Join(p.s.dir, rawName, p.name+tempSuffix)
}

// flush writes what is in memory as one frame.
func (p *spool) flush() error {
	if len(p.buf) == frameHead {
		return nil
	}
	scratch := p.s.spooling.scratch.Get().(*[]byte)
	defer p.s.spooling.scratch.Put(scratch)
	frame := p.s.frames.frame(p.buf, *scratch)
	if err := p.s.roomFor(int64(len(frame))); err != nil {
		return err
	}
	n, err := p.file.Write(frame)
	p.used += int64(n)
	p.s.rawUsed.Add(int64(n))
	if err != nil {
		return fmt.Errorf("spool: %w", explain(err))
	}
	p.buf = p.buf[:frameHead]
	return nil
}

// fill puts the message into the body. A large one is durable in its final
// place afterwards, but nobody knows it yet.
func (p *spool) fill(b *body) error {
	b.size, b.sum = p.size, p.sum
	if p.file != nil {
		b.form, b.file = inFile, p.name
		return p.install()
	}
	if p.buf == nil {
		return nil
	}
	b.data = p.buf[frameHead:]
	if len(b.data) >= squeezeFrom && !p.s.spooling.busy() {
		scratch := p.s.spooling.scratch.Get().(*[]byte)
		defer p.s.spooling.scratch.Put(scratch)
		if p.s.frames.pays(b.data, *scratch) {
			b.form, b.data = squeezed, p.s.frames.enc.EncodeAll(b.data, nil)
		}
	}
	return nil
}

// install syncs the file, moves it to its place and syncs the place.
func (p *spool) install() error {
	err := p.flush()
	if err == nil {
		err = p.file.Sync()
	}
	if err == nil {
		err = p.s.rename(p.tempPath(), p.name)
	}
	if err != nil {
		return fmt.Errorf("store message file: %w", explain(err))
	}
	return nil
}

// Discard implements store.Spool. The file goes too unless it was delivered.
func (p *spool) Discard() {
	if p.over {
		return
	}
	p.over = true
	p.s.spooling.open.Add(-1)
	if p.file != nil {
		p.file.Close()
		if !p.kept {
			os.Remove(p.tempPath())
			os.Remove(p.s.filePath(p.name))
			p.s.rawUsed.Add(-p.used)
		}
		p.giveBack(&p.s.spooling.chunks)
	} else if p.lent != nil {
		p.giveBack(&p.s.spooling.small)
	}
	p.buf = nil
}

// giveBack returns the memory, as large as it has become.
func (p *spool) giveBack(to *sync.Pool) {
	*p.lent = p.buf[:frameHead]
	to.Put(p.lent)
	p.lent = nil
}
