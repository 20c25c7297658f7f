// SPDX-License-Identifier: MIT

package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// schemaVersion is raised when an older program could misread the database.
const schemaVersion = 1

// The buckets. Tests have an inner number, given in order, so that what is
// new lies together and one commit touches few pages; the same holds for
// packs. Numbers in keys are big-endian.
//
//	meta      "schema" → version; "running" while a process has it open
//	ids       id → test
//	locals    local part → test
//	tests     test → testRecord, never changed
//	heads     test → headRecord, changed by everything that raises the revision
//	msgs      test, n → msgRecord
//	packs     pack, 0 → deliveries of one commit: session, and a small message itself
//	          pack, i → where the i-th of them lies in it
//	files     name of a message file → nothing; files not named here are orphans
//	backlog   number → test, n, marks; the order of analysis
//	reports   test, n, revision → compressed JSON
//	attempts  test, number → attemptRecord
//	expiry    time, test → nothing; the only index that Purge reads
var (
	bMeta     = []byte("meta")
	bIDs      = []byte("ids")
	bLocals   = []byte("locals")
	bTests    = []byte("tests")
	bHeads    = []byte("heads")
	bMsgs     = []byte("msgs")
	bPacks    = []byte("packs")
	bFiles    = []byte("files")
	bBacklog  = []byte("backlog")
	bReports  = []byte("reports")
	bAttempts = []byte("attempts")
	bExpiry   = []byte("expiry")

	allBuckets = [][]byte{bMeta, bIDs, bLocals, bTests, bHeads, bMsgs, bPacks,
		bFiles, bBacklog, bReports, bAttempts, bExpiry}

	kSchema  = []byte("schema")
	kRunning = []byte("running")
	kProbe   = []byte("probe")
)

// appendFill is the fill of pages in buckets that only grow at their end.
const appendFill = 0.95

func key64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func msgKey(tid uint64, n int) []byte {
	return binary.BigEndian.AppendUint32(key64(tid), uint32(n))
}

func reportKey(tid uint64, n, rev int) []byte {
	return binary.BigEndian.AppendUint32(msgKey(tid, n), uint32(rev))
}

func pairKey(a, b uint64) []byte { return binary.BigEndian.AppendUint64(key64(a), b) }

// num reads a number as key64 wrote it; anything else is 0, which no test,
// delivery or backlog entry has.
func num(b []byte) uint64 {
	if len(b) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// checkSchema refuses a database that is not ours or that is too new.
func checkSchema(tx *bbolt.Tx) error {
	meta := tx.Bucket(bMeta)
	if meta == nil {
		return fmt.Errorf("%w: no bucket %q: not a database of this program", ErrCorrupt, bMeta)
	}
	v := num(meta.Get(kSchema))
	if v > schemaVersion {
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, v, schemaVersion)
	}
	if v == 0 {
		return fmt.Errorf("%w: no schema version", ErrCorrupt)
	}
	for _, name := range allBuckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: no bucket %q", ErrCorrupt, name)
		}
	}
	return nil
}

func createSchema(tx *bbolt.Tx) error {
	var errs []error
	for _, name := range allBuckets {
		_, err := tx.CreateBucket(name)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return tx.Bucket(bMeta).Put(kSchema, key64(schemaVersion))
}
