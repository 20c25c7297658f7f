// SPDX-License-Identifier: MIT

package webui

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"mailproof/report"
	"mailproof/store"
)

// Service is what the pages and the API need from the rest of the program.
// All methods are safe for concurrent use. Whatever does not exist, is
// expired or was deleted is store.ErrNotFound, without a difference.
type Service interface {
	Tests
	Reports
	Analyzer
	// Ready says why no mail could be taken safely now; nil if it could.
	Ready(ctx context.Context) error
}

// Tests keeps tests.
type Tests interface {
	// CreateTest mints id and address. ErrInput, wrapped, for an overlay that
	// does not parse; store.ErrFull when there is no room.
	CreateTest(ctx context.Context, t NewTest) (store.Test, error)
	Test(ctx context.Context, id string) (store.Test, error)
	// Wait returns the revision of the test once it is higher than seen.
	Wait(ctx context.Context, id string, seen uint64) (uint64, error)
	DeleteTest(ctx context.Context, id string) error
}

// Reports gives out what came in and what was concluded.
type Reports interface {
	// Report is revision rev of the report of message n; rev 0: the newest.
	Report(ctx context.Context, id string, n, rev int) (report.Report, error)
	// Raw is message n as received, and its size in octets.
	Raw(ctx context.Context, id string, n int) (io.ReadCloser, int64, error)
	// Progress tells of the running analyses of a test, first of all where
	// the present one stands. The channel is closed when ctx ends. A reader
	// that is slow misses values, never the order.
	Progress(ctx context.Context, id string) <-chan Progress
}

// Analyzer starts analyses.
type Analyzer interface {
	// Reanalyze puts message n on the backlog again.
	Reanalyze(ctx context.Context, id string, n int) error
	// WhatIf analyses message n on its recorded answers with the overlay laid
	// over them. Nothing is stored. ErrInput, wrapped, for a bad overlay.
	WhatIf(ctx context.Context, id string, n int, o Overlay) (report.Report, error)
	// Analyze examines an uploaded message. Nothing is stored. ErrInput,
	// wrapped, for an address or a name that does not parse.
	Analyze(ctx context.Context, u Upload) (report.Report, error)
}

// ErrInput marks an error whose text tells the user what is wrong with what
// was sent. It is shown as it is, so it must not speak of the inside.
var ErrInput = errors.New("invalid input")

// A NewTest is what its maker may say about a test.
type NewTest struct {
	Label   string
	Lang    string // one of text.Languages, or empty
	Overlay Overlay
}

// An Overlay is a list of DNS changes, as the contract's overlay text or as
// the JSON array of fix.dns objects; at most one of them is set.
type Overlay struct {
	Text    string
	Changes json.RawMessage
}

// Empty reports whether there is nothing to lay over the DNS.
func (o Overlay) Empty() bool { return o.Text == "" && len(o.Changes) == 0 }

// Progress is how far the analysis of message N is.
type Progress struct {
	N     int    `json:"n"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Check string `json:"check"` // the one that just ended
}

// An Upload is a message with what is known of its delivery; empty fields
// are recovered from the message, as the contract says.
type Upload struct {
	Raw       []byte
	ClientIP  string
	Helo      string
	MailFrom  *string // nil: not given; "": the null sender
	RcptTo    string
	TLS       string
	NoRecover bool
	Overlay   string
}
