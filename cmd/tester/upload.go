// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"net/netip"
	"time"

	"mailproof/config"
	"mailproof/evidence"
)

// uploaded is the evidence of a message that we did not receive ourselves:
// what was said of its delivery and, unless that is not wanted, what the
// message itself claims of the rest. at is when it was received; zero: as the
// message claims, or now.
func uploaded(raw []byte, e config.Envelope, at time.Time, receiver string) evidence.Evidence {
	ev := evidence.Evidence{Raw: wire(raw), Session: stated(e), ReceivedAt: at, Receiver: receiver}
	now := time.Now()
	if !e.NoRecover {
		msg := evidence.Parse(ev.Raw)
		ev.Session = evidence.Recover(msg, ev.Session)
		// A mail that was saved last week was not sent late.
		if hops := msg.Hops(); at.IsZero() && len(hops) > 0 && !hops[0].At.IsZero() && hops[0].At.Before(now) {
			ev.ReceivedAt = hops[0].At
			ev.Session.Recovered = append(ev.Session.Recovered, "received_at")
		}
	}
	if ev.ReceivedAt.IsZero() {
		ev.ReceivedAt = now
	}
	return ev
}

// wire undoes what keeping a message as a text file does to it: where every
// line ends in a bare LF, that is the file's way and not the sender's.
func wire(raw []byte) []byte {
	if bytes.Contains(raw, []byte("\r\n")) {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

// stated is what was said of the delivery.
func stated(e config.Envelope) evidence.Session {
	var s evidence.Session
	if ip, err := netip.ParseAddr(e.ClientIP); err == nil {
		s.ClientIP = ip.Unmap()
	}
	s.Helo, s.EHLO, s.RcptTo = e.Helo, e.Helo != "", e.RcptTo
	if e.MailFrom != nil {
		s.MailFrom, s.HasMailFrom = *e.MailFrom, true
	}
	if version, known := e.TLSVersion(); known {
		s.TLSKnown, s.TLSOffered = true, true
		if version != "" {
			s.TLS = &evidence.TLS{Version: version}
		}
	}
	return s
}
