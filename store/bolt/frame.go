// SPDX-License-Identifier: MIT

package bolt

import (
	"encoding/binary"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

const (
	// chunkSize is how much of a message makes one zstd frame: the memory of
	// a spool, the window of every reader, and the largest block that zstd
	// allows, so that one block can hold it as it is (RFC 8878 §3.1.1.2.4).
	chunkSize = 128 << 10
	// sampleSize of a chunk are compressed to see whether it pays.
	sampleSize = 4 << 10
	// worthwhile: a sample that stays above two thirds is stored as it is. That
	// is base64 of something compressed, which shrinks by a quarter but
	// costs more time than the disk needs.
	worthwhile = sampleSize * 2 / 3
	// frameHead precedes octets that are stored as they are.
	frameHead = 12
	// squeezeFrom is the size from which a small message is compressed: below,
	// it takes longer than writing the difference.
	squeezeFrom = 8 << 10
)

// A framer makes zstd frames. Each chunk is a frame of its own, so nothing is
// held between chunks and the encoders are shared by all spools.
type framer struct{ enc *zstd.Encoder }

func newFramer() *framer {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(chunkSize),
		zstd.WithEncoderCRC(false), // the whole message has a sum
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)))
	if err != nil {
		panic(err) // the options are constants
	}
	return &framer{enc}
}

// pays reports whether compressing p makes it notably smaller.
func (f *framer) pays(p []byte, scratch []byte) bool {
	if len(p) > sampleSize {
		at := (len(p) - sampleSize) / 2
		p = p[at : at+sampleSize]
	}
	return len(f.enc.EncodeAll(p, scratch[:0])) <= len(p)*worthwhile/sampleSize
}

// frame makes one zstd frame of the chunk, which begins at buf[frameHead:].
// The result lies in buf or in scratch.
func (f *framer) frame(buf, scratch []byte) []byte {
	chunk := buf[frameHead:]
	if f.pays(chunk, scratch) {
		return f.enc.EncodeAll(chunk, scratch[:0])
	}
	// RFC 8878 §3.1.1: magic; descriptor: single segment, four octets of
	// content size; block header: last, raw, size.
	binary.LittleEndian.PutUint32(buf, 0xFD2FB528)
	buf[4] = 0xA0
	binary.LittleEndian.PutUint32(buf[5:], uint32(len(chunk)))
	block := uint32(len(chunk))<<3 | 1
	buf[9], buf[10], buf[11] = byte(block), byte(block>>8), byte(block>>16)
	return buf
}
