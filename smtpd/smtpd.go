// SPDX-License-Identifier: MIT

// Package smtpd receives mail for test addresses and answers 250 only once it
// is safe. It records what it observes and judges nothing.
package smtpd

import (
	"context"
	"errors"
	"io"
	"time"

	"mailproof/evidence"
)

// Errors of an Inbox that have a reply of their own.
var (
	ErrNoSuchAddress = errors.New("no such address")  // 550 5.1.1
	ErrTestFull      = errors.New("test is full")     // 452 4.2.2
	ErrStoreFull     = errors.New("no room to store") // 452 4.3.1
)

// An Inbox takes messages for test addresses. Implementations are safe for
// concurrent use; cmd/tester adapts the store to it.
type Inbox interface {
	// Recipient reports whether mail for the local part is taken: nil,
	// ErrNoSuchAddress or ErrTestFull. It takes as long for what exists as
	// for what does not.
	Recipient(ctx context.Context, local string) error
	// Spool begins a message; ErrStoreFull when there is no room.
	Spool(ctx context.Context) (Spool, error)
	// Deliver returns nil only when message and session would survive a power cut.
	Deliver(ctx context.Context, d Delivery, s Spool) error
	// Failed records a session that named an address but delivered nothing.
	Failed(ctx context.Context, local string, a Attempt)
}

// A Spool takes the octets of one message while they arrive; a Write fails
// with ErrStoreFull when there is no room.
type Spool interface {
	io.Writer
	Discard()
}

// A Delivery is one accepted message for one or more test addresses.
type Delivery struct {
	Locals     []string // lower case, without +tag
	RcptTo     []string // as given, beside Locals
	ReceivedAt time.Time
	Session    evidence.Session
}

// An Attempt is what failed at an address. Reason is one of too-large, limit,
// broken-off, timed-out, refused, store-full, bad-data.
type Attempt struct {
	At      time.Time
	Reason  string
	Reply   string
	Session evidence.Session
}
