// SPDX-License-Identifier: MIT

// Package store says what keeping tests, messages and reports means;
// store/bolt does it, and storetest.Run decides whether it does.
package store

import (
	"context"
	"errors"
	"io"
	"time"

	"mailproof/evidence"
	"mailproof/report"
)

// Errors that callers branch on, with errors.Is.
var (
	ErrNotFound  = errors.New("not found")      // no such test, message or report; also expired and deleted ones
	ErrExists    = errors.New("exists already") // id or address is taken
	ErrTestFull  = errors.New("test holds its maximum of messages")
	ErrFull      = errors.New("no room to store it safely") // disk full: 452, and service returns by itself
	ErrNoWork    = errors.New("no work")
	ErrLeaseLost = errors.New("lease lost")
	ErrClosed    = errors.New("store is closed")
	ErrDamaged   = errors.New("stored data is damaged") // it will not be read any better another time
)

// A Test is one unguessable address with all that came to it.
type Test struct {
	ID        string    `json:"id"`    // secret of the owner
	Local     string    `json:"local"` // local part of the address, lower case; every relay sees it
	Label     string    `json:"label,omitempty"`
	Lang      string    `json:"lang,omitempty"`
	Overlay   string    `json:"overlay,omitempty"` // laid over the DNS of every analysis, zone text
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`

	// Below is kept by the store.
	Revision uint64    `json:"revision"`           // raised in the transaction of every change; 1 when created
	Messages []Message `json:"messages"`           // in order of arrival; numbers never change
	Attempts []Attempt `json:"attempts,omitempty"` // newest MaxAttempts that failed
}

// MaxAttempts bounds the failed attempts kept for a test: enough to see what
// is wrong, too few to fill a disk.
const MaxAttempts = 20

// A State is where a message stands.
type State string

// The states of a message. A test without messages is "waiting".
const (
	Waiting   State = "waiting"
	Received  State = "received"
	Analyzing State = "analyzing"
	Done      State = "done"
	Failed    State = "failed"
)

// A Message is the summary of one accepted message.
type Message struct {
	N          int       `json:"n"` // from 1
	ReceivedAt time.Time `json:"received_at"`
	Size       int64     `json:"size"` // octets
	From       string    `json:"from"` // MAIL FROM
	State      State     `json:"state"`
	Reports    int       `json:"reports"` // revisions of its report so far
	Score      int       `json:"score"`   // tenths, of the newest report, if done
}

// An Attempt is a session that named the address but delivered nothing.
type Attempt struct {
	At      time.Time        `json:"at"`
	Reason  string           `json:"reason"` // too-large, limit, broken-off, timed-out, refused, store-full, bad-data
	Reply   string           `json:"reply,omitempty"`
	Session evidence.Session `json:"session"`
}

// State of the newest message, or Waiting.
func (t *Test) State() State {
	if len(t.Messages) == 0 {
		return Waiting
	}
	return t.Messages[len(t.Messages)-1].State
}

// A Delivery is what becomes durable with a 250: one message for one or more
// tests (several test addresses in one transaction).
type Delivery struct {
	Locals     []string // local parts, each of a live test
	RcptTo     []string // full addresses as given, beside Locals
	ReceivedAt time.Time
	Session    evidence.Session // RcptTo is set from the slice above
	Receiver   string
}

// A Spool takes a message while it arrives. Small ones stay in memory, large
// ones go to a file; nothing of it is visible before Deliver. Discard releases
// it, may be called after Deliver, and more than once. Not safe for concurrent use.
type Spool interface {
	io.Writer // fails with ErrFull when the disk is full
	Size() int64
	Discard()
}

// A Lease is the right to analyse one message.
type Lease struct {
	TestID  string
	N       int
	Size    int64  // octets of the message
	Overlay string // of the test
	Token   uint64
	// Again counts how often an analysis of this message was cut short by
	// the end of the process. Two such marks: do not try again.
	Again int
}

// Store is what a backend implements. All methods are safe for concurrent use.
type Store interface {
	CreateTest(ctx context.Context, t Test) error
	// Test finds a live test by id; ByLocal by the local part of its address.
	Test(ctx context.Context, id string) (Test, error)
	// ByLocal is asked at RCPT for every guess of a stranger: it takes as
	// long for what exists as for what does not. ErrTestFull if it is full.
	ByLocal(ctx context.Context, local string) error
	DeleteTest(ctx context.Context, id string) error
	AddAttempt(ctx context.Context, local string, a Attempt) error

	NewSpool(ctx context.Context) (Spool, error)
	// Deliver returns only when the message, its session and its place in
	// the backlog would survive a power cut. All recipients or none; a test
	// that is named twice gets the message once.
	Deliver(ctx context.Context, d Delivery, s Spool) error

	// Evidence is message n of a test, whole; Raw only its octets.
	Evidence(ctx context.Context, testID string, n int) (evidence.Evidence, error)
	Raw(ctx context.Context, testID string, n int) (io.ReadCloser, int64, error)

	// Claim leases the oldest message that waits for its analysis, or
	// returns ErrNoWork; WaitWork blocks until Claim may have something.
	// While it is leased the message is Analyzing; that raises the revision,
	// and is forgotten when the process ends.
	Claim(ctx context.Context) (Lease, error)
	WaitWork(ctx context.Context) error
	// Finish stores the report as the message's next revision and takes the
	// message off the backlog, in one transaction. Release gives it back.
	Finish(ctx context.Context, l Lease, r report.Report) error
	Release(ctx context.Context, l Lease) error
	// Requeue puts an analysed message on the backlog again (202 reanalyze).
	Requeue(ctx context.Context, testID string, n int) error

	// Report is revision rev of the report of message n; 0: the newest.
	Report(ctx context.Context, testID string, n, rev int) (report.Report, error)

	// Wait returns the revision of the test as soon as it is higher than seen.
	Wait(ctx context.Context, testID string, seen uint64) (uint64, error)
	// Purge removes what has expired before now, in small transactions, and
	// says how many tests. Its cost is by what expires, not by what is stored.
	Purge(ctx context.Context, now time.Time) (int, error)
	// Probe reports whether a small write would be durable now (readyz).
	Probe(ctx context.Context) error
	Close() error
}
