// SPDX-License-Identifier: MIT

package smtpd

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"time"
)

// Options is everything a Server needs. Hostname, Domains and Inbox must be
// set; every other zero value has a default.
type Options struct {
	Hostname  string         // our own name, in the greeting and the EHLO reply
	Domains   []string       // of the test addresses; mail for any other is refused
	Inbox     Inbox          // takes what is received
	TLS       *tls.Config    // certificates for STARTTLS; nil: not offered
	ProxyFrom []netip.Prefix // who may say by PROXY protocol whom they speak for
	Limits    Limits
	Logger    *slog.Logger     // nil: silent; no addresses and no contents at info
	Now       func() time.Time // stamps deliveries; nil: time.Now. Deadlines always use the real clock
}

// Limits bounds what strangers may take. A zero field means its default; a
// negative BadRecipientDelay means none.
type Limits struct {
	MessageSize        int64         // octets of a message, exactly as advertised by SIZE; 35 MiB
	Sessions           int           // open connections in all; 1000
	SessionsPerClient  int           // per IPv4 address or IPv6 /64; 200
	SessionsPerNetwork int           // per IPv4 /24 or IPv6 /56; 500: no network can take all
	Session            time.Duration // a whole session, however busy; 20 min
	Command            time.Duration // to send one command, or finish a TLS handshake; 1 min
	Data               time.Duration // silence within a message; 1 min
	DataRate           int64         // octets a second that a message must keep up on average; 512
	DataGrace          time.Duration // before DataRate counts; 30 s
	Write              time.Duration // for a client to take our replies; 30 s
	ProxyWait          time.Duration // for a trusted proxy's header; then it counts as a client itself; 2 s
	CommandLine        int           // octets of a command line; 2048, as in Postfix (RFC 5321 asks for 512 and extensions add to it)
	Recipients         int           // per message; 100, the least RFC 5321 §4.5.3.1.8 allows
	Errors             int           // bad commands in a session; 10
	Commands           int           // without a delivered message, accepted recipients not counted; 100
	BadRecipients      int           // unknown addresses in a session; 10
	BadRecipientDelay  time.Duration // before the reply to the third and every later one; 1 s
	BytesInFlight      int64         // octets of messages being received, all clients; 2 GiB
	Drain              int64         // octets read past MessageSize to give a proper 552; MessageSize
	Linger             time.Duration // to let a client read our last words; 5 s
}

const (
	defaultMessageSize = 35 << 20
	defaultInFlight    = 2 << 30 // spools beyond 64 KB are on disk, so this is disk, not memory
	maxPath            = 512     // octets of MAIL FROM or RCPT TO: twice RFC 5321 §4.5.3.1.3, long VERP addresses are real
	maxLocal           = 255     // octets of a local part: RFC 5321 §4.5.3.1.1 says 64, bounce addresses of large senders exceed it
	maxHelo            = 255     // octets: RFC 5321 §4.5.3.1.2
	delayFrom          = 3       // the bad recipient from which on we answer late: two may be typing errors
	maxAttempts        = 10      // failed attempts recorded for one session: each is a write to the store
)

// withDefaults fills every zero field.
func (l Limits) withDefaults() Limits {
	l.MessageSize = cmp.Or(l.MessageSize, defaultMessageSize)
	l.Sessions = cmp.Or(l.Sessions, 1000)
	l.SessionsPerClient = cmp.Or(l.SessionsPerClient, 200)
	l.SessionsPerNetwork = cmp.Or(l.SessionsPerNetwork, 500)
	l.Session = cmp.Or(l.Session, 20*time.Minute)
	l.Command = cmp.Or(l.Command, time.Minute)
	l.Data = cmp.Or(l.Data, time.Minute)
	l.DataRate = cmp.Or(l.DataRate, 512)
	l.DataGrace = cmp.Or(l.DataGrace, 30*time.Second)
	l.Write = cmp.Or(l.Write, 30*time.Second)
	l.ProxyWait = cmp.Or(l.ProxyWait, 2*time.Second)
	l.CommandLine = min(cmp.Or(l.CommandLine, 2048), smallBuffer)
	l.Recipients = cmp.Or(l.Recipients, 100)
	l.Errors = cmp.Or(l.Errors, 10)
	l.Commands = cmp.Or(l.Commands, 100)
	l.BadRecipients = cmp.Or(l.BadRecipients, 10)
	l.BadRecipientDelay = cmp.Or(l.BadRecipientDelay, time.Second)
	l.BytesInFlight = cmp.Or(l.BytesInFlight, defaultInFlight)
	l.Drain = cmp.Or(l.Drain, l.MessageSize)
	l.Linger = cmp.Or(l.Linger, 5*time.Second)
	return l
}

// withDefaults also clones the TLS configuration, to ask for the client's
// certificate: it is evidence, and never required.
func (o Options) withDefaults() Options {
	o.Limits = o.Limits.withDefaults()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.TLS != nil {
		o.TLS = o.TLS.Clone()
		o.TLS.MinVersion = max(o.TLS.MinVersion, tls.VersionTLS12)
		if o.TLS.ClientAuth == tls.NoClientCert {
			o.TLS.ClientAuth = tls.RequestClientCert
		}
	}
	return o
}
