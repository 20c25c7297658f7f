// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"testing"
	"time"

	"mailproof/config"
)

const saved = "Return-Path: <a@sender.example>\n" +
	"Received: from mail.sender.example (mail.sender.example [198.51.100.9]) by mx.example; Sat, 07 Nov 2026 01:00:01 +0000\n" +
	"From: a@sender.example\nDate: Sat, 07 Nov 2026 01:00:00 +0000\n\nhi\n"

// A mail from a file is judged as of its own arrival, by what it claims.
func TestUploadedMessage(t *testing.T) {
	t.Parallel()
	arrived := time.Date(2026, 11, 7, 1, 0, 1, 0, time.UTC)
	given := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name      string
		raw       string
		env       config.Envelope
		at, want  time.Time
		recovered []string
	}{
		{"as it claims", saved, config.Envelope{}, time.Time{}, arrived, []string{"client_ip", "helo", "mail_from", "received_at"}},
		{"time given", saved, config.Envelope{}, given, given, []string{"client_ip", "helo", "mail_from"}},
		{"nothing recovered", saved, config.Envelope{NoRecover: true}, given, given, nil},
		{"nothing to recover", "From: a@b.example\n\nhi\n", config.Envelope{}, given, given, nil},
	} {
		ev := uploaded([]byte(c.raw), c.env, c.at, "mx")
		if !ev.ReceivedAt.Equal(c.want) || !slices.Equal(ev.Session.Recovered, c.recovered) {
			t.Errorf("%s: %v %v", c.name, ev.ReceivedAt, ev.Session.Recovered)
		}
	}
	future := uploaded([]byte("Received: by x; Sat, 07 Nov 2099 01:00:01 +0000\n\n"), config.Envelope{}, time.Time{}, "mx")
	if future.ReceivedAt.After(time.Now()) {
		t.Error("a claim about the future is believed")
	}
}

func TestOnlyAFileOfBareLineFeedsIsMended(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"a\nb\n": "a\r\nb\r\n", "a\r\nb\n": "a\r\nb\n", "a\r\n": "a\r\n"} {
		if got := string(wire([]byte(raw))); got != want {
			t.Errorf("wire(%q) = %q", raw, got)
		}
	}
}
