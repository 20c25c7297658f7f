// SPDX-License-Identifier: MIT

package webui

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"mailproof/render"
	"mailproof/report"
	"mailproof/text"
)

// Options is all that New needs.
type Options struct {
	Service Service
	// Texts must contain Texts() of this package, of render and of the checks.
	Texts *text.Catalog
	// Render makes the document of a report; nil: render.New.
	Render func(report.Report, *text.Printer) render.Document
	// Text writes a document for a terminal; nil: render.Terminal.
	Text func(io.Writer, render.Document, *text.Printer) error

	BaseURL  *url.URL // all absolute links are built from it
	Hostname string   // our own name, also answered to in Host
	Domain   string   // of the test addresses
	MX       string   // what the page tells people to connect to, "mx.example.org, port 25"
	Version  string
	Operator string // who runs this instance, shown in the foot; may be empty

	// TrustedProxies are the networks whose X-Forwarded-For counts.
	TrustedProxies []netip.Prefix
	// TestsPerMinute bounds creation, and analyses asked for, per /32 or /64; 0: DefaultTestsPerMinute.
	TestsPerMinute int
	// MaxMessageSize bounds an upload, in octets.
	MaxMessageSize int64

	// Examples are the mails that this instance sent to itself, in the order of
	// their page; nil: there is no such page.
	Examples func(context.Context) []Example

	// Counters are printed by /metrics as they are; nil: none.
	Counters func() []Counter
	Now      func() time.Time
	Log      *slog.Logger
	// Stopping is closed when the server begins to stop: streams and waits
	// end then, so that a shutdown need not wait for them. May be nil.
	Stopping <-chan struct{}
}

// A Counter is one line of /metrics.
type Counter struct {
	Name  string // "mailproof_messages_total"
	Help  string
	Gauge bool // else a counter
	Value float64
}

// Limits of what comes in. See also server.go.
const (
	DefaultTestsPerMinute = 60      // a test suite that makes one test per case stays below it
	maxBody               = 1 << 20 // a form or a JSON object; 1 MiB is far above any honest one
	maxLabel              = 200     // octets; a label is a line
	maxOverlay            = 64 << 10
	maxWait               = 2 * time.Minute  // of one long poll; proxies give up about then
	maxStream             = 30 * time.Minute // of one event stream; the browser comes back by itself
	heartbeat             = 15 * time.Second // below the idle timeout of common proxies
	maxID                 = 64               // octets; ids are shorter, anything longer is not one
)
